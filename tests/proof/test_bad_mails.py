"""Mails that nobody should send, brought to the real doors: kept once, shown, and never in another's way."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from rapport.channels.delivering import deliver
from rapport.channels.email.configuring import imap_server, read_config
from rapport.channels.email.fetching import fetch_mail
from rapport.channels.email.reaching import open_mailbox
from rapport.channels.models import Delivery, Envelope
from rapport.conversations.models import Attachment, Message
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.secrets import seal
from tests.channels.email.dovecot import Mailbox, dovecot, mailbox
from tests.channels.mails import mail
from tests.channels.sinks import Sink, smtp_sink
from tests.proof.house import House, visible_text

__all__ = ["dovecot", "mailbox"]

HEAD = b"From: Eli <eli@xinxiang.example>\r\nTo: help@maple.example\r\nSubject: Broken\r\n"


def mixed(*parts: bytes) -> bytes:
    """A mail of Eli's with these parts."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in (b"\r\nReadable words", *parts))
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def nested(levels: int) -> bytes:
    """Multiparts in multiparts, and words at the bottom."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(levels)
    )
    return HEAD + opened + b"\r\nReadable words at the bottom"


def bomb() -> bytes:
    """A hundred million bytes in a hundred thousand."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(100_000_000))
    return (
        b"Content-Type: application/zip; name=bomb.zip\r\nContent-Disposition: attachment\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + packed.getvalue()
    )


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


EVERYBODY = ", ".join(f"U{n} <u{n}@example.org>" for n in range(10_000)).encode()
BAD: dict[str, Callable[[], bytes]] = {
    "a boundary that never comes": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=never\r\n\r\nReadable words"
    ),
    "a part that never ends": lambda: mixed(b"Content-Type: multipart/related; boundary=c\r\n\r\n--c"),
    "base64 that is none": lambda: mixed(
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n\xff\xfe?=!==="
    ),
    "names without end": lambda: mixed(
        b"Content-Type: image/png; name=" + b"n" * 5000 + b"\r\nContent-ID: <" + b"i" * 5000 + b">\r\n\r\nx"
    ),
    "a thousand levels": lambda: nested(1000),
    "ten thousand recipients": lambda: HEAD + b"Cc: " + EVERYBODY + b"\r\n\r\nReadable words",
    "a zip bomb": lambda: mixed(bomb()),
    "NUL and half surrogates": lambda: (
        HEAD.replace(b"Broken", b"Bro\x00ken =?utf-8?B?7aCA?= \xed\xa0\x80")
        + b"Message-ID: <\x00\xed\xa0\x80@x>\r\nX: \x00\r\n\r\nReadable\x00 words \xed\xa0\x80"
    ),
    "line ends in encoded words": lambda: (
        b"From: =?utf-8?Q?Eli=0D=0ABcc:_spy=40evil.example?= <eli@xinxiang.example>\r\n"
        b"Subject: =?utf-8?Q?Hi=0D=0AX-Evil:_1?=\r\nMessage-ID: <a@b\r\n X-Evil: 1>\r\n\r\nReadable words"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mail_is_kept_once_by_both_doors_and_stops_nobody(house: House, name: str) -> None:
    raw = BAD[name]()
    answer = house.post_mail(raw)
    assert answer.status_code == 202, answer.text
    piped = subprocess.run(
        [sys.executable, "-m", "rapport", "channel", "receive", "email", "--to", "help@maple.example"],
        input=raw, capture_output=True, check=False,
    )  # fmt: skip
    assert (piped.returncode, piped.stderr) == (0, b"")
    (next_one,) = house.take_in(mail(sender="Eli <eli@xinxiang.example>", text="The next one"))
    assert next_one["text"].strip() == "The next one"
    (envelope, _next) = Envelope.objects.order_by("pk")
    assert (envelope.pk, envelope.state) == (answer.json()["envelope_id"], "done"), envelope.error
    shown = house.get(f"/api/v1/messages/{envelope.message_id}")
    page = house.page(f"/inbox/conversations/C-{shown['conversation']}")
    assert page.status_code == 200
    words = visible_text(page.text)
    assert "Readable" in words or "thousand levels" in name
    assert "\x00" not in page.text


def test_a_mailbox_full_of_bad_mails_is_read_to_its_end(house: House, mailbox: Mailbox) -> None:
    raws = [make() for name, make in BAD.items() if name != "NUL and half surrogates"]
    mailbox.fill([*raws, mail(sender="Eli <eli@xinxiang.example>", text="The last one")])
    channel = house.cast.mail
    channel.config, channel.sealed = mailbox.config, seal({"password": "secret"})
    channel.save()
    settings = read_config(channel.config)
    with open_mailbox(imap_server(settings, channel.secrets)) as session:
        assert fetch_mail(session, channel.pk, settings) == len(raws) + 1
    house.work()
    assert set(Envelope.objects.values_list("state", flat=True)) == {"done"}
    assert Message.objects.latest("pk").text.strip() == "The last one"


def test_a_file_over_the_limit_is_refused_by_name_and_its_mail_is_kept(house: House) -> None:
    head = b"Content-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    size = 50 * 1024 * 1024
    (message,) = house.take_in(mixed(head + b"x" * size))
    assert message["text"].strip() == "Readable words"
    (file,) = Attachment.objects.filter(message_id=message["id"])
    assert (file.name, file.stored_name) == ("film.mp4", "")
    assert f"{config().max_attachment_bytes // 1024} KiB" in file.refused
    page = visible_text(house.page(f"/inbox/conversations/C-{message['conversation']}").text)
    assert "film.mp4" in page


EVIL = "x\r\nBcc: spy@evil.example\r\n\r\nbody"


@pytest.mark.parametrize("field", ["subject", "to", "cc", "bcc"])
def test_no_line_end_of_a_program_begins_a_header(house: House, sink: Sink, field: str) -> None:
    wire = _answered(house, sink, BAD["line ends in encoded words"](), **{field: EVIL})
    assert wire is None or _is_clean(wire)


def test_no_line_end_of_a_customer_or_a_colleague_begins_a_header(house: House, sink: Sink) -> None:
    house.cast.ada.name = EVIL
    house.cast.ada.save()
    house.cast.support.name = EVIL[:90]
    house.cast.support.save()
    wire = _answered(house, sink, BAD["line ends in encoded words"]())
    assert wire is not None
    assert _is_clean(wire)
    assert "<eli@xinxiang.example>" in str(wire["To"])


def _is_clean(wire: EmailMessage) -> bool:
    """Nothing that was smuggled in is a header, a recipient, or the beginning of the body."""
    assert not {"bcc", "x-evil"} & {name.lower() for name, _ in wire.items()}
    people = [one.addr_spec for name in ("From", "To", "Reply-To") for one in wire[name].addresses]
    body = wire.get_body(("plain",))
    assert body is not None
    return "spy@evil.example" not in people and body.get_content().startswith("An answer")


def _answered(house: House, sink: Sink, raw: bytes, **fields: str) -> EmailMessage | None:
    """Take a mail in, answer it by the API, and hand the answer over; None where it was refused."""
    house.cast.mail.config = sink.config
    house.cast.mail.save()
    (message,) = house.take_in(raw)
    shape = {name: value if name == "subject" else [value] for name, value in fields.items()}
    path = f"/api/v1/conversations/{message['conversation']}/messages"
    answer = house.ask("POST", path, json={"text": "An answer", **shape})
    if answer.status_code != 201:
        assert answer.status_code in (400, 409, 422), answer.text
        return None
    delivery = Delivery.objects.get(message=answer.json()["id"])
    Delivery.objects.update(due_at=clock.now())
    deliver(delivery.pk)
    assert sink.mails, (delivery.state, delivery.error)
    assert all("spy" not in who for mail in sink.mails for who in mail.rcpt_tos)
    wire: Any = message_from_bytes(bytes(sink.mails[-1].content or b""), policy=default)
    return wire  # type: ignore[no-any-return]
