"""Mailing: mails as customers' programs write them, raw. Imports no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from rapport.cli.demonstrating.drawing import File, draw_photo

Person = tuple[str, str]
#: The line above a quotation, as the mailers of each language write it.
ATTRIBUTIONS = {
    "en": "On {d:%d %b %Y, at %H:%M}, {name} <{address}> wrote:",
    "pl": "{day}, {d.day}.{d:%m.%Y} o {d:%H:%M} {name} <{address}> napisał(a):",
    "zh-Hant": "{name} <{address}> 於 {d.year}年{d.month}月{d.day}日 週{day} {d:%H:%M}寫道：",
    "zh-Hans": "{name} <{address}> 于{d.year}年{d.month}月{d.day}日周{day} {d:%H:%M}写道：",
}
WEEKDAYS = {
    "pl": ("pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."),
    "zh-Hant": tuple("一二三四五六日"),
    "zh-Hans": tuple("一二三四五六日"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says and to whom; people are pairs of name and address."""

    sender: Person
    to: Sequence[Person]
    subject: str
    text: str
    message_id: str
    date: datetime
    cc: Sequence[Person] = ()
    in_reply_to: str = ""
    references: Sequence[str] = ()
    files: Sequence[File] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    has_picture: bool = False
    invite: str = ""


def write_letter(letter: Letter) -> bytes:
    """The mail as bytes with CRLF line ends."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(letter.sender)
    mail["To"] = [_address(person) for person in letter.to]
    if letter.cc:
        mail["Cc"] = [_address(person) for person in letter.cc]
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.in_reply_to:
        mail["In-Reply-To"] = f"<{letter.in_reply_to}>"
        chain = dict.fromkeys([*letter.references, letter.in_reply_to])
        mail["References"] = " ".join(f"<{one}>" for one in chain)
    for name, value in letter.headers.items():
        mail[name] = value
    mail.set_content(letter.text + "\n", cte="base64" if not letter.text.isascii() else None)
    if letter.has_picture:
        _add_picture(mail, letter.text)
    if letter.invite:
        mail.add_alternative(letter.invite, subtype="calendar", params={"method": "REQUEST"})
    for file in letter.files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def quote(text: str, *, writer: Person, date: datetime, language: str) -> str:
    """What was said before, as it stands below an answer."""
    days = WEEKDAYS.get(language)
    line = ATTRIBUTIONS[language].format(
        name=writer[0], address=writer[1], d=date, day=days[date.weekday()] if days else ""
    )
    return line + "\n" + "\n".join(f"> {one}" for one in text.splitlines())


def write_report(*, about: str, recipient: str, to: str, message_id: str, date: datetime) -> bytes:
    """A delivery report: the mail `about` (its Message-ID) did not reach the recipient."""
    domain = recipient.rpartition("@")[2]
    head = (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@{domain}>\r\nTo: <{to}>\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(date)}\r\n"
        f"Message-ID: <{message_id}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"\r\n\r\n'
    )
    words = (
        "--=_report\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"Your message could not be delivered to {recipient}:\r\nthe mailbox is full.\r\n\r\n"
    )
    status = (
        "--=_report\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.{domain}\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\r\n\r\n"
    )
    original = (
        "--=_report\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{about}>\r\nTo: <{recipient}>\r\n\r\n--=_report--\r\n"
    )
    return (head + words + status + original).encode("ascii")


def write_invite(*, subject: str, organizer: str, attendee: str, at: datetime, uid: str) -> str:
    """A calendar invitation of an hour."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hillside//Calendar//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{at:%Y%m%dT%H%M%SZ}",
        f"DTEND:{at + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{subject}",
        "LOCATION:Maple Outdoors, showroom",
        f"ORGANIZER:mailto:{organizer}",
        f"ATTENDEE;RSVP=TRUE:mailto:{attendee}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


def _address(person: Person) -> Address:
    local, _, domain = person[1].rpartition("@")
    return Address(person[0], local, domain)


def _add_picture(mail: EmailMessage, text: str) -> None:
    """The same words as HTML, with a picture among them."""
    cid = "picture-1@demo"
    paragraphs = "".join(
        f"<p>{'<br>'.join(escape(line) for line in part.splitlines())}</p>"
        for part in text.split("\n\n")
    )
    page = f'<html><body>{paragraphs}<p><img src="cid:{cid}" alt="" width="300"></p></body></html>'
    mail.add_alternative(page, subtype="html")
    rich = mail.get_payload()[1]  # type: ignore[index]
    rich.add_related(  # type: ignore[union-attr]
        draw_photo(0),
        maintype="image",
        subtype="png",
        cid=f"<{cid}>",
        filename="picture.png",
        disposition="inline",
    )
