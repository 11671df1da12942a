"""The journal: one row for each thing that happened, in the order in which it was committed.

Words: an *event* is what a room announces; an *entry* is its row; a *position* is its place in line;
a *follower* reads entries after its own cursor; a *companion* writes in the same commit.
It never changes a row that it wrote, and it never knows what an event means.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapport.kernel.journal.events import Event
    from rapport.kernel.journal.following import accompany, follow
    from rapport.kernel.journal.positions import Position
    from rapport.kernel.journal.recording import record, record_all

__all__ = ["Event", "Position", "accompany", "follow", "record", "record_all"]

_HOMES = {
    "Event": "events",
    "Position": "positions",
    "accompany": "following",
    "follow": "following",
    "record": "recording",
    "record_all": "recording",
}


def __getattr__(name: str) -> Any:
    """Fetch a word when it is first used: whoever only compares positions (the edge) loads no models."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
