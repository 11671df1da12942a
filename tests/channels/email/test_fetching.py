"""Reading mailboxes, against a real IMAP server."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from rapport.channels.email import polling as watching
from rapport.channels.email.configuring import imap_server, read_config
from rapport.channels.email.fetching import fetch_mail
from rapport.channels.email.idling import wait_for_news
from rapport.channels.email.reaching import FAULTS, open_mailbox
from rapport.channels.models import Channel, Envelope, EnvelopeState, MailboxCursor
from rapport.kernel.journal.models import Entry
from tests.channels.email.dovecot import (
    Dovecot,
    Mailbox,
    dovecot,
    mailbox,
    running_dovecot,
    write_mails,
)

__all__ = ["dovecot", "mailbox"]
Make = Callable[..., Channel]


def fetch(channel: Channel) -> int:
    settings = read_config(channel.config)
    with open_mailbox(imap_server(settings, channel.secrets)) as session:
        return fetch_mail(session, channel.pk, settings)


def numbers() -> list[int]:
    """The numbers of the mails that are envelopes, in the order in which they were stored."""
    raws = Envelope.objects.order_by("id").values_list("raw", flat=True)
    return [int(re.findall(rb"Subject: mail (\d+)", bytes(raw))[0]) for raw in raws]


@contextmanager
def polling() -> Iterator[None]:
    """Mailboxes are watched, with the pauses of somebody in a hurry."""
    stop = threading.Event()
    thread = threading.Thread(target=watching.poll_mailboxes, args=(stop,))
    with pytest.MonkeyPatch.context() as hurry:
        hurry.setattr(watching, "LOOK_SECONDS", 0.2)
        hurry.setattr(watching, "PAUSES", (*[0.1] * 100, 300))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(20)
            assert not thread.is_alive()


def eventually(condition: Callable[[], Any], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.05)


def test_p03_a_mailbox_away_for_days_gives_all_its_mail_once_and_in_order(
    make_channel: Make, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(3))
    assert fetch(channel) == 3
    dovecot.stop()
    with pytest.raises(FAULTS):
        fetch(channel)
    dovecot.start()
    mailbox.fill(write_mails(400, start=3))
    assert fetch(channel) == 400
    assert fetch(channel) == 0
    assert numbers() == list(range(403))
    cursor = MailboxCursor.objects.get()
    assert (cursor.fetched, cursor.stored) == (403, 403)


def test_p02_mail_that_somebody_has_opened_elsewhere_is_taken_in(
    make_channel: Make, mailbox: Mailbox
) -> None:
    mailbox.fill(write_mails(400), seen=True)
    assert fetch(make_channel(**mailbox.config)) == 400
    assert numbers() == list(range(400))


def test_reading_leaves_no_trace_in_the_mailbox(make_channel: Make, mailbox: Mailbox) -> None:
    mailbox.fill(write_mails(2))
    fetch(make_channel(**mailbox.config))
    with mailbox.open() as session:
        assert [mail.flags for mail in session.fetch(mark_seen=False)] == [(), ()]


def test_the_bytes_are_kept_as_the_server_has_them(make_channel: Make, mailbox: Mailbox) -> None:
    odd = b"From: dora@mail.example\r\nSubject: mail 1\r\n\r\n\xff\xfe raw\r\n.\r\n"
    mailbox.fill([odd])
    fetch(make_channel(**mailbox.config))
    assert bytes(Envelope.objects.get().raw) == odd


def test_a_new_uidvalidity_reads_all_again_and_stores_nothing_twice(
    make_channel: Make, mailbox: Mailbox
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(5))
    fetch(channel)
    with mailbox.open() as session:
        session.folder.create("Elsewhere")
        session.folder.set("INBOX")
        session.copy(session.uids(), "Elsewhere")
        session.delete(session.uids())
    for path in (mailbox.folder / "mail" / mailbox.user).glob("dovecot*"):
        path.unlink()
    time.sleep(1.1)
    mailbox.fill(write_mails(8))
    before = MailboxCursor.objects.get().uid_validity
    assert fetch(channel) == 3
    assert MailboxCursor.objects.get().uid_validity != before
    assert numbers() == list(range(8))


def test_the_same_mail_by_two_folders_is_one_envelope(make_channel: Make, mailbox: Mailbox) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(2) + write_mails(2))
    assert fetch(channel) == 2
    assert MailboxCursor.objects.get().stored == 4


def test_start_from_now_leaves_history_where_it_is(make_channel: Make, mailbox: Mailbox) -> None:
    mailbox.fill(write_mails(5))
    channel = make_channel(**mailbox.config, start_from="now")
    assert fetch(channel) == 0
    mailbox.fill(write_mails(1, start=5))
    fetch(channel)
    assert numbers() == [5]


@pytest.mark.parametrize("after", ["seen", "move"])
def test_stored_mail_is_filed_as_the_channel_says(
    after: str, make_channel: Make, mailbox: Mailbox
) -> None:
    mailbox.fill(write_mails(3))
    fetch(make_channel(**mailbox.config, after_fetch=after, archive_folder="Desk"))
    with mailbox.open() as session:
        left = [mail.flags for mail in session.fetch(mark_seen=False)]
    assert left == ([] if after == "move" else [("\\Seen",)] * 3)
    assert numbers() == [0, 1, 2]


def test_mail_that_was_stored_and_not_yet_moved_is_moved_next_time(
    make_channel: Make, mailbox: Mailbox
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(3))
    fetch(channel)
    channel.config |= {"after_fetch": "move", "archive_folder": "Desk"}
    assert fetch(channel) == 0
    with mailbox.open("Desk") as session:
        assert len(session.uids()) == 3


def test_a_mail_over_the_limit_is_parked_and_holds_up_nobody(
    make_channel: Make, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = write_mails(1)[0] + b"x" * 100_000
    mailbox.fill([huge, *write_mails(2, start=1)])
    monkeypatch.setenv("RAPPORT_MAX_MAIL_BYTES", "50000")
    from rapport.kernel.config import config

    config.cache_clear()
    try:
        fetch(make_channel(**mailbox.config))
    finally:
        monkeypatch.undo()
        config.cache_clear()
    parked = Envelope.objects.get(state=EnvelopeState.PARKED)
    assert parked.error.startswith("over_limit: ")
    assert b"Subject: mail 0" in bytes(parked.raw)
    assert len(bytes(parked.raw)) < 1000
    assert sorted(numbers()) == [0, 1, 2]
    assert Entry.objects.filter(kind="channels.envelope_parked").count() == 1


def test_new_mail_is_here_while_the_mailbox_is_watched(
    make_channel: Make, mailbox: Mailbox
) -> None:
    mailbox.fill(write_mails(1))
    make_channel(**mailbox.config, poll_seconds=600)
    with polling():
        eventually(lambda: numbers() == [0])
        mailbox.fill(write_mails(1, start=1))
        eventually(lambda: numbers() == [0, 1])


@pytest.mark.parametrize("is_told_early", [True, False])
def test_mail_that_comes_between_a_look_and_the_wait_ends_the_wait(
    is_told_early: bool, make_channel: Make, mailbox: Mailbox
) -> None:
    channel = make_channel(**mailbox.config, poll_seconds=600)
    settings, stop = read_config(channel.config), threading.Event()
    with open_mailbox(imap_server(settings, channel.secrets)) as session:
        assert fetch_mail(session, channel.pk, settings) == 0
        mailbox.fill(write_mails(1))
        if is_told_early:
            session.client.noop()
        waiting = threading.Thread(target=wait_for_news, args=(session, settings, stop))
        waiting.start()
        waiting.join(30)
        is_over = not waiting.is_alive()
        stop.set()
        waiting.join(30)
        assert is_over
        assert fetch_mail(session, channel.pk, settings) == 1


def test_a_server_without_idle_is_asked_again_and_again(make_channel: Make) -> None:
    with running_dovecot(abilities="IMAP4rev1 UIDPLUS") as server:
        mailbox = Mailbox(server.folder, server.port)
        mailbox.fill(write_mails(1))
        make_channel(**mailbox.config, poll_seconds=1)
        with polling():
            eventually(lambda: numbers() == [0])
            with mailbox.open() as session:
                assert b"IDLE" not in session.client.capability()[1][0]
            mailbox.fill(write_mails(1, start=1))
            eventually(lambda: numbers() == [0, 1])


def test_p03_a_watcher_comes_back_after_its_server_did(
    make_channel: Make, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    channel = make_channel(**mailbox.config, poll_seconds=600)
    mailbox.fill(write_mails(1))
    with polling():
        eventually(lambda: numbers() == [0])
        dovecot.stop()
        eventually(lambda: MailboxCursor.objects.get().failing_since)
        dovecot.start()
        mailbox.fill(write_mails(1, start=1))
        eventually(lambda: numbers() == [0, 1])
        eventually(lambda: MailboxCursor.objects.get().failing_since is None)
    assert channel.state == "active"


def test_a_wrong_password_is_told_and_tried_again(make_channel: Make, mailbox: Mailbox) -> None:
    from rapport.kernel.secrets import seal

    channel = make_channel(**mailbox.config)
    Channel.objects.filter(pk=channel.pk).update(sealed=seal({"password": "wrong"}))
    mailbox.fill(write_mails(1))
    with polling():
        eventually(lambda: Entry.objects.filter(kind="channels.mailbox_lost").exists())
        Channel.objects.filter(pk=channel.pk).update(sealed=seal({"password": "secret"}))
        eventually(lambda: numbers() == [0])
        eventually(lambda: Entry.objects.filter(kind="channels.mailbox_found").exists())
    assert connection.is_usable()
