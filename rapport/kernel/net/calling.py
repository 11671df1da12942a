"""Calling: one HTTP request to the outside, bounded in time and size, never redirected."""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from rapport import __version__
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.net.guarding import Target, find_target

#: Seconds: to connect, for each read or write, and for the whole call.
TIMEOUT = httpx.Timeout(15, connect=5)
WHOLE_SECONDS = 30
MOST_BYTES = 65_536


class Unreachable(Exception):
    """Nobody took the request: nothing was handed over."""


class Unanswered(Exception):
    """The request was begun and no whole answer came: whether it was acted on is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case, `body` is at most what was asked for."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def retry_after(self) -> float | None:
        """Seconds that the other side wants to be left alone, said as such or as a date."""
        given = self.headers.get("retry-after", "")
        if given.isascii() and given.isdigit():
            return float(given) if len(given) < 7 else None
        try:
            until = parsedate_to_datetime(given)
        except (ValueError, TypeError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - clock.now()).total_seconds())


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    most_bytes: int = MOST_BYTES,
    seconds: float = 0,
) -> Answer:
    """Send one request; raises Forbidden, Unresolved, Unreachable or Unanswered.

    `seconds` is how long somebody waits for it at most, where that is less than usual.
    """
    target = find_target(url, allowed=config().net_allow)
    with _client(seconds) as client:
        request = client.build_request(
            method,
            target.pinned_url,
            headers={
                "user-agent": f"Rapport/{__version__}",
                "accept-encoding": "identity",
                **(headers or {}),
                "host": target.host_header,
            },
            content=body,
            extensions={"sni_hostname": target.host},
        )
        try:
            return _send(client, request, target, most_bytes=most_bytes, seconds=seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable(f"{target.host}: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise Unanswered(f"{target.host}: {type(error).__name__}") from None


def _send(
    client: httpx.Client,
    request: httpx.Request,
    target: Target,
    *,
    most_bytes: int,
    seconds: float,
) -> Answer:
    ends = time.monotonic() + (seconds or WHOLE_SECONDS)
    response = client.send(request, stream=True)
    try:
        body = b""
        for part in response.iter_raw():
            body += part
            if len(body) >= most_bytes:
                break
            if time.monotonic() > ends:
                raise Unanswered(f"{target.host}: the answer took too long")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body[:most_bytes])
    finally:
        response.close()


def _client(seconds: float) -> httpx.Client:
    timeout = httpx.Timeout(seconds) if seconds else TIMEOUT
    return httpx.Client(
        verify=_tls(), timeout=timeout, follow_redirects=False, trust_env=False, http2=False
    )


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates costs 20 ms; one context serves all calls."""
    return httpx.create_ssl_context(trust_env=False)
