"""P17: who wrote a mail, and whether it may be answered by a machine."""

from __future__ import annotations

import pytest

from rapport.kernel.mail.parsing import parse_mail
from tests.kernel.mail.conftest import plain

OURS = {"support@example.org"}


@pytest.mark.parametrize(
    ("headers", "kind", "because"),
    [
        (["Auto-Submitted: auto-replied"], "auto_reply", "Auto-Submitted"),
        (["Auto-Submitted: auto-generated (rejected)"], "auto_reply", "Auto-Submitted"),
        (["X-Autoreply: yes"], "auto_reply", "X-Autoreply"),
        (["X-Autorespond: Parcel"], "auto_reply", "X-Autorespond"),
        (["Precedence: auto_reply"], "auto_reply", "Precedence"),
        (["X-POST-MessageClass: 9; Autoresponder"], "auto_reply", "X-Post-Messageclass"),
        (["Subject: Automatic reply: Parcel"], "auto_reply", "subject"),
        (["Subject: Out of Office: Parcel"], "auto_reply", "subject"),
        (["Subject: Automatische Antwort: Paket"], "auto_reply", "subject"),
        (["Subject: Odpowiedź automatyczna: Paczka"], "auto_reply", "subject"),
        (["Subject: 自动回复：包裹"], "auto_reply", "subject"),
        (["Subject: 自動返信"], "auto_reply", "subject"),
        (["Precedence: bulk"], "bulk", "Precedence"),
        (["List-Id: <news.example.com>"], "bulk", "List-Id"),
        (["List-Unsubscribe: <mailto:off@example.com>"], "bulk", "List-Unsubscribe"),
        (["Feedback-ID: 1:2:3"], "bulk", "Feedback-Id"),
        (["Return-Path: <>", "Subject: Undelivered Mail Returned to Sender"], "bounce", "envelope|sender"),
        (["From: Mail Delivery System <MAILER-DAEMON@mx.example>", "Return-Path: <>"], "bounce", "daemon"),
        (["X-Failed-Recipients: dora@example.com"], "bounce", "X-Failed-Recipients"),
        (["Auto-Submitted: no"], "human", "nothing"),
        (["Subject: Re: Out of office chairs"], "human", "nothing"),
        (["Subject: Is your autoreply broken?"], "human", "nothing"),
    ],
)  # fmt: skip
def test_p17_headers_tell_the_kind_and_why(headers: list[str], kind: str, because: str) -> None:
    import re

    mail = parse_mail(plain("Hello", *headers))
    assert mail.kind == kind
    assert re.search(because, mail.why)
    assert mail.suppress_auto_reply is (kind != "human")


@pytest.mark.parametrize(
    "header",
    [
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "X-Auto-Response-Suppress: All",
        "Return-Path: <>",
        "From: No Reply <no-reply@example.com>",
        "From: donotreply@example.com",
        "From: noreply-2041@example.com",
        "From: Support <support@example.org>",
        "From: Dora",
        "X-Rapport-Loop: other-install",
    ],
)
def test_p17_a_human_mail_may_ask_for_silence(header: str) -> None:
    mail = parse_mail(plain("Hello", header), own_addresses=OURS)
    assert mail.kind == "human"
    assert mail.suppress_auto_reply


def test_p17_our_own_mail_that_comes_back_is_ours() -> None:
    raw = plain("Hi", "From: Support <Support@example.org>", "X-Rapport-Loop: install-1")
    assert parse_mail(raw, own_addresses=OURS, own_marker="install-1").kind == "own"
    assert parse_mail(raw, own_addresses=OURS, own_marker="install-2").kind == "human"
    assert parse_mail(raw).kind == "human"


def test_p17_our_own_mail_is_known_by_its_message_id() -> None:
    raw = plain(
        "Hi",
        "From: support@example.org",
        "Message-ID: <abcdefgh234567ab.c7.m42.gueztxq266x4fqov@example.org>",
    )
    assert parse_mail(raw, own_addresses=OURS).kind == "own"


def test_a_stranger_with_our_marker_is_not_ours() -> None:
    raw = plain("Hi", "X-Rapport-Loop: install-1")
    assert parse_mail(raw, own_addresses=OURS, own_marker="install-1").kind == "human"
