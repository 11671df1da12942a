"""Naming channels: a filter knows a channel by its name or its address."""

from __future__ import annotations

from rapport.conversations.settling_names import NAMED

NAMED["channel"] = (
    "channels_channel",
    "name",
    "lower({name}) IN (lower(name), lower(nullif(address, '')))",
)
