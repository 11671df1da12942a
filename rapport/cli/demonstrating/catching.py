# ruff: noqa: N802 - aiosmtpd names its hooks after the commands
"""Catching: the mail server and the shop to which the demo's answers go, on the loopback. No Django."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from rapport.channels.webhook.signing import Unsigned, verify
from rapport.kernel import clock

log = logging.getLogger("rapport.demo")
HearMail = Callable[[EmailMessage], None]
HearShop = Callable[[dict[str, Any]], None]
MOST_BYTES = 60_000_000
TIMEOUT = 30.0


class _Keeper:
    """aiosmtpd's handler: every mail is taken, and read by whoever it is for."""

    def __init__(self, hear: HearMail) -> None:
        self._hear = hear

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        try:
            self._hear(mail)
        except Exception:
            log.exception("a simulated customer could not read a mail")
        return "250 taken"


async def open_mail_server(hear: HearMail, *, port: int) -> asyncio.Server:
    """A mail server on this port, or on a free one where it is taken."""
    from aiosmtpd.smtp import SMTP

    def make() -> asyncio.BaseProtocol:
        made: asyncio.BaseProtocol = SMTP(
            _Keeper(hear),
            hostname="customers.example",
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
        )
        return made

    loop = asyncio.get_running_loop()
    return await _open(lambda wanted: loop.create_server(make, "127.0.0.1", wanted), port)


async def open_callback(hear: HearShop, *, port: int, secret: str) -> asyncio.Server:
    """The shop's side of its channel: takes signed `message.created`, tells their words on."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status = await asyncio.wait_for(_take(reader, hear, secret), TIMEOUT)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError, LookupError):
            status = "400 Bad Request"
        head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode("ascii"))
        writer.close()

    return await _open(lambda wanted: asyncio.start_server(take, "127.0.0.1", wanted), port)


async def _open(start: Callable[[int], Awaitable[asyncio.Server]], port: int) -> asyncio.Server:
    try:
        return await start(port)
    except OSError:
        return await start(0)


async def _take(reader: asyncio.StreamReader, hear: HearShop, secret: str) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    length = int(headers["content-length"])
    if length > MOST_BYTES:
        return "413 Content Too Large"
    body = await reader.readexactly(length)
    try:
        verify(headers, body, secrets=[secret], now=clock.now())
    except Unsigned:
        return "401 Unauthorized"
    hear(json.loads(body)["data"])
    return "204 No Content"
