"""Downloads: kept bytes on their way to a reader, in pieces, and nothing that a browser would run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from rapport.kernel.storage import open_file

CHUNK = 64 * 1024
#: One piece, as players ask for it; several at once are answered by the whole file.
PIECE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
#: Whatever a stranger named a file: it runs nothing, fetches nothing, and stands in no other frame than ours.
SHUT = "default-src 'none'; frame-ancestors 'self'; sandbox"


class Kept(Protocol):
    """A file with its bytes somewhere in the storage."""

    name: str
    size: int
    stored_name: str


def download(file: Kept, *, shown_as: str = "", piece: str = "") -> HttpResponseBase:
    """The file, to be saved; or shown as a type that was found in its bytes; 404 where they are gone.

    `piece` is what a player asked for (the header Range): so it can begin in the middle.
    """
    first, last = _bounds(piece, size=file.size)
    if first > last and file.size:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    opened = _open(file)
    is_part = (first, last) != (0, file.size - 1)
    if is_part:
        opened.seek(first)
    response = StreamingHttpResponse(
        _pieces(opened, last - first + 1),
        status=206 if is_part else 200,
        content_type=shown_as or "application/octet-stream",
    )
    response._resource_closers.append(opened.close)  # type: ignore[attr-defined]
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = (
        content_disposition_header(not shown_as, file.name) or "attachment"
    )
    response["Content-Security-Policy"] = SHUT
    response["X-Content-Type-Options"] = "nosniff"
    return response


def read_beginning(file: Kept, *, size: int) -> bytes:
    """The first bytes of a kept file; 404 where they are gone."""
    with _open(file) as opened:
        return opened.read(size)


def _open(file: Kept) -> BinaryIO:
    try:
        return open_file(file.stored_name)
    except FileNotFoundError as error:
        raise Http404 from error


def _bounds(piece: str, *, size: int) -> tuple[int, int]:
    """First and last byte; the whole for what is no question for one piece."""
    asked = PIECE.fullmatch(piece.strip())
    if not asked or not (asked[1] or asked[2]):
        return 0, size - 1
    if not asked[1]:  # so many from the end
        return max(size - int(asked[2]), 0) if int(asked[2]) else size, size - 1
    if asked[2] and int(asked[2]) < int(asked[1]):
        return 0, size - 1
    return int(asked[1]), min(int(asked[2] or size), size - 1)


def _pieces(opened: BinaryIO, rest: int) -> Iterator[bytes]:
    while rest > 0 and (piece := opened.read(min(CHUNK, rest))):
        rest -= len(piece)
        yield piece
