"""Channels from the command line; above all the pipe of a mail server, which must never lose a mail."""

from __future__ import annotations

import io
import json

import pytest

from rapport.channels.models import Channel, Envelope
from rapport.channels.webhook.signing import sign, standing_secrets
from rapport.kernel import clock
from tests.makers import make_channel

MAIL = b"From: Dora <dora@customer.example>\r\nSubject: Tent\r\n\r\nIt leaks.\r\n"


@pytest.fixture
def help_mailbox(database):
    return make_channel("email", name="Help", address="help@maple.example")


def test_a_piped_mail_is_durable_when_the_command_has_ended(process, help_mailbox):
    assert process("channel", "receive", "email", given=MAIL).code == 0
    envelope = Envelope.objects.get()
    assert (bytes(envelope.raw), envelope.door) == (MAIL, "cli")
    assert (envelope.channel, envelope.state) == (help_mailbox, "waiting")


def test_a_mail_piped_twice_is_one_envelope_and_both_are_told_yes(process, help_mailbox):
    codes = [process("channel", "receive", "email", given=MAIL).code for _ in range(2)]
    assert codes == [0, 0]
    assert Envelope.objects.count() == 1


def test_among_several_mailboxes_the_recipient_decides(process, help_mailbox):
    sales = make_channel("email", name="Sales", address="sales@maple.example")
    told = process("channel", "receive", "email", "--to", "Sales@Maple.example", given=MAIL)
    assert (told.code, Envelope.objects.get().channel) == (0, sales)


@pytest.mark.parametrize(
    "recipient",
    ["help+c1042-k3jx@maple.example", "HELP+Order+7@maple.example", "<help@maple.example>"],
)
def test_a_recipient_is_known_with_its_tag(command, help_mailbox, monkeypatch, recipient):
    make_channel("email", name="Sales", address="sales@maple.example")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    assert command("channel", "receive", "email", "--to", recipient).code == 0
    assert Envelope.objects.get().channel == help_mailbox


def test_a_mailbox_that_has_a_tag_itself_comes_first(command, help_mailbox, monkeypatch):
    tagged = make_channel("email", name="Orders", address="help+orders@maple.example")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    assert command("channel", "receive", "email", "--to", "help+orders@maple.example").code == 0
    assert Envelope.objects.get().channel == tagged


def test_a_mail_that_cannot_be_stored_stays_with_the_mail_server(process, help_mailbox):
    word = ("channel", "receive", "email")
    assert process(*word, given=MAIL, DATABASE_URL="postgresql://a@127.0.0.1:1/x").code == 75
    assert process(*word, given=MAIL, RAPPORT_PORT="many").code == 75
    assert process(*word, "--to", "nobody@maple.example", given=MAIL).code == 75
    assert process(*word, given=b"").code == 75
    assert process(*word, "--tto", "help@maple.example", given=MAIL).code == 75
    assert process("channel", "receive", "emial", given=MAIL).code == 75
    too_large = process(*word, given=MAIL * 50, RAPPORT_MAX_MAIL_BYTES="1024")
    assert (too_large.code, Envelope.objects.count()) == (75, 0)
    assert "Traceback" not in too_large.err


def test_a_mailbox_is_added_with_its_password_sealed(command, database, tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    told = command(
        *("channel", "add", "email", "--address", "Help@maple.example"),
        *(
            "--imap",
            "imaps://help%40maple@imap.maple.example",
            "--smtp",
            "smtp://smtp.maple.example:2525",
        ),
        *("--password-file", str(tmp_path / "password")),
    )
    channel = Channel.objects.get()
    assert told.code == 0
    assert channel.hook_secret in told.out
    assert channel.address == "help@maple.example"
    assert channel.secrets == {"password": "s3cret"}
    assert "s3cret" not in channel.sealed
    assert channel.config["imap_user"] == "help@maple"
    assert (channel.config["imap_security"], channel.config["smtp_security"]) == ("tls", "starttls")
    assert channel.config["smtp_port"] == 2525


def test_the_same_address_is_not_added_twice(command, help_mailbox):
    told = command("channel", "add", "email", "--address", "help@maple.example")
    assert (told.code, Channel.objects.count()) == (1, 1)
    assert "already" in told.err


def test_a_password_on_the_command_line_is_refused(command, database):
    told = command(
        *("channel", "add", "email", "--address", "help@maple.example"),
        *("--imap", "imaps://help:s3cret@imap.maple.example"),
    )
    assert (told.code, Channel.objects.count()) == (2, 0)
    assert "s3cret" not in told.err


def test_a_webhook_is_told_its_address_and_its_secret_once(command, database):
    told = json.loads(command("channel", "add", "webhook", "--name", "Shop").out)
    channel = Channel.objects.get()
    assert told["url"].endswith(f"/hooks/webhook/{channel.public_id}")
    assert standing_secrets(channel.secrets["signing"], now=clock.now()) == [told["secret"]]
    assert sign(told["secret"], message_id="m1", timestamp=1, body=b"{}").startswith("v1,")
    assert told["secret"] not in command("channel", "list").out


def test_addresses_name_the_port_that_is_set(process, database):
    told = process("channel", "add", "webhook", "--name", "Shop", RAPPORT_PORT="8123")
    assert json.loads(told.out)["url"].startswith("http://127.0.0.1:8123/hooks/webhook/")
    address = "https://desk.maple.example/"
    told = process("channel", "add", "webhook", "--name", "Till", RAPPORT_PUBLIC_URL=address)
    assert json.loads(told.out)["url"].startswith(f"{address}hooks/webhook/")


def test_a_mailbox_that_does_not_answer_is_named_with_the_fix(command, database):
    Channel.objects.create(
        kind="email",
        name="Help",
        address="help@maple.example",
        config={"imap_host": "127.0.0.1", "imap_port": 1, "imap_security": "none"},
    )
    told = command("channel", "check")
    assert told.code == 1
    assert "FAILED" in told.out
    assert "check host, port and security" in told.out


@pytest.mark.parametrize(
    ("host", "more", "checker"),
    [
        ("imap.gmail.com", (), "mx.google.com"),
        ("imap.gmail.com", ("--checked-by", "mx.maple.example"), "mx.maple.example"),
        ("imap.maple.example", (), None),
    ],
)
def test_who_checks_senders_is_known_or_said(command, database, tmp_path, host, more, checker):
    (tmp_path / "password").write_text("s3cret\n")
    told = command(
        *("channel", "add", "email", "--address", "help@maple.example"),
        *("--imap", f"imaps://help@{host}", "--password-file", str(tmp_path / "password")),
        *more,
    )
    assert told.code == 0
    assert Channel.objects.get().config.get("authserv_id") == checker
