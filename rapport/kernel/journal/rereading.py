"""Rereading: a follower reads the journal again from row one, beside what it reads anyway.

What it has built stays meanwhile and is mended as it goes, and news come first. How far it is stands in a cursor
of its own, which moves with each batch: whoever takes over goes on there, and asking again changes nothing.

A follower that must begin with nothing (`forget`) starts over instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rapport.kernel.journal.following import FOLLOWERS, Follower, follow_on, start_over, step_on
from rapport.kernel.journal.models import Cursor, Entry, Stumble
from rapport.kernel.journal.positions import Position

#: What the name of a cursor ends with that reads again.
AGAIN = "~again"


@dataclass(frozen=True, slots=True)
class Rereading:
    """How far a follower is that reads again: percent, and the error over which it stumbles just now."""

    percent: int
    error: str
    moved_at: datetime


def rebuild(name: str) -> bool:
    """Let a follower read everything again; False where it does already. Takes no time of the caller."""
    if FOLLOWERS[name].forget:
        start_over(name)
        return True
    newest = Entry.objects.order_by("-era", "-xid", "-id").first()
    goal = str(newest.position) if newest else ""
    with transaction.atomic():
        Stumble.objects.filter(follower=name).delete()
        Cursor.objects.filter(name=name).update(failures=0, error="", retry_at=None)
        if not goal:
            return False
        _cursor, is_new = Cursor.objects.get_or_create(name=name + AGAIN, defaults={"goal": goal})
    return is_new


def read_on(follower: Follower) -> int:
    """News first; where there are none a stretch of what is read again. Returns how many entries were read."""
    return follow_on(follower) or _reread(follower)


def rereadings() -> dict[str, Rereading]:
    """Who reads again, by name of the follower."""
    going = Cursor.objects.filter(name__endswith=AGAIN)
    return {cursor.name.removesuffix(AGAIN): _told(cursor) for cursor in going}


def _reread(follower: Follower) -> int:
    name = follower.name + AGAIN
    known = Cursor.objects.filter(name=name).first()
    if known is None:
        return 0
    if known.position >= Position.parse(known.goal):
        Cursor.objects.filter(name=name, entry=known.entry).delete()
        return 0
    return step_on(follower, name)


def _told(cursor: Cursor) -> Rereading:
    goal = Position.parse(cursor.goal)
    percent = min(99, 100 * cursor.entry // max(goal.id, 1))
    return Rereading(percent, cursor.error if cursor.failures else "", cursor.moved_at)
