"""Statements as they go over the line to the server: counted by libpq itself, so that none is missed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from psycopg import pq

ASKED = re.compile(r"^F\t\d+\t(?:Execute|Query)\b")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Statements of this thread's connection; the list is filled when the block ends."""
    connection.ensure_connection()
    line, said = connection.connection.pgconn, list[str]()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as words:
        line.trace(words.fileno())
        line.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield said
        finally:
            line.untrace()
        words.seek(0)
        said += [row for row in words if ASKED.match(row)]


def statements_of(client: Client, path: str, **headers: str) -> int:
    """How many statements the page takes, once what is kept in memory is there."""
    assert client.get(path, headers=headers).status_code == 200, path
    with counted() as said:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return len(said)
