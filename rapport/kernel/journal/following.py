"""Following: who reads the journal, and the step that takes a follower forward.

A follower fails alone: its cursor stays where it was, its error is kept, it tries again later and after
`PATIENCE` tries the entry that it stumbles over is set aside, seen on the health page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction

from rapport.kernel import clock
from rapport.kernel.journal.events import Event
from rapport.kernel.journal.positions import SETTLED, START, Position
from rapport.kernel.pg.hushing import words_of

if TYPE_CHECKING:
    from rapport.kernel.journal.models import Cursor, Entry

log = logging.getLogger("rapport.journal")
PATIENCE = 5
E_ = TypeVar("E_", bound=Event)
Companion = Callable[[Any], None]
Handler = Callable[[Sequence["Entry"]], None]

COMPANIONS: dict[type[Event], list[Companion]] = {}


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows, what it listens for (nothing means all), and what it does with a batch."""

    name: str
    kinds: frozenset[str]
    handle: Handler
    batch: int
    rest: float
    forget: Callable[[], None] | None


FOLLOWERS: dict[str, Follower] = {}


def accompany(*events: type[E_]) -> Callable[[Callable[[E_], None]], Callable[[E_], None]]:
    """Register a function that writes in the very commit of an event (a reply and its delivery)."""

    def register(companion: Callable[[E_], None]) -> Callable[[E_], None]:
        for event in events:
            COMPANIONS.setdefault(event, []).append(companion)
        return companion

    return register


def companions_of(event: type[Event]) -> Sequence[Companion]:
    """The functions that share the commit of this kind of event."""
    return COMPANIONS.get(event, ())


def follow(
    name: str,
    *events: type[Event],
    batch: int = 500,
    rest: float = 0.0,
    forget: Callable[[], None] | None = None,
) -> Callable[[Handler], Handler]:
    """Register a follower: `handle(entries)` is called in a transaction with its cursor.

    `rest` is how many seconds it lets news gather after the bell: what may come a little later costs a
    fraction when it comes in heaps. `forget` clears what the follower has built, so that it can be rebuilt
    from row one.
    """

    def register(handle: Handler) -> Handler:
        kinds = frozenset(event.kind for event in events)
        FOLLOWERS[name] = Follower(name, kinds, handle, batch, rest, forget)
        return handle

    return register


#: Whether anything stands behind the cursor: asked without a lock, since mostly nothing does. The order
#: makes the planner take the index; an EXISTS read the whole journal up to the first new entry.
_HAS_NEWS = f"""
SELECT (SELECT 1 FROM journal_entry WHERE (era, xid, id) > (c.era, c.xid, c.entry) AND {SETTLED}
        ORDER BY era, xid, id LIMIT 1)
FROM journal_cursor c WHERE name = %s
"""  # noqa: S608
#: A stretch of the line in one row: where it ends, which of its entries are wanted, and how many it has.
_STRETCH = f"""
WITH line AS (
    SELECT era, xid, id, kind FROM journal_entry
    WHERE (era, xid, id) > (%s, %s, %s) AND {SETTLED}
    ORDER BY era, xid, id LIMIT %s
)
SELECT count(*), array_agg(id) FILTER (WHERE %s OR kind = ANY(%s)),
       (SELECT ARRAY[era, xid, id] FROM line ORDER BY era DESC, xid DESC, id DESC LIMIT 1)
FROM line
"""  # noqa: S608
_WANTED = "SELECT * FROM journal_entry WHERE id = ANY(%s) ORDER BY era, xid, id"
#: What a follower builds and its cursor are one commit: where a crash takes the last of them, it is built
#: again. So nobody waits for the disk, and those who must (arrivals, replies) find it free.
_UNHURRIED = "SET LOCAL synchronous_commit TO off"


def follow_on(follower: Follower) -> int:
    """Take one batch; returns how many entries were read, 0 when there is nothing or it must wait."""
    if not _has_news(follower.name):
        return 0
    return step_on(follower, follower.name)


def step_on(follower: Follower, name: str) -> int:
    """One batch behind the cursor of that name, or a stumble; 0 where there is nothing or it must wait."""
    try:
        with transaction.atomic():
            cursor = taken(name)
            return 0 if cursor is None else _follow_stretch(follower, cursor)
    except Exception as error:
        log.exception("follower stumbled", extra={"follower": name})
        return _stumble(follower, name, error)


def _has_news(name: str) -> bool:
    from rapport.kernel.journal.models import Cursor  # models need the app registry

    with connection.cursor() as asking:
        row = asking.execute(_HAS_NEWS, [name]).fetchone()
    if row is None:
        Cursor.objects.get_or_create(name=name)
    return row is None or bool(row[0])


def _follow_stretch(follower: Follower, cursor: Cursor) -> int:
    """Read only what is wanted: most followers want one kind of many."""
    from rapport.kernel.journal.models import Entry

    with connection.cursor() as asking:
        asking.execute(_UNHURRIED)
        kinds = sorted(follower.kinds)
        asking.execute(_STRETCH, [*cursor.position, follower.batch, not kinds, kinds])
        count, wanted, end = asking.fetchone()
    if not count:
        return 0
    if wanted:
        follower.handle(list(Entry.objects.raw(_WANTED, [wanted])))
    _move(cursor, Position(*end))
    return int(count)


def read_after(position: Position, *, limit: int) -> list[Entry]:
    """The entries behind a position in the order of their transactions.

    Only transactions older than every one still open are shown: a commit that comes late is then
    never behind somebody's cursor.
    """
    from rapport.kernel.journal.models import Entry

    return list(
        Entry.objects.raw(
            f"""SELECT * FROM journal_entry
               WHERE (era, xid, id) > (%s, %s, %s) AND {SETTLED}
               ORDER BY era, xid, id LIMIT %s""",  # noqa: S608
            [*position, limit],
        )
    )


def start_over(name: str) -> None:
    """Forget what a follower built and let it read again from row one; until then that is missing."""
    from rapport.kernel.journal.models import Cursor, Stumble

    follower = FOLLOWERS[name]
    with transaction.atomic():
        Cursor.objects.get_or_create(name=name)
        Cursor.objects.select_for_update().get(name=name)
        if follower.forget:
            follower.forget()
        Stumble.objects.filter(follower=name).delete()
        Cursor.objects.filter(name=name).update(
            era=START.era, xid=START.xid, entry=START.id, failures=0, error="", retry_at=None
        )


def taken(name: str) -> Cursor | None:
    """The cursor of that name, locked; None where another has it, or it must wait."""
    from rapport.kernel.journal.models import Cursor

    cursor = Cursor.objects.select_for_update(skip_locked=True).filter(name=name).first()
    if cursor is None or (cursor.retry_at and cursor.retry_at > clock.now()):
        return None
    return cursor


def _move(cursor: Cursor, position: Position) -> None:
    type(cursor).objects.filter(name=cursor.name).update(
        era=position.era,
        xid=position.xid,
        entry=position.id,
        moved_at=clock.now(),
        failures=0,
        error="",
        retry_at=None,
    )


def _stumble(follower: Follower, name: str, error: Exception) -> int:
    from rapport.kernel.journal.models import Cursor

    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get(name=name)
        cursor.failures += 1
        cursor.error = words_of(error)[:2000]
        cursor.retry_at = clock.now() + timedelta(seconds=min(2**cursor.failures, 60))
        if cursor.failures > PATIENCE:
            _set_aside(follower, cursor)
        cursor.save()
    return 0


def _set_aside(follower: Follower, cursor: Cursor) -> None:
    """Go through the batch one by one; keep what works, set aside what does not."""
    from rapport.kernel.journal.models import Stumble

    for entry in read_after(cursor.position, limit=follower.batch):
        try:
            with transaction.atomic():
                if not follower.kinds or entry.kind in follower.kinds:
                    follower.handle([entry])
        except Exception as error:
            Stumble.objects.get_or_create(
                follower=follower.name,
                entry_id=entry.id,
                defaults={"error": words_of(error)[:2000]},
            )
        cursor.era, cursor.xid, cursor.entry = entry.position
    cursor.failures, cursor.retry_at = 0, None
