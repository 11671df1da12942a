"""A mail of ours, as bytes, read back by us and by the standard library."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any

import pytest

from rapport.kernel.mail.composing import History, OutgoingFile, compose_mail, sender_name
from rapport.kernel.mail.parsed import Address
from rapport.kernel.mail.parsing import parse_mail
from rapport.kernel.mail.writing_headers import UnsendableMail

USUAL: dict[str, Any] = {
    "sender": Address("Ben via Maple", "support@example.org"),
    "to": [Address("Dora", "dora@example.com")],
    "subject": "Re: Parcel",
    "body": "Dear Dora,\n\nit is on its **way**: https://example.org/track",
    "message_id": "abc.c7.m42.xyz@example.org",
    "date": datetime(2030, 1, 1, 10, 0, tzinfo=timezone(timedelta(hours=1))),
}


def composed(**changed: Any) -> bytes:
    return compose_mail(**{**USUAL, **changed})


def standard(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_text_comes_first_and_html_second() -> None:
    mail = standard(composed())
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    page = mail.get_body(("html",))
    assert page is not None
    assert "<strong>way</strong>" in page.get_content()
    assert '<a href="https://example.org/track"' in page.get_content()


def test_the_same_call_gives_the_same_bytes() -> None:
    assert composed() == composed()


def test_every_line_is_short_and_ascii_and_ends_with_crlf() -> None:
    files = [
        OutgoingFile("zażółć gęślą jaźń 報告書.pdf", "application/pdf", bytes(range(256)) * 40)
    ]
    raw = composed(
        body="Zażółć gęślą jaźń. " * 50 + "\n\n您的包裹在哪裡" * 80,
        subject="Zamówienie 您的包裹 " * 20,
        to=[Address("陳小明" * 12, f"a{n}@example.com") for n in range(40)],
        references=[f"{n}{'z' * 120}@example.com" for n in range(30)],
        files=files,
    )
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 200


def test_names_and_subjects_of_every_language_arrive() -> None:
    raw = composed(
        sender=Address("Łukasz via Wsparcie", "support@example.org"),
        to=[Address('Doe, "D" Dora', "dora@example.com"), Address("陳小明", "chen@example.com")],
        cc=[Address("Zoë\\x", "zoe@exämple.com")],
        subject="Zamówienie 42: 您的包裹在哪裡 👋🏽" * 4,
    )
    mail = parse_mail(raw)
    assert mail.from_ == Address("Łukasz via Wsparcie", "support@example.org")
    assert [one.name for one in (*mail.to, *mail.cc)] == ['Doe, "D" Dora', "陳小明", "Zoë\\x"]
    assert mail.cc[0].address == "zoe@xn--exmple-cua.com"
    assert mail.subject == "Zamówienie 42: 您的包裹在哪裡 👋🏽" * 4
    assert standard(raw)["subject"] == mail.subject


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Parcel\r\nBcc: eve@example.com"},
        {"subject": "Parcel\nX: y"},
        {"subject": "Parcel\x00"},
        {"sender": Address("Ben\r\nBcc: eve@example.com", "support@example.org")},
        {"sender": Address("Ben", "support@example.org\r\nBcc: eve@example.com")},
        {"to": [Address("", "dora@example.com>\r\nBcc: <eve@example.com")]},
        {"to": [Address("", "dora@example.com, eve@example.com")]},
        {"to": [Address("", "dora")]},
        {"to": [Address("", "dora smith@example.com")]},
        {"reply_to": Address("x\ry", "support@example.org")},
        {"message_id": "a@b>\r\nBcc: eve@example.com"},
        {"message_id": "a b@c"},
        {"message_id": ""},
        {"in_reply_to": "a@b\nX: y"},
        {"references": ["a@b", "c@d\r\nX: y"]},
        {"loop_marker": "a\r\nX: y"},
        {"language": "en\r\nX: y"},
        {"unsubscribe_url": "https://example.org/\r\nX: y"},
        {"files": [OutgoingFile("a\r\nX: y.txt", "text/plain", b"")]},
        {"files": [OutgoingFile("a.txt", "text/plain\r\nX: y", b"")]},
        {"files": [OutgoingFile("a.png", "image/png", b"", "x\r\nX: y")]},
        {"date": datetime(2030, 1, 1, 10, 0)},  # noqa: DTZ001  the zone is missing on purpose
    ],
)
def test_a_value_that_would_begin_a_header_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UnsendableMail, match=r"\w+: "):
        composed(**changed)


def test_an_answer_threads_by_root_and_newest_ids() -> None:
    chain = [f"{n}@example.com" for n in range(30)]
    mail = parse_mail(composed(in_reply_to="29@example.com", references=chain))
    assert mail.in_reply_to == ("29@example.com",)
    assert len(mail.references) == 20
    assert mail.references[0] == "0@example.com"
    assert mail.references[-2:] == ("28@example.com", "29@example.com")


def test_a_long_id_is_never_broken() -> None:
    long = "x" * 300 + "@example.com"
    mail = standard(composed(message_id=long, in_reply_to=long))
    assert mail["Message-ID"] == f"<{long}>"
    assert f"<{long}>" in mail.as_bytes(policy=email.policy.compat32).decode()


def test_what_a_machine_wrote_says_so() -> None:
    raw = composed(automatic="auto-replied", loop_marker="install-1")
    mail = parse_mail(raw, own_addresses={"support@example.org"}, own_marker="install-1")
    assert mail.auto_submitted == "auto-replied"
    assert mail.loop_markers == ("install-1",)
    assert mail.kind == "own"
    assert standard(raw)["X-Auto-Response-Suppress"] == "All"
    assert standard(composed())["Auto-Submitted"] is None


def test_pictures_stand_in_the_text_and_files_beside_it() -> None:
    shown = OutgoingFile("a.png", "image/png", b"\x89PNG\r\n\x1a\n", "pic@example.org")
    beside = OutgoingFile("Rechnung für März.pdf", "application/pdf", b"%PDF-1.4")
    raw = composed(body="Look: ![the box](cid:pic@example.org)", files=[shown, beside])
    mail = parse_mail(raw)
    assert [(one.name, one.is_inline, one.data) for one in mail.attachments] == [
        ("a.png", True, shown.data),
        ("Rechnung für März.pdf", False, beside.data),
    ]
    assert '<img src="cid:pic@example.org"' in mail.html
    assert "[the box]" in mail.text
    assert not mail.html_has_held_images


def test_a_picture_that_the_text_does_not_show_is_a_file() -> None:
    raw = composed(files=[OutgoingFile("a.png", "image/png", b"x", "pic@example.org")])
    assert not parse_mail(raw).attachments[0].is_inline


def test_a_forwarded_mail_stays_a_mail_when_it_is_seven_bit() -> None:
    plain = OutgoingFile("old.eml", "message/rfc822", b"From: a@b\n\nHello\n")
    wide = OutgoingFile("wide.eml", "message/rfc822", "From: a@b\n\nJaźń\n".encode())
    kinds = [one.declared_type for one in parse_mail(composed(files=[plain, wide])).attachments]
    assert kinds == ["message/rfc822", "application/octet-stream"]


def test_what_we_fold_when_it_comes_back() -> None:
    history = History(
        "On 1 Jan 2030 at 09:00, Dora <dora@example.com> wrote:", "Where is it?\n\nDora"
    )
    mail = parse_mail(composed(signature="Ben\nMaple", history=history))
    assert mail.text.endswith("https://example.org/track")
    assert "> Where is it?" in mail.quoted
    assert mail.signature.startswith("-- ")


def test_an_answer_above_our_line_is_cut_exactly() -> None:
    ours = parse_mail(composed(reply_above="Please write above this line"))
    answer = "Thank you!\n\n" + "\n".join(f"> {line}" for line in ours.full_text.split("\n"))
    raw = b"From: dora@example.com\r\n\r\n" + answer.encode()
    assert parse_mail(raw).text == "Thank you!"


def test_html_of_an_agent_is_text_and_scripts_are_nothing() -> None:
    raw = composed(body="<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=y>")
    page = standard(raw).get_body(("html",))
    assert page is not None
    assert "<script" not in page.get_content()
    assert "<img" not in page.get_content()
    assert 'href="javascript' not in page.get_content()


def test_the_page_is_in_the_language_and_direction_of_its_reader() -> None:
    page = standard(composed(language="ar", body="مرحبا")).get_body(("html",))
    assert page is not None
    assert '<html lang="ar" dir="rtl">' in page.get_content()
    assert "color-scheme" in page.get_content()


def test_no_recipient_is_still_a_mail() -> None:
    assert standard(composed(to=[]))["To"] is not None


def test_an_agent_signs_via_the_team() -> None:
    assert sender_name("Ben", "Maple") == "Ben via Maple"
    assert sender_name("", "Maple") == "Maple"
    assert sender_name("Maple", "Maple") == "Maple"


def test_a_date_keeps_its_zone() -> None:
    read = parse_mail(composed()).date
    assert read == datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
