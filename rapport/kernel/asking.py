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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from django.db import connections
from psycopg.types.datetime import TimestamptzLoader

Row = tuple[Any, ...]


class Question(NamedTuple):
    """A statement with its parameters."""

    statement: str
    parameters: Mapping[str, Any]


class _Own(threading.local):
    """What a thread keeps: cursors on its connection, and what was asked ahead and is not taken yet."""

    def __init__(self) -> None:
        self.cursors: list[psycopg.Cursor[Row]] = []
        self.ahead: list[tuple[Question, list[Row]]] = []


_own = _Own()


def ask(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows that the statement finds; `%(name)s` stands for a parameter.

    It takes part in Django's transaction, is counted among its queries, and raises Django's errors.
    """
    question = Question(statement, parameters)
    for place, (asked, rows) in enumerate(_own.ahead):
        if asked == question:
            del _own.ahead[place]
            return rows
    return _ask_all([question])[0]


@contextmanager
def asked_together(questions: Sequence[Question]) -> Iterator[None]:
    """Ask these now, in one turn; within the block whoever asks one of them has its answer, once.

    For pages that must ask many things: each turn to the server and back waits for the other threads.
    """
    answers = _ask_all(questions) if questions else []
    _own.ahead = list(zip(questions, answers, strict=True))
    try:
        yield
    finally:
        _own.ahead = []


def _ask_all(questions: Sequence[Question]) -> list[list[Row]]:
    django: Any = connections["default"]
    _look_at_line(django)
    django.close_if_health_check_failed()
    django.ensure_connection()
    django.validate_no_broken_transaction()
    began = time.monotonic()
    with django.wrap_database_errors:
        answers = _answers(django.connection, questions)
    if django.queries_logged:
        took = f"{time.monotonic() - began:.3f}"
        django.queries_log.extend({"sql": each.statement, "time": took} for each in questions)
    return answers


def _answers(line: psycopg.Connection[Any], questions: Sequence[Question]) -> list[list[Row]]:
    cursors = _cursors(line, len(questions))
    if len(questions) == 1:
        return [cursors[0].execute(*questions[0], prepare=True).fetchall()]
    with line.pipeline():
        for cursor, question in zip(cursors, questions, strict=True):
            cursor.execute(*question, prepare=True)
    return [cursor.fetchall() for cursor in cursors]


def _cursors(line: psycopg.Connection[Any], count: int) -> list[psycopg.Cursor[Row]]:
    """This thread's cursors on Django's connection; new ones where that was opened again."""
    if not _own.cursors or _own.cursors[0].connection is not line:
        line.prepare_threshold = 5
        _own.cursors = []
    while len(_own.cursors) < count:
        cursor = psycopg.Cursor(line)
        # Django replaces it by one in Python that knows other zones than UTC.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        _own.cursors.append(cursor)
    return _own.cursors[:count]


def _look_at_line(django: Any) -> None:
    """Spare the question whether the server is still there, while nothing stands on the line.

    A server that ended has said so: its last words, or the end of the line, wait to be read.
    """
    line = django.connection
    if line is None or django.health_check_done or line.closed:
        return
    watch = select.poll()
    watch.register(line.fileno(), select.POLLIN | select.POLLPRI)
    if not watch.poll(0):
        django.health_check_done = True
