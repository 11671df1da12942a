"""Hearing out: the whole body of a request for a page, before one of the few threads is taken for it.

Any stranger can announce a body and send it slowly, or not at all; he waits outside. What is small stays in
memory, as much as uvicorn reads ahead anyway; the rest waits in a file. A body that breaks off is no request:
half a file must not be taken for a whole one.

What all of them put down at once is bounded: strangers who send much and never end must not fill the disk on
which mail is kept.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import IO

from rapport.channels.contract import Refused
from rapport.edge.reading_bodies import Budget, Disconnected, Message, Receive, Scope

log = logging.getLogger("rapport.edge")
#: Bytes that stay in memory.
SMALL = 65_536
#: What shows that somebody has signed in, as the cookie is called in the settings of Django; and whose address is
#: his proof, because providers post whole mails without either.
SESSION, PROVIDERS = b"rapport_session=", "/anymail/"
#: Seconds until the next piece must have come, and for the whole body.
NEXT_SECONDS, WHOLE_SECONDS = 30, 900


class Place:
    """What one request has put down; it is free again when the block ends, however it ends."""

    def __init__(self, room: Budget) -> None:
        self._room, self._held = room, 0

    def __enter__(self) -> Place:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._room.free(self._held)
        self._held = 0

    def make_room(self, size: int) -> None:
        """Let so many bytes lie here; what stays in memory needs none. Raises Refused 503."""
        if size > max(SMALL, self._held):
            self._room.hold(size - self._held)
            self._held = size


async def hear_out(receive: Receive, *, most: int, place: Place) -> IO[bytes]:
    """The body (of at most `most` bytes) as a file at its beginning.

    Raises Refused (408, 413, 503 where there is no room for it) or Disconnected.
    """
    heard = tempfile.SpooledTemporaryFile(SMALL)  # noqa: SIM115 - whoever reads it closes it
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            has_more = True
            while has_more:
                message = await _hear_next(receive)
                part, has_more = message.get("body", b""), message.get("more_body", False)
                size = heard.tell() + len(part)
                if size > most:
                    raise Refused(413, f"The body is larger than {most} bytes.")
                place.make_room(size)
                heard.write(part)
    except TimeoutError:
        heard.close()
        raise Refused(408, "The body did not come in time.") from None
    except OSError as error:
        with suppress(OSError):  # what it had not written yet has no room either
            heard.close()
        log.error("a body cannot be put down: %s", error)
        raise Refused(503, "Nothing can be stored just now; come again.") from None
    except BaseException:
        heard.close()
        raise
    heard.seek(0)
    return heard


def has_body(scope: Scope) -> bool:
    """Whether a body was announced, of a length or without one."""
    given = dict(scope["headers"])
    return given.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in given


def may_be_anybody(scope: Scope) -> bool:
    """Whether nothing says that the sender is known here: neither session nor token, nor a provider's address."""
    if scope["path"].startswith(PROVIDERS):
        return False
    given = dict(scope["headers"])
    return b"authorization" not in given and SESSION not in given.get(b"cookie", b"")


async def _hear_next(receive: Receive) -> Message:
    async with asyncio.timeout(NEXT_SECONDS):
        message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    return message
