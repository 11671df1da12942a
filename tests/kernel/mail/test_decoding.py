"""P34 and P06: text of every charset, labelled rightly, wrongly or not at all."""

from __future__ import annotations

import base64
import quopri

import pytest

from rapport.kernel.mail.decoding import clean_text, decode_bytes, decode_transfer, unflow
from rapport.kernel.mail.parsing import parse_mail
from tests.kernel.mail.conftest import plain

CHINESE = "您好，我的包裹還沒有到。"
SIMPLE = "您好，我的包裹还没有到。"
JAPANESE = "荷物はまだ届いていません。"
POLISH = "Dzień dobry, zażółć gęślą jaźń. Gdzie jest moja paczka?"
VIETNAMESE = "Xin chào, gói hàng của tôi ở đâu? Cảm ơn rất nhiều."


def test_p06_gb2312_label_with_gb18030_bytes_is_readable() -> None:
    text = "订单 2024 – 朱镕基 € 㐀 已付款"
    mail = parse_mail(plain(text.encode("gb18030"), charset="gb2312"))
    assert mail.text == text
    assert not mail.warnings


def test_p34_gb2312_label_with_gbk_bytes_is_readable() -> None:
    assert parse_mail(plain("鎔基訂單".encode("gbk"), charset="gb2312")).text == "鎔基訂單"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (CHINESE, "big5", "big5"),
        (CHINESE + "碁裏墻恒粧嫺", "cp950", "Big5"),
        ("滙豐 㗎 嘅", "big5hkscs", "big5"),
        (SIMPLE, "gb2312", "GB2312"),
        (SIMPLE, "gbk", "x-gbk"),
        (SIMPLE, "hz", "hz-gb-2312"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (JAPANESE + "①②㈱", "cp932", "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp"),
        ("소포가 아직 도착하지 않았습니다 똠방각하", "cp949", "ks_c_5601-1987"),
        (POLISH, "cp1250", "windows-1250"),
        (POLISH, "iso-8859-2", "iso-8859-2"),
        (POLISH, "cp1250", "iso-8859-2"),
        ("Příliš žluťoučký kůň", "cp1250", "x-cp1250"),
        ("Где моя посылка?", "koi8-r", "koi8-r"),
        ("Где моя посылка?", "cp1251", "windows-1251"),
        ("“Grüße” – 5 €", "cp1252", "iso-8859-1"),
        ("Grüße", "cp1252", "us-ascii"),
        ("Πού είναι το δέμα μου;", "iso-8859-7", "iso-8859-7"),
        ("متى يصل الطرد", "cp1256", "windows-1256"),
        ("שלום עולם", "iso-8859-8", "iso-8859-8-i"),
        (POLISH, "utf-16", "utf-16"),
        ("Grüße aus Köln", "utf-7", "unicode-1-1-utf-7"),
        (POLISH, "utf-8", "x-unknown"),
        (POLISH, "utf-8-sig", "utf-8"),
        (POLISH, "utf-8", "unicode_escape"),
    ],
)
def test_p34_a_labelled_text_is_readable(text: str, codec: str, label: str) -> None:
    assert parse_mail(plain(text.encode(codec), charset=label)).text == text


def test_p34_vietnamese_in_windows_1258_has_whole_letters() -> None:
    import unicodedata

    raw = unicodedata.normalize("NFD", VIETNAMESE)
    halves = "".join(unicodedata.normalize("NFC", x) if x in "âăêôơưđ" else x for x in raw)
    encoded = b"".join(_in_1258(letter) for letter in unicodedata.normalize("NFC", halves))
    assert parse_mail(plain(encoded, charset="windows-1258")).text == VIETNAMESE


def _in_1258(letter: str) -> bytes:
    import unicodedata

    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        whole = unicodedata.normalize("NFD", letter)
        base, mark = unicodedata.normalize("NFC", whole[:-1]), whole[-1]
        try:
            return base.encode("cp1258") + mark.encode("cp1258")
        except UnicodeEncodeError:
            swapped = unicodedata.normalize("NFC", whole[0] + whole[2])
            return swapped.encode("cp1258") + whole[1].encode("cp1258")


@pytest.mark.parametrize("label", ["", "us-ascii", "utf-8", "iso-8859-1"])
def test_p34_seven_bit_japanese_without_its_label_is_readable(label: str) -> None:
    header = f"Content-Type: text/plain; charset={label}" if label else "Content-Type: text/plain"
    assert parse_mail(plain(JAPANESE.encode("iso2022_jp"), header)).text == JAPANESE


def test_p34_seven_bit_japanese_in_quoted_printable_is_readable() -> None:
    body = quopri.encodestring(JAPANESE.encode("iso2022_jp"))
    mail = parse_mail(
        plain(body, "Content-Transfer-Encoding: quoted-printable", charset="iso-2022-jp")
    )
    assert mail.text == JAPANESE


def test_p34_seven_bit_japanese_with_the_signs_of_windows_is_readable() -> None:
    raw = b"\x1b$B-!-\x22!!-j\x1b(B ok \x1b(I1\x1b(B"
    text = decode_bytes(raw, "iso-2022-jp")
    assert "①②" in text
    assert "㈱" in text
    assert text.endswith("ｱ")


def test_p34_utf8_in_html_that_claims_gb2312_is_readable() -> None:
    page = f'<html><head><meta charset="gb2312"></head><body><p>{SIMPLE}</p></body></html>'
    mail = parse_mail(plain(page.encode(), "Content-Type: text/html; charset=gb2312"))
    assert mail.text == SIMPLE
    assert SIMPLE in mail.html


def test_p34_html_without_a_label_is_read_by_its_meta() -> None:
    page = (
        f'<html><head><meta http-equiv=x content="text/html; charset=big5"></head><p>{CHINESE}</p>'
    )
    assert parse_mail(plain(page.encode("big5"), "Content-Type: text/html")).text == CHINESE


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "=?gb2312?B?" + base64.b64encode("朱镕基 –".encode("gb18030")).decode() + "?=",
            "朱镕基 –",
        ),
        (
            "=?ISO-2022-JP?B?" + base64.b64encode(JAPANESE.encode("iso2022_jp")).decode() + "?=",
            JAPANESE,
        ),
        ("=?iso-8859-2?Q?Za=BF=F3=B3=E6?=", "Zażółć"),
        ("=?utf-8?Q?Za=C5=BC?= =?utf-8?Q?=C3=B3=C5?=\r\n =?utf-8?Q?=82=C4=87?=", "Zażółć"),
        ("=?utf-8?b?WmE=?= plain =?utf-8?b?xbw=?=", "Za plain ż"),
        ("=?utf-8?Q?with space inside?=", "with space inside"),
        ('"=?utf-8?Q?Za=C5=BC?="', '"Zaż"'),
        ("=?utf-8*pl?Q?Za=C5=BC?=", "Zaż"),
        ("=?x-unknown?Q?Za=C5=BC?=", "Zaż"),
        ("=?utf-8?B?WmHFvA?=", "Zaż"),
        ("Zażółć 您好", "Zażółć 您好"),
    ],
)
def test_p34_subjects_are_readable(subject: str, text: str) -> None:
    assert parse_mail(plain("x", f"Subject: {subject}")).subject == text


def test_p34_a_raw_header_is_read_in_the_charset_of_the_body() -> None:
    raw = plain(SIMPLE.encode("gbk"), charset="gb2312")
    raw = raw.replace(b"Subject: Parcel", b"Subject: " + "我的包裹".encode("gbk"))
    assert parse_mail(raw).subject == "我的包裹"


@pytest.mark.parametrize("name", ["陆华", "汗滴", "联通", "王"])
def test_two_characters_in_gbk_are_not_taken_for_utf8(name: str) -> None:
    assert decode_bytes(name.encode("gbk"), "gb2312") == name


def test_european_words_in_utf8_with_a_chinese_label_are_european() -> None:
    assert decode_bytes("Grüße aus Łódź".encode(), "gb2312") == "Grüße aus Łódź"


def test_text_can_be_stored() -> None:
    assert clean_text("a\x00b\r\nc\rd\ud800e\ud83d\ude00\x1b") == "ab\nc\nd\ufffde😀"


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVs\r\nbG8\r\n", b"hello"),
        (b"a!G*V-s b G8=", b"hello"),
        (b"aGVsbG8=\r\n--\r\nThe list footer", b"hello"),
        (b"", b""),
        (b"=", b""),
    ],
)
def test_broken_base64_gives_what_can_be_had(raw: bytes, data: bytes) -> None:
    assert decode_transfer(raw, "base64") == data


def test_flowed_lines_are_joined_and_signatures_are_not() -> None:
    assert unflow("a \nb\n> c \n> d\n-- \nDora", delete_space=False) == "a b\n> c d\n-- \nDora"
    assert unflow("您 \n好", delete_space=True) == "您好"
