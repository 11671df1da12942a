from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rapport.web.kit.paging import Key, cut_page

AT = datetime(2026, 3, 12, 15, 0, 0, 123456, tzinfo=UTC)


def test_a_key_comes_back_to_the_microsecond() -> None:
    assert Key.parse(str(Key(AT, 42))) == Key(AT, 42)


@pytest.mark.parametrize(
    "token", ["", "x", "1", "1.", ".1", "1.x", "9" * 40 + ".1", "1.-3", "1." + "9" * 30]
)
def test_a_broken_key_is_no_key(token: str) -> None:
    assert Key.parse(token) is None


def test_only_a_full_page_has_more() -> None:
    rows = [Key(AT, number) for number in range(4)]
    assert cut_page(rows, size=4, key_of=lambda row: row).after == ""
    page = cut_page(rows, size=3, key_of=lambda row: row)
    assert (len(page.rows), page.after) == (3, str(rows[2]))
