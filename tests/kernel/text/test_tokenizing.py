"""Tokens, their positions and their bounds."""

from __future__ import annotations

import time
import tracemalloc

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.querying import search_query
from rapport.kernel.text.tokenizing import LAST_POSITION, tokens_of
from rapport.kernel.text.vectoring import search_vector

NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("'\\\"-:*&|!<>() @./客戶łß\x00\ud800\n𠮷é")),
    max_size=80,
)


def test_a_run_of_characters_gives_each_character_and_each_pair() -> None:
    assert [token.forms for token in tokens_of("退款了")] == [
        ("退", "退款"),
        ("款", "款了"),
        ("了",),
    ]


def test_positions_count_on_word_by_word() -> None:
    tokens = tokens_of("my ORD-7 客戶 ok", language="en")
    assert [(token.forms[0], token.position) for token in tokens] == [
        ("my", 1),
        ("ord", 2),
        ("7", 3),
        ("客", 4),
        ("户", 5),
        ("ok", 6),
    ]


def test_an_address_is_one_token_and_its_parts() -> None:
    forms = [token.forms for token in tokens_of("dora@example.com", language="en")]
    assert forms == [("dora", "dora@example.com"), ("exampl",), ("com",)]


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("客戶反映退款。", 2_500_000),
        ("a", 50_000_000),
        ("a.", 1_000_000),
        ("a@", 1_000_000),
        ("a-", 1_000_000),
        ("x's-", 500_000),
        ("\u0301", 1_000_000),
        ("http://", 200_000),
        ("退\n", 500_000),
        ("क्", 500_000),
    ],
)
def test_a_monstrous_text_costs_no_more_than_a_long_one(piece: str, times: int) -> None:
    text = piece * times
    before = time.process_time()
    tokens = tokens_of(text)
    assert time.process_time() - before < 5  # not a measurement: minutes are the failure
    assert all(token.position <= LAST_POSITION for token in tokens)


def test_a_monstrous_text_is_still_a_vector(postgres: psycopg.Connection) -> None:
    words = " ".join(f"{number:x}" + "z" * 40 for number in range(40_000))
    chinese = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(90_000))
    for text in (words, chinese, "no " * 50_000):
        vector = search_vector({"A": text, "B": text, "C": text})
        row = postgres.execute("SELECT length(%s::tsvector)", [vector]).fetchone()
        assert row is not None
        assert row[0] >= 1


@given(NASTY, NASTY, NASTY)
@settings(max_examples=400, deadline=None)
def test_whatever_is_written_and_asked_postgresql_understands_it(
    postgres: psycopg.Connection, subject: str, body: str, question: str
) -> None:
    vector = search_vector({"A": subject, "C": body})
    for asked in (question, f"{question}*", f"{question} -{body} {subject}"):
        query = search_query(asked)
        assert "\x00" not in vector + query.literal + query.outline
        postgres.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, query.literal])
        postgres.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, query.outline])


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12))
@settings(max_examples=400, deadline=None)
def test_every_text_is_found_by_itself(postgres: psycopg.Connection, text: str) -> None:
    query = search_query(text).literal
    vector = search_vector({"C": f"before {text} after"})
    if query:
        row = postgres.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, query]).fetchone()
        assert row == (True,)


def test_a_long_question_stays_bounded() -> None:
    literal = search_query("客戶" * 5_000 + " word" * 5_000).literal
    assert len(literal) < 20_000


@pytest.mark.parametrize("question", ["", "   ", "-", '"', '""', "-word", "'; --", "\x00", "!!!"])
def test_a_question_without_a_word_asks_for_nothing(question: str) -> None:
    assert not search_query(question)
    assert search_query(question).literal == ""


def test_endless_words_of_strangers_are_not_kept_in_memory() -> None:
    tokens_of("warm up")
    tracemalloc.start()
    for number in range(100):
        tokens_of(f"{number}" + "x" * 90_000)
    kept, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
