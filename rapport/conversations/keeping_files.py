"""Keeping files: a content lies once, for everybody who names it, and goes when nobody does.

Whoever is about to name a content shares its lock until the row is committed; whoever takes it away must have
the lock alone. So a file that is just being named again is never taken away, and nobody waits in a circle: who
takes away waits for nothing and comes again.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from procrastinate.contrib.django import app

from rapport.conversations.models import Attachment
from rapport.kernel.pg.locking import share_names, try_lock_name
from rapport.kernel.storage import delete_file, name_of, store_file

DISCARD = "conversations.discard_content"
LOCK = "conversations.content"


class ContentBusy(Exception):
    """Somebody is about to name this content; look again when that is committed or not."""


def keep_content(data: bytes, *, sha256: str) -> str:
    """Store the bytes durably, in the transaction that will name them; returns the name. Raises OSError."""
    share_contents([name_of(sha256)])
    return store_file(data, sha256=sha256)


def share_contents(stored_names: Iterable[str]) -> None:
    """Let nobody take these contents away before the end of this transaction."""
    with connection.cursor() as cursor:
        share_names(cursor, LOCK, stored_names)


def discard_content(stored_name: str) -> bool:
    """Take the file away unless somebody names it; whether it is gone. Raises ContentBusy, OSError."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not try_lock_name(cursor, LOCK, stored_name):
            raise ContentBusy
        if Attachment.objects.filter(stored_name=stored_name).exists():
            return False
        delete_file(stored_name)
    return True


def defer_discarding(stored_names: Iterable[str]) -> None:
    """Have these contents looked at when this transaction is committed, also if nobody survives until then."""
    for name in sorted(set(stored_names) - {""}):
        app.configure_task(DISCARD, queue="tending").defer(stored_name=name)
