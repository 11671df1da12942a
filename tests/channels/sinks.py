# ruff: noqa: N802 - aiosmtpd names its hooks after the commands
"""Real SMTP servers for tests: they take mail, refuse it, or fall silent at a chosen step."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from rapport.channels.email.keeping_sessions import end_idle_sessions


@dataclass
class Sink:
    """What a server took in, and how it behaves. `cut` names the step at which the line is cut:
    "connect", "rcpt", "data" (before the go-ahead), "body", "dot" (before the 250) or "after" it."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    cut: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    #: A token that XOAUTH2 lets in.
    token: str = ""
    logins: int = 0
    #: How many sessions were opened.
    sessions: int = 0
    lines: list[Any] = field(default_factory=list)
    #: The largest mail that the server announces to take; 0 for no word about it.
    most_bytes: int = 0
    #: What a server says once to RSET or MAIL, as when a session has carried enough.
    tired: dict[str, str] = field(default_factory=dict)
    #: Set while a mail lies with the server, unanswered until `go_on` is set.
    reached: threading.Event = field(default_factory=threading.Event)
    hold: str = ""
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def config(self) -> dict[str, Any]:
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
            "timeout": 5,
            "verdict_timeout": 5,
        }

    def hang_up(self) -> None:
        """End every session as a server does that has waited long enough."""

        async def abort(line: Any) -> None:
            line.abort()

        for loop, line in self.lines:
            asyncio.run_coroutine_threadsafe(abort(line), loop).result(5)

    def texts(self) -> list[str]:
        return [bytes(mail.content or b"").decode() for mail in self.mails]

    def words(self) -> list[str]:
        """The plain text of each mail without what surrounds it."""
        parsed = [message_from_bytes(bytes(m.content or b""), policy=default) for m in self.mails]
        bodies = [mail.get_body(("plain",)) for mail in parsed]
        return [str(body.get_content()).strip() if body else "" for body in bodies]


class HardServer(SMTP):
    """An SMTP server that does what its sink says."""

    def __init__(self, sink: Sink, *args: Any, **kwargs: Any) -> None:
        self.sink = sink
        sink.sessions += 1
        super().__init__(*args, **kwargs)
        self.data_size_limit = sink.most_bytes or self.data_size_limit

    def connection_made(self, transport: Any) -> None:
        self.sink.lines.append((self.loop, transport))
        super().connection_made(transport)

    async def smtp_RSET(self, arg: str) -> None:
        if "RSET" in self.sink.tired:
            await self.push(self.sink.tired.pop("RSET"))
            self.transport.close()
        else:
            await super().smtp_RSET(arg)

    async def _waits_or_cuts(self, step: str) -> bool:
        if self.sink.hold == step:
            self.sink.reached.set()
            await asyncio.to_thread(self.sink.go_on.wait, 30)
        if self.sink.cut == step:
            self.transport.abort()
            return True
        return False

    async def smtp_DATA(self, arg: str) -> None:
        if await self._waits_or_cuts("data"):
            return
        if "DATA" in self.sink.answers:
            await self.push(self.sink.answers["DATA"])
            return
        if self.sink.cut == "body":
            await self.push("354 go on")
            await self._reader.read(100)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._waits_or_cuts("after"):
            await super().smtp_QUIT(arg)


class Taking:
    """The handler: keeps what it accepts."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def auth_XOAUTH2(self, server: HardServer, args: list[str]) -> AuthResult:
        given = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        if self.sink.token and given == f"user=desk\1auth=Bearer {self.sink.token}\1\1":
            return AuthResult(success=True)
        answer = await server.challenge_auth(b'{"status":"401"}')
        assert answer == b""
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(
        self, server: HardServer, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if "MAIL" in self.sink.tired:
            return self.sink.tired.pop("MAIL")
        if "MAIL" in self.sink.answers:
            return self.sink.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: HardServer, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if await server._waits_or_cuts("rcpt"):
            return "421 gone"
        if address in self.sink.refuse:
            return self.sink.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: HardServer, session: Session, envelope: Envelope) -> str:
        if "DOT" in self.sink.answers:
            return self.sink.answers["DOT"]
        self.sink.mails.append(envelope)
        if await server._waits_or_cuts("dot"):
            return "421 gone"
        return "250 taken"


class Listening(Controller):
    """aiosmtpd's controller on a port of the system's choice."""

    def __init__(self, sink: Sink, **kwargs: Any) -> None:
        self.sink = sink
        super().__init__(Taking(sink), hostname="127.0.0.1", port=0, **kwargs)

    def factory(self) -> HardServer:
        return HardServer(self.sink, self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_sink(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **behaviour: Any
) -> Iterator[Sink]:
    """Run a server for the length of the block; with a context it speaks TLS."""
    sink = Sink(**behaviour)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        sink.logins += 1
        login, password = data.login.decode(), data.password.decode()
        return AuthResult(success=sink.users.get(login) == password, handled=False)

    controller = Listening(
        sink,
        authenticator=check if sink.users else None,
        auth_require_tls=not (sink.users or sink.token),
        data_size_limit=5_000_000,
        ssl_context=tls,
        tls_context=starttls,
    )
    controller.start()
    try:
        sink.port = controller.port
        sink.sessions = 0  # the controller has knocked to see whether it runs
        yield sink
    finally:
        sink.go_on.set()
        end_idle_sessions()
        controller.stop()
