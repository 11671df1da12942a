"""Two spellings of one word become the same string."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.text.characters import han_folds
from rapport.kernel.text.folding import fold, fold_with_offsets, strip_accents

ANYTHING = st.text(st.characters(), max_size=120)


@pytest.mark.parametrize(
    "spellings",
    ["戶户戸", "裏裡里", "臺台", "複覆复", "為爲为", "說説说", "群羣", "回囘", "駅驛驿", "沢澤泽"],
)
def test_variants_of_a_character_fold_to_one(spellings: str) -> None:
    assert len({fold(char) for char in spellings}) == 1


def test_folding_twice_changes_nothing_more() -> None:
    for char, twin in han_folds().items():
        assert fold(char) == fold(twin) == twin


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ", "abc"),
        ("ﾊﾟﾌﾟ", "ぱぷ"),
        ("Straße", "strasse"),
        ("١٢٣", "123"),
        ("so\u00adft", "soft"),
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("㍿", "株式会社"),
        ("\x00\ud800", "\x00\ud800"),
    ],
)
def test_width_case_and_invisible_characters_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("word", "bare"), [("łódź", "lodz"), ("đakovo", "dakovo"), ("søren", "soren"), ("が", "が")]
)
def test_accents_go_but_kana_keep_their_marks(word: str, bare: str) -> None:
    assert strip_accents(word) == bare


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_offsets_lead_back_into_the_original(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert len(offsets) == len(folded) + 1
    assert offsets[-1] == len(text)
    assert all(a <= b for a, b in zip(offsets, list(offsets)[1:], strict=False))


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_no_text_makes_folding_fail(text: str) -> None:
    assert strip_accents(fold(text)).count("\x00") == text.count("\x00")


@given(st.text(st.characters(max_codepoint=0x24F), max_size=20))
@settings(max_examples=500, deadline=None)
def test_latin_letters_fold_alike_in_latin_and_in_mixed_company(text: str) -> None:
    assert fold(f"{text}客") == f"{fold(text)}客"
    assert strip_accents(f"{text}客") == f"{strip_accents(text)}客"


def test_every_latin_letter_folds_alike_in_any_company() -> None:
    for char in map(chr, range(0x250)):
        assert fold(f"{char}客") == f"{fold(char)}客"
        assert strip_accents(f"{char}客") == f"{strip_accents(char)}客"
