"""winmail.dat and calendars."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.parsing import parse_mail
from rapport.kernel.mail.unpacking import unpack_winmail
from tests.kernel.mail.test_limiting import file, mixed

FILES = {
    "body.tnef": [],
    "data-before-name.tnef": ["AUTOEXEC.BAT", "CONFIG.SYS", "boot.ini"],
    "garbage-at-end.tnef": [],
    "long-filename.tnef": ["allproductsmar2000.dat"],
    "minimal_attachment.tnef": ["attachment-2"],
    "multi-name-property.tnef": [],
    "multi-value-attribute.tnef": ["208225__5_seconds__Voice_Mail.mp3"],
    "one-file.tnef": ["AUTHORS"],
    "rtf.tnef": [],
    "triples.tnef": [],
    "two-files.tnef": ["AUTHORS", "README"],
    "unicode-mapi-attr.tnef": ["example.dat"],
}


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_winmail_is_unpacked(mails: Path, name: str) -> None:
    data = (mails / "tnef" / name).read_bytes()
    mail = parse_mail(mixed(b"\r\nHello", file(data, "winmail.dat", "application/ms-tnef")))
    assert [one.name for one in mail.attachments] == FILES[name]
    assert mail.text == "Hello"
    assert not mail.warnings


def test_the_text_of_a_winmail_is_read_when_the_mail_has_none(mails: Path) -> None:
    data = (mails / "tnef" / "body.tnef").read_bytes()
    mail = parse_mail(mixed(file(data, "winmail.dat", "application/ms-tnef")))
    assert mail.text


def test_the_text_of_a_winmail_is_read_out_of_compressed_rtf(mails: Path) -> None:
    data = (mails / "tnef" / "rtf.tnef").read_bytes()
    mail = parse_mail(mixed(file(data, "winmail.dat", "application/ms-tnef")))
    assert "Senior Engineer" in mail.full_text
    assert "{" not in mail.full_text


def test_a_broken_winmail_stays_a_file(mails: Path) -> None:
    data = (mails / "tnef" / "two-files.tnef").read_bytes()[:200]
    mail = parse_mail(mixed(b"\r\nHello", file(data, "winmail.dat", "application/ms-tnef")))
    assert [one.name for one in mail.attachments] == ["winmail.dat"]
    assert "winmail.dat" in mail.warnings[0]


def test_a_winmail_of_endless_objects_is_refused() -> None:
    data = b"\x78\x9f\x3e\x22\x00\x00" + bytes(500_000)
    assert "objects" in unpack_winmail(data, place=0, limits=MailLimits()).fault


ICS = """BEGIN:VCALENDAR
PRODID:-//x//y
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.com
SUMMARY:Odbiór paczki 您好
DTSTART:20300101T100000Z
DURATION:PT1H
LOCATION:Kraków
ORGANIZER;CN=Dora:mailto:dora@example.com
ATTENDEE:mailto:support@example.org
ATTENDEE:mailto:eli@example.com
SEQUENCE:2
STATUS:CONFIRMED
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:2@example.com
SUMMARY:Holiday
DTSTART;VALUE=DATE:20300501
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_is_told_in_a_few_words() -> None:
    part = (
        b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n"
        + ICS.replace("\n", "\r\n").encode()
    )
    mail = parse_mail(mixed(b"\r\nPlease come", part))
    first, second = mail.invites
    assert (first.method, first.uid, first.summary) == (
        "REQUEST",
        "1@example.com",
        "Odbiór paczki 您好",
    )
    assert (first.starts, first.ends) == ("2030-01-01T10:00:00+00:00", "2030-01-01T11:00:00+00:00")
    assert (first.location, first.organizer, first.sequence) == ("Kraków", "dora@example.com", 2)
    assert first.attendees == ("support@example.org", "eli@example.com")
    assert first.is_recurring
    assert (second.starts, second.is_all_day) == ("2030-05-01", True)
    assert mail.attachments[0].content_type == "text/calendar"


@pytest.mark.parametrize(
    "data", [b"", b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:x\nEND:VEVENT\n"]
)
def test_a_broken_calendar_is_a_file(data: bytes) -> None:
    part = (
        b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(data)
    )
    mail = parse_mail(mixed(b"\r\nPlease come", part))
    assert mail.text == "Please come"
    assert len(mail.attachments) == 1
