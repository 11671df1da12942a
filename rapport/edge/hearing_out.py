"""Hearing out: the whole body of a request for a page, before one of the few threads is taken for it.

Any stranger can announce a body and send it slowly, or not at all; he waits outside. What is small stays in
memory, as much as uvicorn reads ahead anyway; the rest waits in a file. A body that breaks off is no request:
half a file must not be taken for a whole one.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import suppress
from typing import IO

from rapport.channels.contract import Refused
from rapport.edge.reading_bodies import Disconnected, Receive, Scope

log = logging.getLogger("rapport.edge")
#: Bytes that stay in memory.
SMALL = 65_536
#: Seconds until the next piece must have come, and for the whole body.
NEXT_SECONDS, WHOLE_SECONDS = 30, 900


async def hear_out(receive: Receive, *, most: int) -> IO[bytes]:
    """The body (of at most `most` bytes) as a file at its beginning.

    Raises Refused (408, 413, 503 where there is no room for it) or Disconnected.
    """
    heard = tempfile.SpooledTemporaryFile(SMALL)  # noqa: SIM115 - whoever reads it closes it
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            has_more = True
            while has_more:
                has_more = await _hear_next(receive, heard)
                if heard.tell() > most:
                    raise Refused(413, f"The body is larger than {most} bytes.")
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


async def _hear_next(receive: Receive, heard: IO[bytes]) -> bool:
    """Write the next piece down; says whether another one follows."""
    async with asyncio.timeout(NEXT_SECONDS):
        message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    heard.write(message.get("body", b""))
    return bool(message.get("more_body"))
