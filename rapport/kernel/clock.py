"""The clock: the one place that asks what time it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Let it be `moment` (aware) for this thread or task within the block: history is made with it."""
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
