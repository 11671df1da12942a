"""Web: what people see. One package per surface; it loads, asks one ability, and shows fragments."""

from __future__ import annotations
