"""The quick way of building a vector says what the plain way says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.detecting import detect_language
from rapport.kernel.text.tokenizing import LAST_POSITION, tokens_of
from rapport.kernel.text.vectoring import search_vector

NASTY = st.text(
    st.one_of(
        st.characters(), st.sampled_from("'\\\"-:& @./客戶łßㇷﾊﾟ\x00\u200b\u00ad\u0301\r\n\u3000´")
    ),
    max_size=80,
)
MAILS = [
    "Where is my order ORD-2024-00123? I don't see it at https://shop.example/orders/12?x=1.",
    "Dzień dobry,\r\nproszę o zwrot pieniędzy. Łódź, ul. Żółta 5 — dora@poczta.example",
    "客戶反映退款一直沒有收到，\n訂單ORD-77還沒到。退\r\n款",
    "発送状況を教えてください。\nﾃﾝﾄ と テント、㍿サンプル",
    "한국어로 답장해 주세요 · สวัสดีครับ · Где мои заказы?",
]


def _plain(parts: dict[str, str], language: str) -> set[tuple[str, str]]:
    """Lexemes and places, token by token over the whole text."""
    said: set[tuple[str, str]] = set()
    position = 1
    for weight, text in sorted(parts.items()):
        tokens = tokens_of(text, language=language, position=position)
        suffix = weight.replace("D", "")
        said |= {
            (form.replace("\0", ""), f"{token.position}{suffix}")
            for token in tokens
            for form in token.forms
        }
        position = min(tokens[-1].position + 8, LAST_POSITION) if tokens else position
    return said


def _quick(parts: dict[str, str], language: str) -> set[tuple[str, str]]:
    literal = search_vector(parts, language=language)  # type: ignore[arg-type]
    found = re.findall(r"'((?:[^'\\]|''|\\\\)+)':(\d+[A-C]?)(?: |$)", literal)
    return {(re.sub(r"''|\\\\", lambda two: two[0][0], form), place) for form, place in found}


def _is_same(text: str) -> bool:
    parts = {"A": text[:60], "B": text[-40:], "C": text, "D": text[30:90]}
    return all(
        _plain(parts, language) == _quick(parts, language)
        for language in (detect_language(text), "")
    )


@pytest.mark.parametrize("text", MAILS)
def test_a_mail_has_the_same_vector_both_ways(text: str) -> None:
    assert _is_same(text)


@given(NASTY)
@settings(max_examples=500, deadline=None)
def test_whatever_is_written_has_the_same_vector_both_ways(text: str) -> None:
    assert _is_same(text)


def test_every_odd_character_has_the_same_vector_both_ways() -> None:
    for start in [*range(0, 0x3400, 256), *range(0xF900, 0x10000, 256)]:
        letters = [chr(code) for code in range(start, start + 256)]
        text = "".join(f"a{char}b {char}" for char in letters) + "客\n".join(letters)
        assert _plain({"C": text}, "") == _quick({"C": text}, ""), hex(start)


def test_a_word_has_the_same_vector_whatever_stands_around_it() -> None:
    edges = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~„“”‘’«»–—…°§\u00ad"
    words = ["word", "Żółw", "o'neill", "a1", "x²", "½", "straße", "ﬁle", "⑴", "заказ", "退款", "ǆ"]
    text = " ".join(
        f"{before}{word}{after}" for word in words for before in edges for after in edges
    )
    for start in range(0, len(text), 9_000):
        assert _is_same(text[start : start + 9_000])


def test_recorded_texts_have_the_same_vector_both_ways(shared_data: Path) -> None:
    different = [text[:80] for text in _recorded(shared_data) if not _is_same(text)]
    assert different == []


def _recorded(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "channels" / "email").rglob("*.eml")):
        yield path.read_bytes()[:3_000].decode("utf-8", "replace")
    for name in ("drcd/dev.docs.jsonl", "poquad/all.docs.jsonl", "stackfaq/faq.jsonl"):
        with (folder / "ml" / name).open(encoding="utf-8") as lines:
            yield from (str(json.loads(line)) for line, _ in zip(lines, range(30), strict=False))


def test_a_lexeme_at_more_places_than_it_may_have_keeps_the_first(
    postgres: psycopg.Connection,
) -> None:
    vector = search_vector({"A": "tent", "C": "no " * 3_000 + "tent"})
    row = postgres.execute(
        "SELECT lexeme, positions FROM unnest(%s::tsvector) ORDER BY lexeme", [vector]
    ).fetchall()
    assert row == [("no", list(range(9, 9 + 256))), ("tent", [1, 3_009])]


def test_a_pair_over_a_line_break_hides_no_invisible_character() -> None:
    assert _is_same("退\u200b\r\u200b\n款 a\u200b\n款 退\r\n\r\n款")
