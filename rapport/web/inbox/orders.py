"""Orders: by what the rows of a shelf stand, as one moment and an id each, so that any list can be cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rapport.kernel.asking import Question
from rapport.web.kit.paging import EPOCH, Key

#: A step of priority weighs more than any time that a message can have.
STEP = timedelta(microseconds=10**16)


class Timed(Protocol):
    """What of a row says where it stands."""

    @property
    def last_message_at(self) -> datetime: ...
    @property
    def waiting_since(self) -> datetime | None: ...
    @property
    def priority(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns of `c`, and whether the least stands on top."""

    columns: tuple[str, ...] = ("last_message_at",)
    rising: bool = False

    @property
    def clause(self) -> str:
        """For ORDER BY; the id makes it one order."""
        direction = "ASC" if self.rising else "DESC"
        return ", ".join(f"c.{column} {direction}" for column in (*self.columns, "id"))

    def behind(self, key: Key) -> Question:
        """The condition for what comes after a key."""
        columns = ", ".join(f"c.{column}" for column in (*self.columns, "id"))
        values: dict[str, Any] = {"at": key.at, "id": key.id}
        named = ["%(at)s::timestamptz", "%(id)s::bigint"]
        if "priority" in self.columns:
            steps, rest = divmod(key.at - EPOCH, STEP)
            values |= {"at": EPOCH + rest, "priority": steps}
            named = ["%(priority)s::int", *named]
        return Question(f"({columns}) {'>' if self.rising else '<'} ({', '.join(named)})", values)

    def moment_of(self, row: Timed) -> datetime:
        """Where the row stands: its time, or its priority and its time in one."""
        if "waiting_since" in self.columns:
            return row.waiting_since or row.last_message_at
        if "priority" in self.columns:
            return row.last_message_at + row.priority * STEP
        return row.last_message_at

    def moment_of_columns(self, values: tuple[Any, ...]) -> datetime:
        """The same, of the columns alone."""
        at: datetime = values[-1]
        return at + values[0] * STEP if "priority" in self.columns else at


NEWEST = Order()
OLDEST = Order(rising=True)
WAITING = Order(("waiting_since",), rising=True)
PRESSING = Order(("priority", "last_message_at"))
ORDERS = {"newest": NEWEST, "oldest": OLDEST, "waiting": WAITING, "priority": PRESSING}
