"""Files of a message: what can be is shown in its place, others offered, refused ones named with the reason.

What a name or a mail claims decides only which frame is drawn around a file. What is put into it is decided
by the bytes, when they are fetched (`previews`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.web.inbox.reading import File
from rapport.web.kit.stencils import Stencil
from rapport.web.kit.tags import size

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SOUNDS = frozenset({"audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4"})
FILMS = frozenset({"video/mp4", "video/webm", "video/quicktime"})
PDF = "application/pdf"
#: All that is ever shown as what it is; anything else is a download.
SHOWN = PICTURES | SOUNDS | FILMS | {PDF}
#: Endings of files that are looked into where their type says nothing.
READABLE = (".pdf", ".txt", ".md", ".csv", ".log", ".json", ".xml", ".html", ".htm", ".svg")
LARGEST_SHOWN = 5_000_000
FILES, FILE, PICTURE, SOUND, FILM, LOOK, REFUSED = (
    Stencil(f"inbox/messages/_{name}.html")
    for name in ("files", "file", "picture", "sound", "film", "look", "refused")
)


class Kept(Protocol):
    """A file of which there may be bytes."""

    @property
    def pk(self) -> int: ...
    @property
    def stored_name(self) -> str: ...


def address_of(file: Kept) -> str:
    """Where a kept file is fetched; nothing for a refused one."""
    return f"/inbox/files/{file.pk}" if file.stored_name else ""


def draw_files(files: Sequence[File]) -> SafeString | str:
    """The row of files below a message's words."""
    if not files:
        return ""
    return FILES(files=mark_safe("".join(map(_draw, files))))  # noqa: S308 - stencils escape


def _draw(file: File) -> SafeString:
    if file.refused or not file.stored_name:
        reason = file.refused or gettext("It was not kept.")
        return REFUSED(name=file.name, size=size(file.size), reason=reason)
    href, kind = address_of(file), file.content_type
    if kind in PICTURES and file.size <= LARGEST_SHOWN:
        return PICTURE(name=file.name, href=href)
    words = {"name": file.name, "href": href, "size": size(file.size)}
    if kind in SOUNDS or kind in FILMS:
        return (SOUND if kind in SOUNDS else FILM)(**words, save=gettext("Download"))
    is_readable = kind == PDF or kind.startswith("text/") or kind in PICTURES
    if is_readable or file.name.lower().endswith(READABLE):
        return LOOK(**words, save=gettext("Download"))
    return FILE(**words)
