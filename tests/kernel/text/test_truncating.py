"""Previews on one line that never end in the middle of a letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.truncating import one_line, truncate_line

FAMILY, FLAG = "👨‍👩‍👧‍👦", "🇵🇱"


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("Where is my order?", 12, "Where is my…"),
        ("Where is my order?", 99, "Where is my order?"),
        ("客戶反映退款一直沒有收到", 5, "客戶反映…"),
        (FAMILY * 3, 9, FAMILY + "…"),
        (FLAG * 3, 4, FLAG + "…"),
        ("a\u0301" * 9, 6, "a\u0301a\u0301…"),
        ("👍🏽👍🏽", 2, "…"),
        (" a\x00\r\n\tb\u2028c ", 9, "a b c"),
        ("退\n款", 9, "退款"),
        ("a\ud800b\u202ec", 9, "a\ufffdbc"),
        ("abc", 0, ""),
        ("", 5, ""),
    ],
)
def test_a_preview_is_one_line_of_whole_letters(text: str, limit: int, line: str) -> None:
    assert truncate_line(text, limit=limit) == line


@given(st.text(st.characters(), max_size=200), st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_a_preview_keeps_its_limit_and_can_be_sent(text: str, limit: int) -> None:
    line = truncate_line(text, limit=limit)
    assert len(line) <= limit
    line.encode("utf-8")
    assert line == one_line(line)
