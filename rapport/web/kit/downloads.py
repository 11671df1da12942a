"""Downloads: kept bytes on their way to a reader, in pieces, and nothing that a browser would run."""

from __future__ import annotations

from typing import Protocol

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from rapport.kernel.storage import open_file

CHUNK = 64 * 1024


class Kept(Protocol):
    """A file with its bytes somewhere in the storage."""

    name: str
    size: int
    content_type: str
    stored_name: str


def download(file: Kept, *, is_shown: bool = False) -> StreamingHttpResponse:
    """The file, to be saved, or shown by the browser where that was decided; 404 where its bytes are gone."""
    try:
        opened = open_file(file.stored_name)
    except FileNotFoundError as error:
        raise Http404 from error
    response = StreamingHttpResponse(
        iter(lambda: opened.read(CHUNK), b""),
        content_type=file.content_type if is_shown else "application/octet-stream",
    )
    response._resource_closers.append(opened.close)  # type: ignore[attr-defined]
    response["Content-Length"] = str(file.size)
    disposition = content_disposition_header(not is_shown, file.name)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
