"""The key of a mail at the door."""

from __future__ import annotations

import pytest

from rapport.kernel.mail.identifying import mail_key
from tests.kernel.mail.conftest import plain

MAIL = plain("Where is my parcel?\r\nDora\r\n", "Date: Tue, 1 Jan 2030 10:00:00 +0000")


def test_the_same_mail_by_eight_roads_is_one_key() -> None:
    roads = [
        f"Received: from mx{n} by mail; Tue, 1 Jan 2030 10:00:0{n} +0000\r\nX-Spam: {n}\r\n"
        f"Return-Path: <bounce-{n}@example.com>\r\nDelivered-To: a{n}@example.org\r\n"
        f"ARC-Seal: i={n}\r\nAuthentication-Results: mx{n}; dkim=pass\r\n"
        for n in range(8)
    ]
    assert {mail_key(road.encode() + MAIL) for road in roads} == {mail_key(MAIL)}


def test_line_ends_and_blank_lines_at_the_end_do_not_matter() -> None:
    assert mail_key(MAIL) == mail_key(MAIL.replace(b"\r\n", b"\n") + b"\n\n")


def test_p12_two_mails_that_share_a_message_id_are_two_keys() -> None:
    one, other = mail_key(plain("First")), mail_key(plain("Second"))
    assert one.message_id == other.message_id == "one@example.com"
    assert one.event_id != other.event_id


@pytest.mark.parametrize("header", ["From", "To", "Cc", "Subject", "Date", "Message-ID"])
def test_a_covered_header_changes_the_key(header: str) -> None:
    assert mail_key(plain("Hi", f"{header}: a@b")) != mail_key(plain("Hi", f"{header}: c@d"))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Message-ID:", ""),
        ("Message-ID: <>", ""),
        ("Message-ID: <" + "x" * 300 + "@y>", "x" * 300 + "@y"),
        ("Message-ID: bare@example.com", "bare@example.com"),
        ("Message-ID:\r\n <folded@example.com>", "folded@example.com"),
    ],
)
def test_p12_odd_message_ids_are_fine(header: str, found: str) -> None:
    key = mail_key(plain("Hi", header))
    assert key.message_id == found
    assert len(key.content_hash) == 64


def test_p12_an_id_longer_than_a_line_is_its_hash_and_no_two_are_one() -> None:
    long = [mail_key(plain("Hi", f"Message-ID: <{n}{'x' * 2000}@y>")).message_id for n in (1, 1, 2)]
    assert long[0] == long[1] != long[2]
    assert long[0].endswith("@overlong.invalid")
    assert mail_key(plain("Hi", f"Message-ID: <{'x' * 996}@y>")).message_id == "x" * 996 + "@y"


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: Dora <Dora@Example.COM>", "dora@example.com"),
        ("From: dora@example.com (Dora)", "dora@example.com"),
        ('From: "Dora, of Maple" <dora@example.com>', "dora@example.com"),
        ("From: =?utf-8?B?RG9yYQ==?= <dora@example.com>", "dora@example.com"),
        ("From: Dóra <dora@example.com>", "dora@example.com"),
        ("From: MAILER-DAEMON", ""),
        ("From:", ""),
    ],
)
def test_the_lane_is_the_sender(header: str, sender: str) -> None:
    assert mail_key(plain("Hi", header)).sender == sender


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n\r\n", b"\x00" * 50, b"no header", b"From" * 9])
def test_any_bytes_have_a_key(raw: bytes) -> None:
    assert len(mail_key(raw).content_hash) == 64


def test_a_word_in_the_body_that_looks_like_a_header_is_body() -> None:
    raw = plain("From: eve@example.com\r\nMessage-ID: <evil@example.com>\r\n")
    assert mail_key(raw).sender == "dora@example.com"
    assert mail_key(raw).message_id == "one@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"I need help\r\n", b"It has come\r\n"),
        (b"From: d@x.example\r\nI need help", b"From: d@x.example\r\nIt has come"),
        (b"I need help\n\nDora", b"It has come\n\nDora"),
        (b"\x00\x01", b"\x00\x02"),
        (b"X-Note: one\r\n\r\n", b"X-Note: two\r\n\r\n"),
    ],
)
def test_p12_words_where_headers_should_be_tell_mails_apart(one: bytes, other: bytes) -> None:
    assert mail_key(one).content_hash != mail_key(other).content_hash


def test_an_mbox_line_makes_no_other_mail() -> None:
    bare = b"From: d@x.example\nSubject: Hi\n\nHello\n"
    framed = b"From d@x.example Mon Nov  2 09:00:00 2026\n" + bare
    assert mail_key(framed).content_hash == mail_key(bare).content_hash
