"""Layering: the style sheets in the order in which they stand in the one file that pages load.

Each names its `@layer`, so the order among layers is that of `layers.css`; within one the later rule wins.
"""

from __future__ import annotations

SHEETS = (
    *("layers", "tokens", "contrast", "reset", "base", "layout"),
    *("icon", "button", "menu", "face", "tag", "find", "forms", "table", "flash", "dialog"),
    *("palette", "preview", "candidates", "builder", "side", "picked"),
    *("empty", "views", "row", "thread", "message", "mail", "composer", "person", "customer"),
    "told",
    *("page", "settings", "utilities", "print"),
)
