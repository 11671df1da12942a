"""What must be found in Japanese, written as customers and their telephones write it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rapport.kernel.text.detecting import detect_language
from rapport.kernel.text.highlighting import snippet_of
from rapport.kernel.text.querying import search_query

Finds = Callable[[str, str], bool]

MAIL = """株式会社サンプル　ご担当者様

お世話になっております。横浜の佐々木です。
先週注文したテント(注文番号 ＪＰ－２０２６－００７７)がまだ届いて
いません。配送状況を確認していただけますでしょうか。
届かない場合は、返品と返金の手続きを教えてください。領収書も発行をお願いします。
ﾒｰﾙはsasaki@example.jpまで、電話は０４５－１２３－４５６７です。
"""


@pytest.mark.parametrize(
    "question",
    [
        "返金",  # a word of two
        "金",  # one character
        "届",
        "届いていません",  # over the line break of a mailer
        "返品 領収書",
        "配送状況",
        "てんと",  # hiragana for katakana
        "ﾃﾝﾄ",  # half width
        "メール",
        "めーる",
        "佐々木",
        "横浜",
        "橫濱",  # the old forms
        "株式會社",
        "㍿サンプル",
        "領收書",
        "発行",
        "發行",
        "发行",
        "JP-2026-0077",
        "jp20260077",
        "0077",
        "045-123-4567",
        "sasaki@example.jp",
        '"返品と返金"',
        "「返品と返金」",
        "返金 -交換",
    ],
)
def test_a_japanese_mail_is_found(finds: Finds, question: str) -> None:
    assert finds(question, MAIL)


@pytest.mark.parametrize(
    "question", ["金返", "交換", "返金 -返品", '"返金と返品"', "テンション", "ント先週"]
)
def test_a_japanese_mail_is_not_found_by_other_words(finds: Finds, question: str) -> None:
    assert not finds(question, MAIL)


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("ﾃﾝﾄ", ["テント"]),
        ("橫濱", ["横浜"]),
        ("めーる", ["ﾒｰﾙ"]),
        ("jp20260077", ["ＪＰ－２０２６－００７７"]),
        ("届いていません", ["届いていません"]),
    ],
)
def test_what_was_found_is_marked_as_it_was_written(question: str, marked: list[str]) -> None:
    snippet = snippet_of(MAIL, search_query(question))
    assert [snippet.text[start:end] for start, end in snippet.spans] == marked


@pytest.mark.parametrize(
    "text", [MAIL, "返金をお願いします", "ﾊﾟｿｺﾝ", "領収書 発行 済", "Tシャツのサイズ"]
)
def test_japanese_is_known_for_what_it_is(text: str) -> None:
    assert detect_language(text) == "ja"
