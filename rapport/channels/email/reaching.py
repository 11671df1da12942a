"""Reaching a mailbox: a signed-in IMAP session, or the reason why there is none."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)

from rapport.channels.email.configuring import Server
from rapport.channels.email.handing_over import tls_context

#: What a server, a network or a wrong password does to a session.
FAULTS = (ImapToolsError, imaplib.IMAP4.error, OSError)


class NoEntry(Exception):
    """The server was reached and does not let us in."""


@contextmanager
def open_mailbox(server: Server) -> Iterator[BaseMailBox]:
    """A signed-in session without a folder; logs out at the end. Raises NoEntry or one of FAULTS."""
    mailbox = connect_mailbox(server)
    try:
        sign_in(mailbox, server)
        yield mailbox
    finally:
        leave_mailbox(mailbox)


def connect_mailbox(server: Server) -> BaseMailBox:
    """Connect and secure, without signing in."""
    if server.security == "tls":
        return MailBox(server.host, server.port, server.timeout, ssl_context=tls_context(server))
    if server.security == "starttls":
        return MailBoxStartTls(
            server.host, server.port, server.timeout, ssl_context=tls_context(server)
        )
    return MailBoxUnencrypted(server.host, server.port, server.timeout)


def sign_in(mailbox: BaseMailBox, server: Server) -> None:
    """By password or by token; raises NoEntry with the server's words."""
    try:
        if server.auth == "xoauth2":
            mailbox.xoauth2(server.user, server.password, initial_folder=None)
        elif (server.user + server.password).isascii():
            mailbox.login(server.user, server.password, initial_folder=None)
        else:
            mailbox.login_utf8(server.user, server.password, initial_folder=None)
    except MailboxLoginError as error:
        raise NoEntry(words_of(error)) from None
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise NoEntry(words_of(error)) from None


def words_of(error: BaseException) -> str:
    """What a person should read about a fault: the server's own words where it had some."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    data: Any = getattr(error, "command_result", None)
    parts = data[1] if isinstance(data, tuple) and len(data) > 1 else error.args
    found = [p.decode("utf-8", "replace") if isinstance(p, bytes) else str(p) for p in parts if p]
    return " ".join(" ".join(found).split())[:500] or type(error).__name__


def leave_mailbox(mailbox: BaseMailBox) -> None:
    """Log out and close; whatever comes of it changes nothing any more."""
    try:
        mailbox.logout()
    except FAULTS:
        pass  # a line that is gone needs no goodbye
    finally:
        try:
            mailbox.client.shutdown()
        except OSError:
            pass
