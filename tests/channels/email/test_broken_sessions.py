"""Sessions that break off in the middle of a mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapport.channels.email.configuring import imap_server, read_config
from rapport.channels.email.fetching import Trouble, fetch_mail
from rapport.channels.email.reaching import FAULTS, open_mailbox
from rapport.channels.models import Channel, Envelope, EnvelopeState, MailboxCursor
from tests.channels.email.cutting import cutting_line
from tests.channels.email.dovecot import Mailbox, dovecot, mailbox, write_mails
from tests.channels.email.test_fetching import numbers

__all__ = ["dovecot", "mailbox"]


def fetch_stubbornly(channel: Channel, trouble: Trouble, *, sessions: int = 10) -> int:
    """Sessions until one comes to its end, as the watcher does; returns how many it took."""
    settings = read_config(channel.config)
    for number in range(1, sessions + 1):
        try:
            with open_mailbox(imap_server(settings, channel.secrets)) as session:
                fetch_mail(session, channel.pk, settings, trouble=trouble)
        except FAULTS:
            continue
        return number
    raise AssertionError("it never came to its end")


def test_p03_a_line_cut_in_the_middle_loses_and_doubles_nothing(
    make_channel: Callable[..., Channel], mailbox: Mailbox
) -> None:
    mailbox.fill(write_mails(120))
    with cutting_line(mailbox.port, cut_on=b"Subject: mail 77\r\n", times=1) as line:
        channel = make_channel(**{**mailbox.config, "imap_port": line.port})
        assert fetch_stubbornly(channel, Trouble()) == 2
        assert line.cuts == 1
    assert numbers() == list(range(120))
    cursor: Any = MailboxCursor.objects.get()
    assert cursor.fetched == cursor.stored == 120


def test_a_mail_that_always_breaks_the_line_is_left_out_and_the_rest_goes_on(
    make_channel: Callable[..., Channel], mailbox: Mailbox
) -> None:
    mailbox.fill(write_mails(10))
    with cutting_line(mailbox.port, cut_on=b"Subject: mail 4\r\n") as line:
        channel = make_channel(**{**mailbox.config, "imap_port": line.port})
        trouble = Trouble()
        assert fetch_stubbornly(channel, trouble) <= 6
    parked = Envelope.objects.get(state=EnvelopeState.PARKED)
    assert parked.error == "breaks_off"
    rest = Envelope.objects.filter(state=EnvelopeState.WAITING).order_by("id")
    assert [bytes(e.raw).split(b"Subject: mail ")[1][:1] for e in rest] == [
        str(number).encode() for number in range(10) if number != 4
    ]
