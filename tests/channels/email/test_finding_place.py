"""A channel that is pointed at another mailbox, which has the same UIDVALIDITY by chance."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from rapport.channels.models import Channel, MailboxCursor
from tests.channels.email.dovecot import Dovecot, Mailbox, dovecot, mailbox, write_mails
from tests.channels.email.test_fetching import fetch, numbers

__all__ = ["dovecot", "mailbox"]
Make = Callable[..., Channel]


@pytest.fixture
def other(dovecot: Dovecot, mailbox: Mailbox) -> Callable[[], Mailbox]:
    """Another account on the same server, with the UIDVALIDITY of the first one."""

    def make() -> Mailbox:
        first = MailboxCursor.objects.get()
        home = dovecot.folder / "mail" / "other"
        home.mkdir()
        uids = home / "dovecot-uidlist"
        uids.write_text(f"3 V{first.uid_validity} N1 G0123456789abcdef0123456789abcdef\n")
        owner = (dovecot.folder / "mail").stat()
        for path in (home, uids):
            shutil.chown(path, owner.st_uid, owner.st_gid)
        return Mailbox(mailbox.folder, mailbox.port, user="other")

    return make


def point_at(channel: Channel, mailbox: Mailbox, **more: Any) -> None:
    channel.config = {**channel.config, **mailbox.config, **more}
    channel.save(update_fields=["config"])


def test_another_users_mailbox_is_read_from_its_beginning(
    make_channel: Make, mailbox: Mailbox, other: Callable[[], Mailbox]
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(5))
    assert fetch(channel) == 5
    new = other()
    new.fill(write_mails(4, start=5))
    before = MailboxCursor.objects.get()
    point_at(channel, new)
    assert fetch(channel) == 4
    after = MailboxCursor.objects.get()
    assert (before.uid_validity, before.last_uid) == (after.uid_validity, 5)
    assert (after.last_uid, numbers()) == (4, list(range(9)))
    assert fetch(channel) == 0


def test_only_new_mail_of_another_users_mailbox_is_taken_where_that_was_chosen(
    make_channel: Make, mailbox: Mailbox, other: Callable[[], Mailbox]
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(5))
    fetch(channel)
    new = other()
    new.fill(write_mails(3, start=5))
    point_at(channel, new, start_from="now")
    assert fetch(channel) == 0
    new.fill(write_mails(1, start=8))
    assert fetch(channel) == 1
    assert numbers() == [0, 1, 2, 3, 4, 8]


@pytest.mark.parametrize("start_from", ["all", "now"])
def test_another_name_of_the_same_server_goes_on_where_it_was(
    make_channel: Make, mailbox: Mailbox, start_from: str
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(5))
    fetch(channel)
    mailbox.fill(write_mails(2, start=5))
    point_at(channel, mailbox, imap_host="localhost", start_from=start_from)
    assert fetch(channel) == 2
    cursor = MailboxCursor.objects.get()
    assert (cursor.last_uid, cursor.fetched, numbers()) == (7, 7, list(range(7)))


def test_another_server_of_the_same_user_loses_nothing_also_where_only_new_mail_was_chosen(
    make_channel: Make, mailbox: Mailbox, other: Callable[[], Mailbox]
) -> None:
    """Nothing proves the place, so what came meanwhile may lie behind it: rather too much than too little."""
    channel = make_channel(**mailbox.config, start_from="now")
    mailbox.fill(write_mails(5))
    assert fetch(channel) == 0
    mailbox.fill(write_mails(2, start=5))
    point_at(channel, mailbox, imap_host="localhost")
    assert fetch(channel) == 2


def test_a_cursor_from_before_accounts_were_remembered_goes_on(
    make_channel: Make, mailbox: Mailbox
) -> None:
    channel = make_channel(**mailbox.config)
    mailbox.fill(write_mails(3))
    fetch(channel)
    MailboxCursor.objects.update(account="")
    mailbox.fill(write_mails(1, start=3))
    assert fetch(channel) == 1
    assert MailboxCursor.objects.get().account == "desk 127.0.0.1"
