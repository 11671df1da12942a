"""Hushing: an error of the database is told and logged without what stood in the row."""

from __future__ import annotations

import logging
import sys
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from rapport.accounts.models import Team
from rapport.kernel.logs import JsonFormatter, TextFormatter
from rapport.kernel.pg.hushing import words_of

pytestmark = pytest.mark.django_db
WORDS = "hunter2"
ROW = "CREATE TEMPORARY TABLE letter (words text UNIQUE CHECK (words <> ''), number int NOT NULL)"
STATEMENTS = {
    "unique": f"INSERT INTO letter VALUES ('{WORDS}', 1), ('{WORDS}', 2)",
    "null": f"INSERT INTO letter VALUES (E'{WORDS}\\nDETAIL: {WORDS} ', NULL)",
    "no number": f"SELECT '{WORDS} \"{WORDS}'::int",
    "no column": f"SELECT '{WORDS}' || nothing FROM letter",
    "no json": f"""SELECT '{{"a": {WORDS}'::json""",
}


def fail(statement: str) -> DatabaseError:
    with pytest.raises(DatabaseError) as failed, transaction.atomic():
        _execute(ROW, statement)
    assert WORDS in str(failed.value)
    return failed.value


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def logged(error: BaseException) -> list[str]:
    try:
        raise error
    except BaseException:
        line = logging.getLogger("rapport.test").makeRecord(
            "rapport.test", logging.ERROR, __file__, 1, "it failed", (), sys.exc_info()
        )
    return [formatter.format(line) for formatter in (JsonFormatter(), TextFormatter())]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_what_stood_in_the_row_is_neither_told_nor_logged(statement: str) -> None:
    error = fail(statement)
    cause: Any = error.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.sqlstate
    wrapped = ValueError("it went wrong")
    wrapped.__cause__ = error
    texts = [words_of(error), words_of(cause)]
    for each in (error, cause, wrapped, ExceptionGroup("two", [ValueError("one"), error])):
        texts += logged(each)
    for text in texts:
        assert WORDS not in text
        assert cause.sqlstate in text


def test_what_the_database_means_is_still_told() -> None:
    name = Team.objects.create(name="Support").name
    with pytest.raises(DatabaseError) as failed, transaction.atomic():
        Team.objects.create(pk=Team.objects.get().pk, name=name)
    told = words_of(failed.value)
    assert told.startswith("IntegrityError: duplicate key value violates unique constraint")
    assert told.endswith("(23505)")


def test_other_errors_keep_their_words() -> None:
    assert words_of(ValueError("two lines\nof words")) == "ValueError: two lines\nof words"
    assert words_of(KeyError()) == "KeyError"
    gone = psycopg.OperationalError("connection failed: no such host")
    assert words_of(gone) == "OperationalError: connection failed: no such host"
    assert "no such host" in logged(gone)[0]
