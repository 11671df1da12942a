"""Gathering: the leaves of a mail as one text, one HTML and its files.

Of alternatives one is read (plain text for `text`, HTML for `html`); texts that stand one after the
other, as Apple Mail sends them around pictures, are joined in their order.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from rapport.kernel.mail.attaching import (
    attach_part,
    claimed_name,
    disposition_of,
    read_part,
)
from rapport.kernel.mail.decoding import charset_name, clean_text, decode_bytes, unflow
from rapport.kernel.mail.flattening import flatten_html
from rapport.kernel.mail.inviting import read_invites
from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.parsed import Attachment, Invite
from rapport.kernel.mail.sanitizing import sanitize_html
from rapport.kernel.mail.splitting import Part, SplitMail
from rapport.kernel.mail.unpacking import is_winmail, unpack_winmail

_RICH = ("text/html", "application/xhtml+xml")
_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_IGNORED_ALTERNATIVES = ("text/x-amp-html", "text/watch-html")
_ENRICHED = re.compile(r"<(?:[^<>]{1,60})>")


@dataclass(slots=True)
class _Piece:
    """One body text: plain, or rich, or both as alternatives of each other."""

    group: int
    plain: str | None = None
    rich: str | None = None


@dataclass(slots=True)
class Gathered:
    """The contents of a mail. `html` is sanitised, `text` whole and not yet folded."""

    text: str = ""
    html: str = ""
    has_held_images: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    invites: list[Invite] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def gather_contents(mail: SplitMail, *, limits: MailLimits) -> Gathered:
    """The contents of `mail`."""
    gathered = Gathered(warnings=mail.warnings)
    pieces: list[_Piece] = []
    bodies = _body_parts(mail.parts)
    for place, part in enumerate(mail.parts):
        if place in bodies:
            _add_body(mail, part, pieces, gathered, limits)
        elif part.content_type not in _IGNORED_ALTERNATIVES:
            _add_file(mail, part, place, pieces, gathered, limits)
    _compose(pieces, gathered)
    return gathered


def _body_parts(parts: list[Part]) -> set[int]:
    """The places of the parts that are read as text rather than offered as files."""
    texts = [p for p, part in enumerate(parts) if _is_text(part)]
    bare = {
        p
        for p in texts
        if not claimed_name(parts[p]) and disposition_of(parts[p])[0] != "attachment"
    }
    if bare:
        return bare
    named = [p for p in texts if disposition_of(parts[p])[0] != "attachment"]
    if len(parts) == 1 and texts:
        return set(texts[:1])
    return set(named[:1])


def _is_text(part: Part) -> bool:
    if part.refused or part.content_type in _IGNORED_ALTERNATIVES:
        return False
    return part.content_type in (*_RICH, "text/plain", "text/enriched", "text/richtext", "text")


def _add_body(
    mail: SplitMail, part: Part, pieces: list[_Piece], gathered: Gathered, limits: MailLimits
) -> None:
    text = _read_text(mail, part, gathered, limits)
    group = _alternative_of(part)
    piece = next((x for x in pieces if group and x.group == group), None)
    if piece is None:
        piece = _Piece(group)
        pieces.append(piece)
    if part.content_type in _RICH:
        piece.rich = text if piece.rich is None else piece.rich + text
    elif part.content_type in ("text/enriched", "text/richtext"):
        if piece.plain is None:
            piece.plain = _ENRICHED.sub("", text)
    else:
        piece.plain = text if piece.plain is None else f"{piece.plain}\n{text}"


def _alternative_of(part: Part) -> int:
    for container in reversed(part.containers):
        if container.content_type == "multipart/alternative":
            return container.number
    return 0


def _read_text(mail: SplitMail, part: Part, gathered: Gathered, limits: MailLimits) -> str:
    """The decoded text of a body part, cut at the limit with a warning."""
    data = read_part(mail.raw, part, limit=limits.mail_bytes)[0] or b""
    if len(data) > limits.text_bytes:
        gathered.warnings.append(f"a text of {len(data)} bytes was cut at {limits.text_bytes}")
        data = data[: limits.text_bytes]
    declared = part.parameters.get("charset", "")
    hint = ""
    if part.content_type in _RICH and not data.isascii():
        found = _META.search(data[:4096])
        hint = found[1].decode("ascii", "replace") if found else ""
        hint = "" if charset_name(hint).startswith("utf-16") else hint
    text = clean_text(decode_bytes(data, declared, hint=hint))
    if "\ufffd" in text and "\ufffd".encode() not in data:
        gathered.warnings.append(
            f"some bytes of a text do not fit its charset ({declared or 'none'})"
        )
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _add_file(
    mail: SplitMail,
    part: Part,
    place: int,
    pieces: list[_Piece],
    gathered: Gathered,
    limits: MailLimits,
) -> None:
    if len(gathered.attachments) >= limits.attachments:
        gathered.warnings.append(f"more than {limits.attachments} files: the rest was left out")
        return
    file = attach_part(mail.raw, part, place=place, limits=limits)
    if file.refused:
        gathered.warnings.append(f"{file.name} was refused: {file.refused}")
    if file.data is not None and is_winmail(part.content_type, file.name):
        unpacked = unpack_winmail(file.data, place=place, limits=limits)
        if unpacked.fault:
            gathered.warnings.append(unpacked.fault)
        else:
            gathered.attachments += unpacked.attachments[: limits.attachments]
            if unpacked.text or unpacked.html:
                pieces.append(_Piece(-1, unpacked.text or None, unpacked.html or None))
            return
    if part.content_type == "text/calendar" and file.data is not None:
        gathered.invites += [x for x in read_invites(file.data) if x not in gathered.invites]
    gathered.attachments.append(file)


def _compose(pieces: list[_Piece], gathered: Gathered) -> None:
    """Put the pieces together; a winmail.dat speaks only where the mail itself is silent."""
    said = [x for x in pieces if x.group >= 0 and ((x.plain or "").strip() or x.rich)]
    pieces = said or [x for x in pieces if x.plain or x.rich]
    texts, htmls = [], []
    has_rich = any(piece.rich for piece in pieces)
    for piece in pieces:
        flat = ""
        if piece.rich is not None:
            clean = sanitize_html(piece.rich)
            gathered.has_held_images |= clean.has_held_images
            htmls.append(clean.html)
            if not (piece.plain or "").strip():
                flat = flatten_html(clean.html)
        elif has_rich and piece.plain and piece.plain.strip():
            htmls.append(f'<div style="white-space:pre-wrap">{entities.escape(piece.plain)}</div>')
        texts.append(piece.plain if (piece.plain or "").strip() else flat)
    gathered.text = clean_text("\n".join(x.strip("\n") for x in texts if x and x.strip()))
    gathered.html = clean_text("\n".join(htmls))
