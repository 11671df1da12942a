"""Handing over: one mail to one SMTP server, step by step, so that every end has its exact meaning.

Until the line with the single dot has been written nothing was handed over; from the answer 250 on
nothing may be sent again. What lies between is not known.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from rapport.channels.contract import Outcome, SendResult
from rapport.channels.email.configuring import Server
from rapport.channels.email.keeping_sessions import (
    Session,
    end_session,
    keep_session,
    take_session,
)

#: Bytes written at once; each piece has the server's time-out, so that a slow line is not a dead one.
PIECE = 65536
#: An address that cannot bring commands of its own.
PLAIN = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")
LOST = (smtplib.SMTPServerDisconnected, OSError)
#: What was said to each address.
Answers = dict[str, tuple[int, bytes]]
TAKEN = frozenset({250, 251, 252})
AUTH_CODES = frozenset({530, 534, 535, 538})
#: How servers say that an account sends too much: RFC 3463 classes and words of the great providers. What a
#: recipient's own server or a grey list says is about one mail and stands not here.
TOO_FAST = re.compile(
    rb"\b4\.7\.28\b|\b4\.7\.500\b|\b4\.3\.2\b|\b5\.4\.5\b|\b5\.1\.90\b|rate limit|throttl"
    rb"|too (?:many|much) (?:mails?|messages|connections|concurrent|login)|concurrent connections"
    rb"|(?:sending|submission|hourly|daily)[\w ]{0,20}(?:limit|quota)|submissionquota",
    re.I,
)
#: Seconds to rest where a day's share is used up and the server says so for good.
USED_UP = 3600.0


class Stopped(Exception):
    """The conversation ended before anything was accepted; `result` says how.

    `is_orderly`: the server said so itself, and the session can carry another mail.
    """

    def __init__(self, result: SendResult, *, is_orderly: bool = False) -> None:
        super().__init__(result.error)
        self.result, self.is_orderly = result, is_orderly


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail as bytes with the sender and recipients of its envelope (bare addresses)."""

    sender: str
    recipients: Sequence[str]
    raw: bytes


def hand_over(server: Server, mail: Outgoing, *, before_data: Callable[[], None]) -> SendResult:
    """Hand the mail over; `before_data` is called right before the point of no return.

    Never raises for what a server or a network does; what `before_data` raises goes through.
    """
    session, answers = None, Answers()
    is_orderly = False
    try:
        session, answers = _begin(server, mail)
        before_data()
        _transfer(session.smtp, mail.raw, verdict_timeout=server.verdict_timeout)
        is_orderly = True
    except Stopped as stop:
        is_orderly = stop.is_orderly
        if stop.result.outcome is Outcome.UNKNOWN:
            return replace(stop.result, put_off=_put_off(answers))
        return stop.result
    finally:
        if session is not None:
            (partial(keep_session, server) if is_orderly else end_session)(session)
    taken = [address for address, answer in answers.items() if answer[0] in TAKEN]
    return SendResult(
        Outcome.ACCEPTED, taken=taken, refused=_refused(answers), put_off=_put_off(answers)
    )


def _begin(server: Server, mail: Outgoing) -> tuple[Session, Answers]:
    """A session in which the mail is announced; raises Stopped.

    One that waited may end at its first words, as when it has carried enough: that is no fault of the mail,
    and nothing of it was handed over. Another is opened then.
    """
    while True:
        session = take_session(server, open_session)
        try:
            return session, _announce(session.smtp, mail)
        except Stopped as stop:
            if stop.is_orderly:
                keep_session(server, session)
                raise
            end_session(session)
            if session.is_fresh:
                raise


def open_session(server: Server) -> smtplib.SMTP:
    """Connect, secure, greet and sign in; raises Stopped."""
    try:
        smtp = _connect(server)
        try:
            _secure(smtp, server)
            _sign_in(smtp, server)
        except BaseException:
            smtp.close()
            raise
        return smtp
    except ssl.SSLCertVerificationError as error:
        raise Stopped(
            SendResult(
                Outcome.MISCONFIGURED,
                code="certificate",
                error=f"{server.host}: {error.verify_message}",
            )
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Stopped(SendResult(Outcome.MISCONFIGURED, error=str(error))) from error
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
        outcome = Outcome.TRANSIENT if 400 <= code < 500 else Outcome.AUTH_INVALID
        raise Stopped(_ended(outcome, code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        outcome = Outcome.MISCONFIGURED if error.smtp_code >= 500 else Outcome.TRANSIENT
        raise Stopped(_ended(outcome, error.smtp_code, error.smtp_error)) from error
    except OSError as error:  # smtplib's own exceptions are OSErrors too
        if type(error) is smtplib.SMTPException:
            raise Stopped(SendResult(Outcome.MISCONFIGURED, error=str(error))) from error
        raise Stopped(_lost(error, where=f"{server.host}:{server.port}")) from error


def _connect(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout, context=tls_context(server)
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)


def _secure(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        code, words = smtp.starttls(context=tls_context(server))
        if code != 220:
            raise smtplib.SMTPResponseException(code, words)
        smtp.ehlo_or_helo_if_needed()


def _sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    if server.auth == "none" or not server.user:
        return
    if server.auth == "xoauth2":
        bearer = f"user={server.user}\x01auth=Bearer {server.password}\x01\x01"
        smtp.auth("XOAUTH2", lambda challenge=None: bearer if challenge is None else "")
    elif (server.user + server.password).isascii():
        smtp.login(server.user, server.password)
    else:  # smtplib knows ASCII only
        plain = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
        code, words = smtp.docmd("AUTH", f"PLAIN {plain}")
        if code not in (235, 503):
            raise smtplib.SMTPAuthenticationError(code, words)


def tls_context(server: Server) -> ssl.SSLContext:
    """How far the other side's certificate is trusted."""
    context = ssl.create_default_context()
    if not server.is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _announce(smtp: smtplib.SMTP, mail: Outgoing) -> Answers:
    """MAIL and each RCPT; returns what was said to each address, of which at least one was taken."""
    for address in (mail.sender, *mail.recipients):
        if not PLAIN.fullmatch(address):
            raise Stopped(
                SendResult(Outcome.CONTENT_INVALID, code="wrong_address", error=repr(address))
            )
    try:
        code, words = smtp.mail(mail.sender, _options(smtp, mail))
        if code != 250:
            raise _stopped(_of_sender(code, words), code, words)
        answers = {address: smtp.rcpt(address) for address in mail.recipients}
    except LOST as error:
        raise Stopped(_lost(error)) from error
    except (ValueError, UnicodeError) as error:
        raise Stopped(SendResult(Outcome.CONTENT_INVALID, error=str(error))) from error
    if not any(code in TAKEN for code, _ in answers.values()):
        is_orderly = all(code != 421 for code, _ in answers.values())
        raise Stopped(_all_refused(answers), is_orderly=is_orderly)
    return answers


def _refused(answers: Answers) -> dict[str, str]:
    return {address: _words(*answer) for address, answer in answers.items() if answer[0] >= 500}


def _put_off(answers: Answers) -> dict[str, str]:
    return {
        address: _words(*answer)
        for address, answer in answers.items()
        if answer[0] not in TAKEN and answer[0] < 500
    }


def _options(smtp: smtplib.SMTP, mail: Outgoing) -> list[str]:
    options = []
    if smtp.has_extn("size"):
        limit = smtp.esmtp_features["size"]
        if limit.isdigit() and 0 < int(limit) < len(mail.raw):
            words = f"{len(mail.raw)} > {limit}"
            raise Stopped(SendResult(Outcome.CONTENT_INVALID, code="too_large", error=words))
        options.append(f"SIZE={len(mail.raw)}")
    if not mail.raw.isascii() and smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if not all(address.isascii() for address in (mail.sender, *mail.recipients)):
        if not smtp.has_extn("smtputf8"):
            raise Stopped(SendResult(Outcome.CONTENT_INVALID, code="ascii_only"))
        options.append("SMTPUTF8")
        smtp.command_encoding = "utf-8"
    return options


def _of_sender(code: int, words: bytes) -> Outcome:
    if code in AUTH_CODES:
        return Outcome.AUTH_INVALID
    if code == 552 or b"5.3.4" in words:
        return Outcome.CONTENT_INVALID
    return Outcome.PERMANENT if code >= 500 else Outcome.TRANSIENT


def _all_refused(answers: Answers) -> SendResult:
    refused = {address: _words(*answer) for address, answer in answers.items()}
    code, words = next(iter(answers.values()))
    if any(code < 500 for code, _ in answers.values()):
        outcome = Outcome.TRANSIENT
    elif all(code in AUTH_CODES for code, _ in answers.values()):
        outcome = Outcome.AUTH_INVALID
    elif any(b"5.7." in words for _, words in answers.values()):
        outcome = Outcome.PERMANENT
    else:
        outcome = Outcome.RECIPIENT_UNREACHABLE
    error = "; ".join(f"{address}: {reason}" for address, reason in refused.items())
    if all(_is_too_fast(Outcome.TRANSIENT, *answer) for answer in answers.values()):
        later = USED_UP if code >= 500 else None
        return SendResult(Outcome.THROTTLED, error=error, retry_after=later)
    return SendResult(outcome, error=error or _words(code, words), refused=refused)


def _transfer(smtp: smtplib.SMTP, raw: bytes, *, verdict_timeout: float) -> None:
    """DATA, the mail, the dot, the verdict; returns only after 250; raises Stopped."""
    try:
        code, words = smtp.docmd("DATA")
    except LOST as error:
        raise Stopped(_lost(error)) from error
    if code != 354:
        raise _stopped(_of_verdict(code, words), code, words)
    try:
        dotted = _dotted(raw)
        for start in range(0, len(dotted), PIECE):
            smtp.send(dotted[start : start + PIECE])
    except LOST as error:
        raise Stopped(_last_words(smtp, error, Outcome.TRANSIENT)) from error
    try:
        smtp.send(b".\r\n")
        cast(socket.socket, smtp.sock).settimeout(verdict_timeout)
        code, words = smtp.getreply()
    except LOST as error:
        raise Stopped(_last_words(smtp, error, Outcome.UNKNOWN)) from error
    if code != 250:
        raise _stopped(_of_verdict(code, words), code, words)


def _dotted(raw: bytes) -> bytes:
    """The mail with CRLF line ends and its leading dots doubled, ending in a line end."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." + line if line[:1] == b"." else line) + b"\r\n" for line in lines)


def _of_verdict(code: int, words: bytes) -> Outcome:
    if code < 500:
        return Outcome.TRANSIENT
    if code == 552 or b"5.3.4" in words:
        return Outcome.CONTENT_INVALID
    return Outcome.PERMANENT


def _last_words(smtp: smtplib.SMTP, error: Exception, otherwise: Outcome) -> SendResult:
    """A line that broke while we wrote may still hold the server's refusal."""
    if smtp.sock and not isinstance(error, TimeoutError):
        try:
            code, words = smtp.getreply()
            if code >= 400:
                return _ended(_of_verdict(code, words), code, words)
        except LOST:
            pass
    return replace(_lost(error), outcome=otherwise)


def _lost(error: Exception, *, where: str = "") -> SendResult:
    words = f"{where} {str(error) or type(error).__name__}".strip()
    code = "unreachable" if where else "line_broke"
    return SendResult(Outcome.TRANSIENT, code=code, error=words)


def _stopped(outcome: Outcome, code: int, words: bytes) -> Stopped:
    """The server said no; after 421 it hangs up."""
    return Stopped(_ended(outcome, code, words), is_orderly=code != 421)


def _ended(outcome: Outcome, code: int, words: bytes | str) -> SendResult:
    if _is_too_fast(outcome, code, words):
        later = USED_UP if code >= 500 else None
        return SendResult(Outcome.THROTTLED, error=_words(code, words), retry_after=later)
    return SendResult(outcome, error=_words(code, words))


def _is_too_fast(outcome: Outcome, code: int, words: bytes | str) -> bool:
    """Whether we send more than the server takes from us: that passes, also where it says so with a 5."""
    if outcome is Outcome.TRANSIENT and code == 421:
        return True
    said = words.encode() if isinstance(words, str) else words
    may_pass = outcome in (Outcome.TRANSIENT, Outcome.PERMANENT)
    return may_pass and bool(TOO_FAST.search(said)) and b"grey" not in said.lower()


def _words(code: int, words: bytes | str) -> str:
    text = words if isinstance(words, str) else words.decode("utf-8", "replace")
    return f"{code} {' '.join(text.split())}"[:1000]
