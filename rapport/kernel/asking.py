"""Asking: statements of our own for the pages that are looked at all day, answered as plain rows.

Django's cursor writes the parameters into the text and reads each time of day in Python, so the same
statement is parsed and planned anew at every page. Here it is prepared once for each connection, and
psycopg's compiled half reads the answer: measured, a statement costs a third of what it did.

Name the columns, never `*`: a prepared statement must answer the same shape for ever. Write limits into
the text: the planner must know them.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

_own = threading.local()


def ask(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that the statement finds; `%(name)s` stands for a parameter.

    It takes part in Django's transaction, is counted among its queries, and raises Django's errors.
    """
    _look_at_line()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    began = time.monotonic()
    with connection.wrap_database_errors:
        rows = _cursor().execute(statement, parameters, prepare=True).fetchall()
    if connection.queries_logged:
        took = f"{time.monotonic() - began:.3f}"
        connection.queries_log.append({"sql": statement, "time": took})
    return rows


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """This thread's cursor on Django's connection; a new one where that was opened again."""
    line: psycopg.Connection[Any] = connection.connection
    cursor: psycopg.Cursor[tuple[Any, ...]] | None = getattr(_own, "cursor", None)
    if cursor is None or cursor.connection is not line:
        line.prepare_threshold = 5
        cursor = _own.cursor = psycopg.Cursor(line)
        # Django replaces it by one in Python that knows other zones than UTC.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor


def _look_at_line() -> None:
    """Spare the question whether the server is still there, while nothing stands on the line.

    A server that ended has said so: its last words, or the end of the line, wait to be read.
    """
    django: Any = connection
    line = django.connection
    if line is None or django.health_check_done or line.closed:
        return
    watch = select.poll()
    watch.register(line.fileno(), select.POLLIN | select.POLLPRI)
    if not watch.poll(0):
        django.health_check_done = True
