"""Preparing: what `rapport up` needs of the database before it serves, in a process of its own.

A database that is ready costs one look without Django. The last line on standard output is JSON: how to
sign in.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from rapport.cli.demonstrating.keeping import sign_in_of_demo
from rapport.cli.grounding import django_at_hand
from rapport.cli.migrating import is_current, migrate_database
from rapport.kernel.config import config


def prepare(*, demo: bool) -> int:
    """Migrate and fill as far as needed; prints how to sign in; returns the exit code."""
    told = _look()
    if told is None:
        with django_at_hand():
            migrate_database(tell=_say)
            told = _settle(demo=demo)
    print(json.dumps(told), flush=True)
    return 0


def _look() -> dict[str, str] | None:
    """How to sign in, when the database is of this version and somebody is set up; else None."""
    import psycopg

    with psycopg.connect(config().database_url, connect_timeout=10) as connection:
        if not is_current(connection) or not _has_company(connection):
            return None
        return sign_in_of_demo(connection)


def _settle(*, demo: bool) -> dict[str, str]:
    """Fill an empty database with the demo, or make the link that opens the set-up; needs Django."""
    from django.db import connection

    if _has_company(connection):
        return sign_in_of_demo(connection)
    if demo:
        from rapport.cli.demonstrating.loading import load_demo

        load_demo(tell=_say)
        return sign_in_of_demo(connection)
    from rapport.accounts.setting_up import make_setup_path

    return {"setup_path": make_setup_path()}


def _has_company(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_company)")
        return bool(cursor.fetchone()[0])


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
