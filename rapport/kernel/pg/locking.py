"""Locking: one name, one lock, in the database that everybody shares.

Advisory locks are numbers to PostgreSQL. Here they get names: a namespace of a room and a value in it. The
locks are held until the transaction ends, so nothing that dies can keep one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Protocol

#: Waits for the lock; one parameter, the key.
LOCK = "SELECT pg_advisory_xact_lock(%s)"
#: True when the lock was free and is ours now; one parameter, the key.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
#: Waits for many locks, in one order for everybody; one parameter, the list of keys.
LOCK_ALL = """\
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT unnest(%s::bigint[]) AS key ORDER BY 1) AS keys"""

#: The same, shared with others who share it; nobody has such a lock alone meanwhile.
SHARE_ALL = """\
SELECT pg_advisory_xact_lock_shared(key)
FROM (SELECT DISTINCT unnest(%s::bigint[]) AS key ORDER BY 1) AS keys"""


class Cursor(Protocol):
    """A cursor of psycopg or of Django."""

    def execute(self, query: str, params: list[Any], /) -> Any: ...

    def fetchone(self) -> Any: ...


def advisory_key(namespace: str, value: object) -> int:
    """The signed 64-bit key of a name, the same in every process and on every machine.

    >>> advisory_key("customers.identity", "dora@example.com")
    -1278501016007499491
    """
    words = f"{namespace}\0{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(words, digest_size=8).digest(), "big", signed=True)


def lock_name(cursor: Cursor, namespace: str, value: object) -> None:
    """Wait for the lock of one name; it is ours until the transaction ends."""
    cursor.execute(LOCK, [advisory_key(namespace, value)])


def try_lock_name(cursor: Cursor, namespace: str, value: object) -> bool:
    """Take the lock of one name if nobody has it; whether it is ours now."""
    cursor.execute(TRY_LOCK, [advisory_key(namespace, value)])
    return bool(cursor.fetchone()[0])


def lock_names(cursor: Cursor, namespace: str, values: Iterable[object]) -> None:
    """Wait for the locks of many names in key order, so that two who want the same never embrace."""
    keys = [advisory_key(namespace, value) for value in values]
    if keys:
        cursor.execute(LOCK_ALL, [keys])


def share_names(cursor: Cursor, namespace: str, values: Iterable[object]) -> None:
    """Share the locks of many names, in key order: waits only for somebody who has one of them alone."""
    keys = [advisory_key(namespace, value) for value in values]
    if keys:
        cursor.execute(SHARE_ALL, [keys])
