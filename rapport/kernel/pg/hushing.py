"""Hushing: what PostgreSQL says went wrong, without the values that it quotes.

Its DETAIL names the values of a row, its CONTEXT and LINE the statement with what stands in it: people's words
and secrets, which belong neither into a log nor beside an arrival that is shown to others.
"""

from __future__ import annotations

import re

import psycopg

#: Where the first line itself quotes what it was given: `invalid input syntax for type uuid: "…"`.
_QUOTED = re.compile(r": \".*", re.S)
_DATA_EXCEPTION = "22"
#: How a formatted group of errors begins its lines.
_MARGIN = " |+-"


def words_of(error: BaseException) -> str:
    """The error in one line: its name and words; of the database's own the first line and the SQLSTATE alone."""
    told = _database_error(error)
    words = _hushed(told) if told is not None else str(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def hush_traceback(text: str, error: BaseException | None) -> str:
    """A formatted traceback of `error` without what its database errors quote."""
    for each in _all_of(error):
        told = _database_error(each)
        if told is not None and told.sqlstate:
            text = _without(text, str(each), _hushed(told))
    return text


def _database_error(error: BaseException) -> psycopg.Error | None:
    """The driver's error: itself, or what Django wraps."""
    found = error if isinstance(error, psycopg.Error) else error.__cause__
    return found if isinstance(found, psycopg.Error) else None


def _hushed(error: psycopg.Error) -> str:
    """What the server says without values; an error of the line to it quotes none."""
    if not error.sqlstate:
        return str(error)
    words = error.diag.message_primary or ""
    if error.sqlstate.startswith(_DATA_EXCEPTION):
        words = _QUOTED.sub("", words)
    return f"{words} ({error.sqlstate})".strip()


def _without(text: str, said: str, hushed: str) -> str:
    first, *more = said.splitlines() or [""]
    quoted = {line.strip() for line in more} - {""}
    lines = (
        line.replace(first, hushed) if first else line
        for line in text.split("\n")
        if line.strip(_MARGIN) not in quoted
    )
    return "\n".join(lines)


def _all_of(error: BaseException | None) -> list[BaseException]:
    """The error with those that it came from, each once."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or each in found:
            continue
        found.append(each)
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
    return found
