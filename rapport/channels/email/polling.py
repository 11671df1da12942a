"""Polling: one watcher per mailbox, for as long as the worker runs.

A watcher waits with IDLE where the server has it, looks anyway every `poll_seconds`, and comes back after
every fault with growing pauses. It never gives a mailbox up, and one mailbox never holds up another.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from rapport.channels.email.configuring import MailConfig, Misconfigured, imap_server, read_config
from rapport.channels.email.fetching import READER, Trouble, fetch_mail
from rapport.channels.email.idling import can_idle, wait_for_news
from rapport.channels.email.reaching import FAULTS, NoEntry, open_mailbox, words_of
from rapport.channels.email.signing_in import (
    SignInLater,
    SignInLost,
    forget_token,
    secrets_of,
)
from rapport.channels.events import MailboxFound, MailboxLost
from rapport.channels.explaining import coded
from rapport.channels.models import Channel, ChannelState, MailboxCursor
from rapport.kernel import clock, journal
from rapport.kernel.pg.locking import advisory_key
from rapport.kernel.secrets import SecretUnreadable

log = logging.getLogger("rapport.channels")
#: Seconds between looks at the list of channels, also while a watcher ends, and after 1, 2, 3 … faults in a row.
LOOK_SECONDS, SOON_SECONDS = 5.0, 0.2
PAUSES = (1, 2, 5, 15, 30, 60, 120, 300)
#: Faults in a row after which people are told.
ALARM = 3
EXPECTED = (*FAULTS, NoEntry, Misconfigured, SignInLater, SignInLost, SecretUnreadable)


@dataclass
class Watch:
    """A running watcher: what it was started with, and how to stop it."""

    fingerprint: tuple[object, ...]
    stop: threading.Event
    thread: threading.Thread


def poll_mailboxes(stop: threading.Event) -> None:
    """Watch every mailbox of every channel that is not paused until `stop` is set."""
    watches: dict[int, Watch] = {}
    try:
        while not stop.is_set():
            try:
                _tend(watches)
            except (OperationalError, InterfaceError):
                connection.close()
            is_one_ending = any(watch.stop.is_set() for watch in watches.values())
            stop.wait(SOON_SECONDS if is_one_ending else LOOK_SECONDS)
    finally:
        for watch in watches.values():
            watch.stop.set()
        for watch in watches.values():
            watch.thread.join(timeout=10)
        connection.close()


def _tend(watches: dict[int, Watch]) -> None:
    """Start, restart and stop watchers as the channels say now."""
    wanted = {
        channel.pk: (channel.config, channel.sealed)
        for channel in Channel.objects.filter(kind="email").exclude(state=ChannelState.PAUSED)
        if channel.config.get("imap_host")
    }
    for number, watch in list(watches.items()):
        if watch.fingerprint != wanted.get(number) or not watch.thread.is_alive():
            watch.stop.set()
            if not watch.thread.is_alive():
                del watches[number]
    for number, fingerprint in wanted.items():
        if number not in watches:
            watches[number] = _start(number, fingerprint)


def _start(channel_id: int, fingerprint: tuple[object, ...]) -> Watch:
    stop = threading.Event()
    thread = threading.Thread(
        target=watch_mailbox, args=(channel_id, stop), name=f"mailbox {channel_id}", daemon=True
    )
    thread.start()
    return Watch(fingerprint, stop, thread)


def watch_mailbox(channel_id: int, stop: threading.Event) -> None:
    """Watch one channel's mailbox until `stop` is set; whichever process has its lock does."""
    trouble, faults = Trouble(), 0
    try:
        while not stop.is_set():
            began = time.monotonic()
            try:
                if _is_ours(channel_id):
                    _stay(channel_id, stop, trouble)
                faults = 0
                pause = LOOK_SECONDS
            except Exception as error:
                faults = 1 if time.monotonic() - began > PAUSES[-1] else faults + 1
                pause = PAUSES[min(faults, len(PAUSES)) - 1] * random.uniform(1.0, 1.2)  # noqa: S311
                _report(channel_id, error, faults=faults)
            stop.wait(pause)
    finally:
        connection.close()  # lets go of the lock, too


def _is_ours(channel_id: int) -> bool:
    """Take the mailbox's lock for as long as this database session lives; two readers help nobody."""
    if not connection.is_usable():
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_lock(%s)", [advisory_key("channels.mailbox", channel_id)]
        )
        return bool(cursor.fetchone()[0])


def _stay(channel_id: int, stop: threading.Event, trouble: Trouble) -> None:
    """Hold one session: look, wait, look again. Returns when told to stop or another has the lock."""
    channel = Channel.objects.get(pk=channel_id)
    settings = read_config(channel.config)
    try:
        _watch(channel, settings, stop, trouble)
    except NoEntry:
        forget_token(channel)
        raise


def _watch(channel: Channel, settings: MailConfig, stop: threading.Event, trouble: Trouble) -> None:
    channel_id = channel.pk
    with open_mailbox(imap_server(settings, secrets_of(channel))) as mailbox:
        is_idling = can_idle(mailbox)
        while not stop.is_set() and _is_ours(channel_id):
            fetch_mail(mailbox, channel_id, settings, trouble=trouble)
            _report_found(channel_id, settings.imap_folder)
            if is_idling:
                wait_for_news(mailbox, settings, stop)
            else:
                stop.wait(settings.poll_seconds)


def _report(channel_id: int, error: Exception, *, faults: int) -> None:
    """Note what is wrong on the mailbox's cursor; after some faults in a row tell people, once."""
    words = words_of(error)
    kept = coded(_code_of(error), words)
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("database away: %s", words, extra={"channel": channel_id})
        connection.close()
        return
    if not isinstance(error, EXPECTED):
        log.error("mailbox watcher stumbled", exc_info=error, extra={"channel": channel_id})
    log.warning("mailbox not read: %s", words, extra={"channel": channel_id, "faults": faults})
    try:
        with transaction.atomic():
            cursor = _cursor_of(channel_id)
            if cursor is None:
                return
            if faults == ALARM:
                journal.record(
                    MailboxLost(by=READER, channel=channel_id, folder=cursor.folder, error=kept)
                )
            cursor.failing_since, cursor.error = cursor.failing_since or clock.now(), kept
            cursor.save(update_fields=["failing_since", "error"])
    except (OperationalError, InterfaceError):
        connection.close()


def _code_of(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    codes = {NoEntry: "auth_invalid", SignInLost: "sign_in_lost", SignInLater: "no_token"}
    codes |= {SecretUnreadable: "sealed", Misconfigured: "misconfigured"}
    if isinstance(error, OSError):
        return "unreachable"
    return codes.get(type(error), "mailbox")


def _report_found(channel_id: int, folder: str) -> None:
    """It can be read (again)."""
    with transaction.atomic():
        cursor = MailboxCursor.objects.select_for_update().get(channel=channel_id, folder=folder)
        if cursor.failing_since is None:
            return
        if _was_announced(channel_id, cursor.failing_since):
            journal.record(MailboxFound(by=READER, channel=channel_id, folder=folder))
        cursor.failing_since, cursor.error = None, ""
        cursor.save(update_fields=["failing_since", "error"])


def _was_announced(channel_id: int, since: datetime) -> bool:
    from rapport.kernel.journal.models import Entry

    return Entry.objects.filter(
        kind=MailboxLost.kind, subject_kind="channel", subject_id=channel_id, at__gte=since
    ).exists()


def _cursor_of(channel_id: int) -> MailboxCursor | None:
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        return None
    folder = str(channel.config.get("imap_folder") or "INBOX")
    MailboxCursor.objects.get_or_create(channel=channel, folder=folder)
    return MailboxCursor.objects.select_for_update().get(channel=channel, folder=folder)
