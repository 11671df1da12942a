"""What was found is marked in the text as its writer wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.highlighting import snippet_of, spans_of
from rapport.kernel.text.querying import search_query

ANYTHING = st.text(st.characters(), max_size=120)


@pytest.mark.parametrize(
    ("text", "question", "marked"),
    [
        ("Mieszkam w Łodzi, adres: Łódź", "lodz", ["Łodzi", "Łódź"]),
        ("我們的客戶反映退款一直沒有收到", "客户 退款", ["客戶", "退款"]),
        ("我們的客戶反映", "客戶反映", ["客戶反映"]),
        ("The refunded orders were refunds", "refund", ["refunded", "refunds"]),
        ("ＯＲＤ－2024－1 and ord-2024-1", "ord-2024-1", ["ＯＲＤ－2024－1", "ord-2024-1"]),
        ("Hauptstrasse, Straße", "straße", ["Straße"]),
        ("e\u0301te\u0301 passé", "été", ["e\u0301te\u0301"]),
        ("退\n款", "退款", ["退\n款"]),
        ("to dora@example.com and example", "dora@example.com", ["dora@example.com"]),
        ("good order, bad order", '"bad order"', ["bad order"]),
        ("spam and ham", "ham -spam", ["ham"]),
        ("返品と返金の手続き", "金", ["金"]),
        ("退款", "款", ["款"]),
        ("Order ORD-2024-17 came", "ord202417", ["ORD-2024-17"]),
        ("my e-mail, your email", "email", ["e-mail", "email"]),
        ("see shop.example/orders", "example", ["example"]),
        ("nothing", "", []),
    ],
)
def test_hits_are_marked_in_the_original(text: str, question: str, marked: list[str]) -> None:
    spans = spans_of(text, search_query(question))
    assert [text[start:end] for start, end in spans] == marked


def test_a_snippet_shows_the_passage_with_most_of_the_question() -> None:
    text = "order " + "bla bla " * 60 + "my order of blue shoes came " + "bla " * 60
    snippet = snippet_of(text, search_query("order shoes"), width=60)
    assert [snippet.text[start:end] for start, end in snippet.spans] == ["order", "shoes"]
    assert len(snippet.text) <= 62
    assert snippet.text.startswith("…")
    assert snippet.text.endswith("…")


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert snippet_of("Dear all,\nhello", search_query("order")) == ("Dear all, hello", [])


@given(ANYTHING, ANYTHING)
@settings(max_examples=300, deadline=None)
def test_spans_lie_in_the_text_in_order(text: str, question: str) -> None:
    snippet = snippet_of(text, search_query(question + " " + text[:9]), width=20)
    ends = [0] + [place for span in snippet.spans for place in span] + [len(snippet.text)]
    assert ends == sorted(ends)
    assert "\n" not in snippet.text
