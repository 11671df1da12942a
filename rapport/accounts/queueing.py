"""Queueing: those who give out the same kind of name come one after another.

A look whether a name is free and the row that takes it are two steps: two who take them at the same instant
would both find it free, and one of them would meet the constraint instead of a sentence.
"""

from __future__ import annotations

from typing import Literal

from django.db import connection

from rapport.kernel.pg.locking import lock_name


def one_at_a_time(
    what: Literal["team names", "brand names", "addresses", "attributes", "cards"],
) -> None:
    """Wait for whoever gives out such a name just now; ours until the transaction ends."""
    with connection.cursor() as cursor:
        lock_name(cursor, "accounts.queueing", what)
