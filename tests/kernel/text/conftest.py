"""A real PostgreSQL decides whether a question finds a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from rapport.kernel.text.detecting import detect_language
from rapport.kernel.text.querying import search_query
from rapport.kernel.text.vectoring import search_vector

Finds = Callable[[str, str], bool]


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def finds(postgres: psycopg.Connection) -> Finds:
    """Whether the question finds a mail with this body."""

    def decide(question: str, body: str) -> bool:
        query = search_query(question)
        vector = search_vector({"C": body}, language=detect_language(body))
        row = postgres.execute(
            "SELECT %s::tsvector @@ %s::tsquery", [vector, query.literal]
        ).fetchone()
        assert row is not None
        return bool(query) and bool(row[0])

    return decide
