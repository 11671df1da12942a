"""Keeping sessions: an SMTP session that went well waits a few seconds for the next mail of its channel.

It is asked before it is used again (RSET), so one that the server has ended meanwhile is found out before
anything of a mail is said, and another is opened. What ended badly is never kept.
"""

from __future__ import annotations

import atexit
import smtplib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rapport.channels.email.configuring import Server

#: Seconds that a session waits for the next mail; servers end idle ones after minutes.
IDLE_SECONDS = 5.0
#: Idle sessions for one server, and mails by one session: many servers allow no more than a hundred.
MOST_IDLE, MOST_MAILS = 4, 100


@dataclass
class Session:
    """A signed-in session, and how many mails it has carried."""

    smtp: smtplib.SMTP
    mails: int = 0
    idle_since: float = field(default=0.0)

    @property
    def is_fresh(self) -> bool:
        return self.mails == 0


_idle: dict[Server, list[Session]] = {}
_lock = threading.Lock()
_reaper: threading.Thread | None = None


def take_session(server: Server, opening: Callable[[Server], smtplib.SMTP]) -> Session:
    """One that waits and still lives, else a new one by `opening`, whose exceptions go through."""
    while kept := _pop(server):
        if _is_ready(kept, server):
            return kept
        kept.smtp.close()
    return Session(opening(server))


def keep_session(server: Server, session: Session) -> None:
    """Let it wait for the next mail, if there is room and it has not carried too many."""
    global _reaper
    session.mails += 1
    session.idle_since = time.monotonic()
    with _lock:
        waiting = _idle.setdefault(server, [])
        has_room = session.mails < MOST_MAILS and len(waiting) < MOST_IDLE
        if has_room:
            waiting.append(session)
        if _reaper is None:
            _reaper = threading.Thread(target=_reap, name="idle SMTP sessions", daemon=True)
            _reaper.start()
    if not has_room:
        end_session(session)


def end_session(session: Session) -> None:
    """Say goodbye; whatever comes of it changes nothing any more."""
    smtp = session.smtp
    try:
        if smtp.sock:
            smtp.sock.settimeout(5)
            smtp.docmd("QUIT")
    except (smtplib.SMTPException, OSError, ValueError):
        pass
    finally:
        smtp.close()


def end_idle_sessions(*, idle_for: float = 0.0) -> None:
    """End all that have waited for so many seconds."""
    before = time.monotonic() - idle_for
    with _lock:
        ended = [one for kept in _idle.values() for one in kept if one.idle_since <= before]
        for server, kept in list(_idle.items()):
            left = [one for one in kept if one.idle_since > before]
            if left:
                _idle[server] = left
            else:
                del _idle[server]
    for session in ended:
        end_session(session)


def _pop(server: Server) -> Session | None:
    with _lock:
        kept = _idle.get(server)
        return kept.pop() if kept else None


def _is_ready(session: Session, server: Server) -> bool:
    """Whether it answers, and has nothing of the mail before in mind."""
    smtp = session.smtp
    try:
        if smtp.sock is None:
            return False
        smtp.sock.settimeout(server.timeout)
        code, _words = smtp.rset()
    except (smtplib.SMTPException, OSError, ValueError):
        return False
    return code == 250


def _reap() -> None:
    """End what has waited too long, for as long as anything waits."""
    global _reaper
    while True:
        time.sleep(IDLE_SECONDS / 2)
        end_idle_sessions(idle_for=IDLE_SECONDS)
        with _lock:
            if not any(_idle.values()):
                _reaper = None
                return


atexit.register(end_idle_sessions)
