"""Posting: mails and messages go to the hooks of the demo's channels over HTTP on the loopback. No Django."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from rapport.channels.webhook.signing import sign_headers
from rapport.cli.demonstrating.keeping import Keepsake
from rapport.kernel import clock

TIMEOUT = 20.0


class Unposted(Exception):
    """Nobody took it; it may be brought again."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the edge listens, and the secrets of the two doors."""

    host: str
    port: int
    keepsake: Keepsake

    async def bring_mail(self, raw: bytes) -> None:
        """A raw mail to the mail hook; raises Unposted."""
        path = f"/hooks/email/{self.keepsake.mail_hook}"
        await self._post(path, raw, {"content-type": "message/rfc822"})

    async def bring_message(self, payload: dict[str, Any], *, message_id: str) -> None:
        """A signed message of the shop; raises Unposted."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        signed = sign_headers(
            [self.keepsake.shop_secret], message_id=message_id, now=clock.now(), body=body
        )
        path = f"/hooks/webhook/{self.keepsake.shop_id}"
        await self._post(path, body, {"content-type": "application/json", **signed})

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        try:
            status = await asyncio.wait_for(self._exchange(path, body, headers), TIMEOUT)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            raise Unposted(f"{type(error).__name__}: {error}") from None
        if not 200 <= status < 300:
            raise Unposted(f"the door answered {status}")

    async def _exchange(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            lines = [f"POST {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            lines += [f"Content-Length: {len(body)}", "", ""]
            writer.write("\r\n".join(lines).encode("ascii") + body)
            await writer.drain()
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()
