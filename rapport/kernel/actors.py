"""Actors: whoever did a thing. Every write and every row of the journal names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["agent", "customer", "rule", "assistant", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a kind, the row's id within that kind (None for the system) and a name to show."""

    kind: ActorKind
    id: int | None
    name: str = ""

    @classmethod
    def system(cls, name: str = "") -> Actor:
        """The software itself; `name` says which part of it."""
        return cls("system", None, name)
