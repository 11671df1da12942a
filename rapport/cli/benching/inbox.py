"""Inbox: the pages that an agent looks at all day, at 10,000 and at 1,000,000 messages.

Eight readers at once over HTTP with a session each: the list of all, the open ones, a filtered one, a page deep
down, and a conversation of fifty messages, whole and as a click on its row opens it. Told is the worst page's p95
of the time that the edge took; before it what opening takes, beside its budget.
"""

from __future__ import annotations

import random

from rapport.cli.benching.filling import LONG_CONVERSATIONS
from rapport.cli.benching.growing import measure_growth

OPENING_MS = 40


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    pages = {
        "all": lambda _draw: "/inbox/all",
        "open": lambda _draw: "/inbox/open",
        "unassigned": lambda _draw: "/inbox/unassigned",
        "mine": lambda _draw: "/inbox/mine",
        "conversation": _long_conversation,
        "opening": _long_conversation,
    }
    return measure_growth("inbox", pages, as_json=as_json, budgets={"opening": OPENING_MS})


def _long_conversation(draw: random.Random) -> str:
    return f"/inbox/conversations/C-{draw.choice(LONG_CONVERSATIONS)}?shelf=all"
