"""Reports: who was not reached, why, and which of our mails it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapport.kernel.mail.parsed import Bounce
from rapport.kernel.mail.parsing import parse_mail
from tests.kernel.mail.conftest import plain

REPORT = """--b
Content-Type: text/plain

Your mail could not be delivered.
--b
Content-Type: message/{kind}

{report}
--b
Content-Type: {original_type}

Message-ID: <ours.c7.m42@example.org>
Subject: =?utf-8?Q?Za=C5=BC?=

--b--
"""


def bounced(report: str, kind: str = "delivery-status", original: str = "message/rfc822") -> Bounce:
    body = REPORT.format(kind=kind, report=report, original_type=original)
    mail = parse_mail(
        plain(
            body.replace("\n", "\r\n"),
            'Content-Type: multipart/report; boundary="b"',
            "Return-Path: <>",
        )
    )
    assert mail.kind == "bounce"
    assert mail.bounce is not None
    return mail.bounce


@pytest.mark.parametrize(
    ("name", "kind", "address", "status"),
    [
        ("multi_address_bounce1.eml", "failed", "bbbbvhvbbvkjbhfbvbvjhb@gmail.com", "5.1.1"),
        ("multi_address_bounce2.eml", "failed", "bbbbvhvbbvkjbhfbvbvjhb@gmail.com", "5.1.1"),
        ("multipart_report_multiple_status.eml", "failed", "u@ci.com", ""),
        ("report_422.eml", "delayed", "fraser@oooooooo.com.au", "4.2.2"),
        ("report_530.eml", "failed", "edwin@zzzzzzz.com", "5.3.0"),
        ("bounced_with_no_from.eml", "failed", "", ""),
        ("msg_16.txt", "failed", "", ""),
        ("msg_25.txt", "failed", "", ""),
        ("msg_43.txt", "failed", "", ""),
        ("raw_email_with_mimepart_without_content_type.eml", "delayed", "", ""),
    ],
)
def test_p17_every_recorded_report_names_its_recipient(
    mails: Path, name: str, kind: str, address: str, status: str
) -> None:
    mail = parse_mail(next(mails.rglob(name)).read_bytes())
    assert mail.kind == "bounce"
    assert mail.suppress_auto_reply
    assert mail.bounce is not None
    assert mail.bounce.kind == kind
    assert all("@" in one.address for one in mail.bounce.recipients)
    assert any(one.status for one in mail.bounce.recipients)
    assert address in [one.address for one in mail.bounce.recipients] or not address
    assert status in [one.status for one in mail.bounce.recipients] or not status


def test_a_report_names_status_diagnostic_and_our_message() -> None:
    bounce = bounced(
        "Reporting-MTA: dns; mx.example.com\n\n"
        "Original-Recipient: rfc822; dora@example.com\nFinal-Recipient: rfc822; Dora@Example.com\n"
        "Action: failed\nStatus: 5.1.1 (unknown user)\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <dora@example.com>:\n   no such user"
    )
    assert bounce.failed_addresses == ("dora@example.com",)
    assert bounce.recipients[0].status == "5.1.1"
    assert bounce.recipients[0].diagnostic == "550 5.1.1 <dora@example.com>: no such user"
    assert bounce.recipients[0].is_permanent
    assert bounce.original_message_id == "ours.c7.m42@example.org"
    assert bounce.original_subject == "Zaż"


def test_a_delay_is_no_failure() -> None:
    bounce = bounced(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.c\nAction: delayed\nStatus: 4.4.1"
    )
    assert bounce.kind == "delayed"
    assert bounce.failed_addresses == ()
    assert not bounce.recipients[0].is_permanent


def test_one_of_two_recipients_fails() -> None:
    bounce = bounced(
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.c\nAction: delivered\nStatus: 2.0.0\n\n"
        "Final-Recipient: rfc822; d@e.f\nAction: failed\nStatus: 5.7.1",
        original="text/rfc822-headers",
    )
    assert bounce.kind == "failed"
    assert bounce.failed_addresses == ("d@e.f",)
    assert bounce.original_message_id == "ours.c7.m42@example.org"


def test_a_receipt_of_reading_is_told_from_a_failure() -> None:
    bounce = bounced(
        "Final-Recipient: rfc822; dora@example.com\nDisposition: manual-action/MDN-sent-manually; displayed",
        "disposition-notification",
    )
    assert bounce.kind == "receipt"
    assert bounce.recipients[0].action == "displayed"


def test_a_complaint_names_the_complainer() -> None:
    bounce = bounced("Feedback-Type: abuse\nOriginal-Rcpt-To: dora@example.com", "feedback-report")
    assert bounce.kind == "complaint"
    assert bounce.recipients[0].address == "dora@example.com"


def test_a_report_in_words_only_is_understood() -> None:
    raw = plain(
        "Hi. This is the qmail-send program.\n\n<dora@example.com>:\n550 5.1.1 no such user\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <ours@example.org>\n",
        "From: MAILER-DAEMON@example.com",
        "Subject: failure notice",
        "Return-Path: <>",
    )
    bounce = parse_mail(raw).bounce
    assert bounce is not None
    assert bounce.failed_addresses == ("dora@example.com",)
    assert bounce.recipients[0].status == "5.1.1"
    assert bounce.original_message_id == "ours@example.org"
