"""Unpacking: winmail.dat, the package in which Outlook hides files and text from everybody else."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from rapport.kernel.mail.attaching import make_attachment
from rapport.kernel.mail.decoding import clean_text, decode_bytes
from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.parsed import Attachment
from rapport.kernel.mail.unpacking_rtf import decompress_rtf, read_rtf

_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SIGNATURE = b"\x78\x9f\x3e\x22"
_MOST_OBJECTS = 4_000


class Unpacked(NamedTuple):
    """What a winmail.dat held. `html` is not sanitised. `fault` says what could not be read."""

    attachments: tuple[Attachment, ...]
    text: str
    html: str
    fault: str


def is_winmail(content_type: str, name: str) -> bool:
    """Whether a part claims to be a winmail.dat."""
    return content_type in _TYPES or name.lower() == "winmail.dat"


def unpack_winmail(data: bytes, *, place: int, limits: MailLimits) -> Unpacked:
    """The files and the text in `data`; never raises, never unpacks archives."""
    if not data.startswith(_SIGNATURE):
        return Unpacked((), "", "", "winmail.dat is not what its name says")
    if _count_objects(data) > _MOST_OBJECTS:
        return Unpacked((), "", "", f"winmail.dat has more than {_MOST_OBJECTS} objects")
    from tnefparse import TNEF  # needed by few mails

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    try:
        tnef = TNEF(data, do_checksum=False)
        files = tuple(_files_of(tnef, place, limits))
        text, html = _text_of(tnef, limits), _html_of(tnef)
    except Exception as fault:  # struct errors, index errors, codec errors: whatever strangers send
        return Unpacked((), "", "", f"winmail.dat could not be read: {type(fault).__name__}")
    return Unpacked(files, text, html, "")


def _count_objects(data: bytes) -> int:
    """How many objects there are: the library copies the rest of the file for each of them."""
    place, count = 6, 0
    while place + 12 < len(data) and count <= _MOST_OBJECTS:
        place += 11 + int.from_bytes(data[place + 5 : place + 9], "little")
        count += 1
    return count


def _files_of(tnef: Any, place: int, limits: MailLimits) -> list[Attachment]:
    files = []
    for one in tnef.attachments[: limits.attachments]:
        data = bytes(one.data or b"")
        try:
            name = one.long_filename() or one.name
        except Exception:  # a broken property must not lose the file
            name = one.name
        if isinstance(name, bytes):
            name = decode_bytes(name)
        is_small = len(data) <= limits.part_bytes
        files.append(
            make_attachment(
                data if is_small else None,
                name=clean_text(str(name or "")).strip("\x00 "),
                declared="application/octet-stream",
                place=place,
                refused="" if is_small else f"larger than {limits.part_bytes // 1024} KiB",
                size=len(data),
            )
        )
    return files


def _text_of(tnef: Any, limits: MailLimits) -> str:
    body = tnef.body
    if isinstance(body, list):
        body = body[0] if body else ""
    if isinstance(body, bytes):
        body = decode_bytes(body, str(tnef.codepage or ""))
    if not body and not tnef.htmlbody and tnef.rtfbody:
        body = read_rtf(decompress_rtf(bytes(tnef.rtfbody), limit=limits.text_bytes))
    return clean_text(str(body)) if body else ""


def _html_of(tnef: Any) -> str:
    body = tnef.htmlbody
    if isinstance(body, bytes):
        body = decode_bytes(body, str(tnef.codepage or ""))
    return clean_text(str(body)) if body else ""
