"""Events: what a room announces, as frozen dataclasses that survive being written down."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, cast

import msgspec

from rapport.kernel.actors import Actor

#: Every kind of event there is, by its stored name.
KINDS: dict[str, type[Event]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """News of one thing that happened. Subclasses add fields that JSON can hold and set `kind`.

    `at` is when it happened for the outside world (a provider's time); None means now.
    """

    kind: ClassVar[str] = ""
    #: Days after which the row may go; None keeps it for good, because measures need it.
    keep_days: ClassVar[int | None] = None

    by: Actor
    at: datetime | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            KINDS[cls.kind] = cls

    @property
    def subject(self) -> tuple[str, int]:
        """The kind and id of the row that this is about, such as ("conversation", 1042)."""
        return "", 0

    @property
    def streams(self) -> tuple[str, ...]:
        """The live streams on which somebody may be waiting for this."""
        kind, number = self.subject
        return (f"{kind}:{number}",) if kind else ()

    def details(self) -> dict[str, Any]:
        """The fields of its own, ready for JSON."""
        built: dict[str, Any] = msgspec.to_builtins(self._own())
        return built

    def details_json(self) -> str:
        """The same as JSON text."""
        return msgspec.json.encode(self._own()).decode()

    def _own(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _own_names(cast(Any, type(self)))}


@functools.cache
def _own_names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls) if field.name not in ("by", "at"))


def event_of(kind: str, *, by: Actor, at: datetime, details: dict[str, Any]) -> Event:
    """Build the event again from what was written; fields that it no longer has are left out."""
    cls = KINDS[kind]
    names = {f.name for f in fields(cls)}
    own = {name: value for name, value in details.items() if name in names}
    return msgspec.convert({"by": by, "at": at, **own}, cls, strict=False)
