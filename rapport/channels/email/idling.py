"""Idling: waiting for news with IDLE, and hearing also what came on the way into it.

A mail that comes after a look and before IDLE is told by an EXISTS that nobody waits for: within the answer to
the look's last command, or in the packet that says yes to IDLE, which lies in a buffer when the wait begins.
"""

from __future__ import annotations

import threading
import time

from imap_tools import BaseMailBox

from rapport.channels.email.configuring import MailConfig


def can_idle(mailbox: BaseMailBox) -> bool:
    """Whether the server has IDLE. Asked after signing in: some servers show what they can do only then."""
    _status, told = mailbox.client.capability()
    return any(b"IDLE" in bytes(line).upper().split() for line in told if isinstance(line, bytes))


def wait_for_news(mailbox: BaseMailBox, settings: MailConfig, stop: threading.Event) -> None:
    """Wait until something is new in the open folder, the next look is due or IDLE must be renewed."""
    if _has_changed(mailbox):
        return
    until = time.monotonic() + min(settings.poll_seconds, settings.idle_minutes * 60)
    mailbox.idle.start()  # type: ignore[no-untyped-call]
    try:
        while not _has_heard(mailbox) and not stop.is_set():
            asked = time.monotonic()
            if (left := until - asked) <= 0:
                break
            step = min(left, 1.0)
            if mailbox.idle.poll(timeout=step) or time.monotonic() - asked < step / 2:
                break  # news, or a line at its end, which the next command finds out
    finally:
        mailbox.idle.stop()  # type: ignore[no-untyped-call]


def _has_changed(mailbox: BaseMailBox) -> bool:
    """Whether the server has told another number of mails since it opened the folder."""
    return len(set(mailbox.client.untagged_responses.get("EXISTS", []))) > 1


def _has_heard(mailbox: BaseMailBox) -> bool:
    """Whether a line is in the buffer already, where no poll of the socket sees it."""
    client = mailbox.client
    patience = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client._get_line())
    except (client.abort, OSError):  # nothing there, or a line at its end
        return False
    finally:
        client.sock.settimeout(patience)
