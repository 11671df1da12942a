"""Files of a message: pictures are shown, others offered, refused ones named with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rapport.web.inbox.reading import File
from rapport.web.kit.stencils import Stencil
from rapport.web.kit.tags import size

#: Pictures of these kinds are shown; anything else is a download.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
LARGEST_SHOWN = 5_000_000
FILES, FILE, PICTURE, REFUSED = (
    Stencil(f"inbox/messages/_{name}.html") for name in ("files", "file", "picture", "refused")
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
    if file.content_type in SHOWN and file.size <= LARGEST_SHOWN:
        return PICTURE(name=file.name, href=address_of(file))
    return FILE(name=file.name, href=address_of(file), size=size(file.size))
