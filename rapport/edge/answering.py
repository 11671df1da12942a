"""Answering: small JSON answers and RFC 9457 problems, each with its request id."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec

from rapport.edge.reading_bodies import Send

log = logging.getLogger("rapport.edge")
JSON = b"application/json"
PROBLEM = b"application/problem+json"


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    request_id: str,
    content_type: bytes = JSON,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send a whole answer."""
    head = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode("ascii")),
        *headers,
    ]
    try:
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
    except (RuntimeError, OSError) as error:
        # uvloop raises RuntimeError when the client has hung up meanwhile.
        log.info("answer not taken: %s", error, extra={"status": status})


async def answer_problem(
    send: Send,
    status: int,
    detail: str,
    *,
    request_id: str,
    door: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send a problem: what a stranger may know, and the id that finds the log line.

    The line names the door and never the address: there are secrets in addresses.
    """
    said = {"status": status, "detail": detail, "door": door, "request_id": request_id}
    log.info("problem told", extra=said)
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        problem["errors"] = list(errors)
    await answer(
        send,
        status,
        msgspec.json.encode(problem),
        request_id=request_id,
        content_type=PROBLEM,
        headers=[*_headers_for(status), *headers],
    )


def _headers_for(status: int) -> list[tuple[bytes, bytes]]:
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return [(b"retry-after", b"2")]
    if status == HTTPStatus.UNAUTHORIZED:
        return [(b"www-authenticate", b"Bearer")]
    if status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
        return [(b"connection", b"close")]
    return []
