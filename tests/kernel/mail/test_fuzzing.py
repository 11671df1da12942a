"""Whatever the bytes are: a mail, or `UnreadableMail`; and every text of it can be stored."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rapport.kernel.mail.decoding import decode_bytes
from rapport.kernel.mail.folding import fold_text
from rapport.kernel.mail.identifying import mail_key
from rapport.kernel.mail.limiting import UnreadableMail
from rapport.kernel.mail.parsing import parse_mail
from rapport.kernel.mail.sanitizing import sanitize_html
from tests.kernel.mail.test_parsing_recorded import recorded

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = [
    b"From: ", b"To: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=b", b"text/html",
    b"text/plain; charset=", b"utf-7", b"gb2312", b"iso-2022-jp", b"Content-Transfer-Encoding: base64",
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--b", b"--b--", b"=?utf-8?B?", b"?=", b"=?gb2312?Q?=C0", b"<", b">",
    b'"', b"(", b",", b";", b"=", b"\x00", b"\xff", b"\xed\xa0\x80", b"\x1b$B", b"<div>", b"<img src=", b"&#0;",
    b"On 1 Jan, a@b wrote:", b"> ", b"-- \n", b"Message-ID: <a@b>", b"References: ", b"Date: 99 Foo 0000",
    b"Content-Disposition: attachment; filename*0*=x''%", b"message/rfc822", b"message/delivery-status",
    b"text/calendar", b"BEGIN:VCALENDAR", b"application/ms-tnef", b"\x78\x9f\x3e\x22",
]  # fmt: skip


def reads(raw: bytes) -> None:
    """Read `raw` and see that everything in it can be stored."""
    mail_key(raw)
    try:
        mail = parse_mail(raw)
    except UnreadableMail:
        return
    files = [
        text for one in mail.attachments for text in (one.name, one.content_type, one.content_id)
    ]
    people = [
        text for one in (*mail.to, *mail.cc, *mail.reply_to) for text in (one.name, one.address)
    ]
    texts = (
        mail.subject,
        mail.text,
        mail.quoted,
        mail.signature,
        mail.full_text,
        mail.html,
        mail.why,
    )
    for text in (
        *texts,
        *files,
        *people,
        *mail.references,
        *mail.warnings,
        mail.message_id,
        mail.list_id,
    ):
        text.encode("utf-8")
        assert "\x00" not in text
        assert "\r" not in text
    assert mail.date is None or mail.date.tzinfo is not None


@QUICK
@given(some.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    reads(raw)


@QUICK
@given(some.lists(some.sampled_from(PIECES) | some.binary(max_size=8), max_size=60).map(b"".join))
def test_any_heap_of_mail_pieces_is_read_or_refused(raw: bytes) -> None:
    reads(raw)


@QUICK
@given(some.binary(max_size=300), some.text(max_size=20))
def test_any_label_decodes_to_text(raw: bytes, label: str) -> None:
    assert isinstance(decode_bytes(raw, label), str)


@QUICK
@given(some.text(max_size=2000))
def test_folding_loses_no_word(text: str) -> None:
    text = text.replace("\r", "")
    parts = fold_text(text)
    assert sorted("".join(parts).split()) == sorted("".join(text.split("\n")).split()) or (
        sorted("\n".join(parts).split()) == sorted(text.split())
    )


@QUICK
@given(some.text(alphabet="<>/\"'= abdivimgscrptonerurl:()&#x0;!-", max_size=400))
def test_no_markup_survives_that_could_act(dirty: str) -> None:
    clean = sanitize_html(dirty).html.lower()
    tags = re.findall(r"<[^>]*>", clean)
    assert not [
        tag for tag in tags if re.search(r"<script|<iframe|\son\w+=|javascript:|url\(", tag)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_damaged_recorded_mails_are_read_or_refused(mails: Path, seed: int) -> None:
    chance = random.Random(seed)
    raws = [path.read_bytes() for path in recorded(mails) if path.stat().st_size < 40_000]
    for _ in range(150):
        raw = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(raw) + 1)
            stop = min(len(raw), start + chance.randint(1, 120))
            damage = chance.randrange(4)
            if damage == 0 and start < len(raw):
                raw[start] = chance.randrange(256)
            elif damage == 1:
                del raw[start:stop]
            elif damage == 2:
                raw[start:start] = raw[start:stop] * chance.randint(1, 20)
            else:
                raw[start:start] = chance.choice(PIECES)
        reads(bytes(raw))
