"""Channels: how messages travel.

Words: a *channel* is one mailbox, number or account; an *envelope* is an arrival as raw bytes, kept before it is
acknowledged; a *delivery* is the way of one message out. One package per channel, all of the same shape.
It never decides what a conversation is: it hands over what arrived and listens for what to send.
"""

from __future__ import annotations
