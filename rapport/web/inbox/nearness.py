"""Nearness: how near a wait is to the time within which an answer is expected.

Two thresholds for all, until there are promises: whoever knows them answers here.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext

#: After so many seconds a wait is soon to be, and is, too long.
SOON, LATE = 4 * 3600, 24 * 3600


class Nearness(NamedTuple):
    """How it is coloured, and the word that says the same; empty while there is time."""

    css: str
    word: str


def nearness_of(wait: float) -> Nearness:
    """Of a customer who has waited so many seconds."""
    if wait > LATE:
        return Nearness("due--late", gettext("overdue"))
    return Nearness("due--soon", gettext("due soon")) if wait > SOON else Nearness("", "")
