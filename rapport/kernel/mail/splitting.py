"""Splitting: the bytes of a mail into header blocks and leaves, in one loop and without copies.

The standard library's feed parser needs 0.2 ms for a two-line mail, 260 MB for a 50 MB attachment,
and ends in a RecursionError on a thousand nested multiparts; a mail at the door may do none of it.
Here a part is a pair of offsets into the raw bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.reading_headers import header_parameters

Headers = dict[str, list[bytes]]

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*)(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*+(?:\n|\Z)")
_BLANK = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]*")
_GUESSED_BOUNDARY = re.compile(rb"^--([^\s-][^\r\n]{0,198}?|-[^\r\n]{3,198}?)[ \t]*\r?$", re.M)
_LONGEST_BOUNDARY = 250


class Container(NamedTuple):
    """A multipart around a leaf: its type and its number, so that siblings can be told."""

    content_type: str
    number: int


@dataclass(slots=True)
class Part:
    """A leaf of the MIME tree: its headers and where its body lies in the raw bytes."""

    headers: Headers
    start: int
    end: int
    content_type: str
    parameters: dict[str, str]
    containers: tuple[Container, ...] = ()
    refused: str = ""


@dataclass(slots=True)
class SplitMail:
    """The header block of the whole mail and its leaves in order."""

    raw: bytes
    headers: Headers
    content_type: str
    parameters: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Span:
    start: int
    end: int
    containers: tuple[Container, ...]
    default_type: str


def split_mail(raw: bytes, *, limits: MailLimits) -> SplitMail:
    """The headers and leaves of `raw`; never deeper or wider than `limits` allow."""
    raw = repair_line_ends(raw)
    headers, body = read_headers(raw, 0, len(raw), limits=limits)
    content_type, parameters = content_type_of(headers, "text/plain")
    mail = SplitMail(raw, headers, content_type, parameters)
    stack = [_Span(body, len(raw), (), "text/plain")]
    known: tuple[Headers, str, dict[str, str]] | None = (headers, content_type, parameters)
    numbers = 0
    while stack:
        span = stack.pop()
        if known:
            (part_headers, kind, params), start, known = known, span.start, None
        else:
            part_headers, start = read_headers(raw, span.start, span.end, limits=limits)
            kind, params = content_type_of(part_headers, span.default_type)
        part = Part(part_headers, start, span.end, kind, params, span.containers)
        if not kind.startswith("multipart/"):
            mail.parts.append(part)
        elif len(span.containers) >= limits.depth:
            part.refused = f"nested deeper than {limits.depth} levels"
            mail.parts.append(part)
        else:
            numbers += 1
            stack += reversed(_children(raw, part, Container(kind, numbers), limits, mail))
        if len(mail.parts) >= limits.parts and stack:
            mail.warnings.append(f"more than {limits.parts} parts: the rest was not read")
            break
    return mail


def repair_line_ends(raw: bytes) -> bytes:
    """`raw` with line ends that have at most one CR; a mail of bare CRs becomes one of LFs."""
    if b"\r\r\n" in raw:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw


def read_headers(raw: bytes, start: int, end: int, *, limits: MailLimits) -> tuple[Headers, int]:
    """The header block that begins at `start`, names in lower case, and where its body begins.

    Lines that are no header are passed over while real headers follow; without any the body begins.
    """
    headers: Headers = {}
    position, count = start, 0
    while position < end:
        found = _FIELD.match(raw, position, end)
        if found:
            count += 1
            if count <= limits.headers:
                name = found[1].decode("ascii").lower()
                headers.setdefault(name, []).append(found[2][: limits.header_bytes])
            position = found.end()
            continue
        blank = _BLANK.match(raw, position, end)
        if blank:
            return headers, blank.end()
        line = _LINE.match(raw, position, end)
        if not line or not _may_skip(raw, position, line.end(), end, bool(headers)):
            return headers, position
        position = line.end()
    return headers, min(position, end)


def _may_skip(raw: bytes, start: int, stop: int, end: int, has_headers: bool) -> bool:
    """Whether the odd line [start, stop) stands among headers: an mbox line or a broken fold."""
    if raw[start : start + 5] == b"From " or raw[start : start + 6] == b">From ":
        return True
    follower = _FIELD.match(raw, stop, end)
    if not follower:
        return False
    return has_headers or b"-" in follower[1] or follower[1].lower() in _COMMON


_COMMON = frozenset((b"from", b"to", b"cc", b"subject", b"date", b"received", b"sender"))


def content_type_of(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    """The media type of a header block, lower case, and its parameters; `default` when unusable."""
    values = headers.get("content-type")
    if not values:
        return default, {}
    value, parameters = header_parameters(unfold(values[0]))
    value = value.lower()
    kind, slash, rest = value.partition("/")
    if not slash or not kind or not rest or " " in value:
        return ("text/html" if value == "html" else default), parameters
    return value, parameters


def unfold(value: bytes) -> bytes:
    """A header value on one line."""
    if b"\n" in value:
        value = _FOLD.sub(b" ", value)
    return value.strip()


def _children(
    raw: bytes, part: Part, container: Container, limits: MailLimits, mail: SplitMail
) -> list[_Span]:
    """The spans between the boundaries of a multipart; itself as text when it has none."""
    containers = (*part.containers, container)
    inner = "message/rfc822" if container.content_type == "multipart/digest" else "text/plain"
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    spans = _between(raw, part, boundary, containers, inner, limits) if boundary else []
    if not spans:
        guessed = _GUESSED_BOUNDARY.search(raw, part.start, part.end)
        if guessed:
            mail.warnings.append("the boundary of a multipart was wrong: guessed from its lines")
            spans = _between(raw, part, guessed[1], containers, inner, limits)
    if not spans:
        mail.warnings.append("a multipart without parts: read as text")
        mail.parts.append(Part(part.headers, part.start, part.end, "text/plain", {}, containers))
    return spans


def _between(
    raw: bytes,
    part: Part,
    boundary: bytes,
    containers: tuple[Container, ...],
    inner: str,
    limits: MailLimits,
) -> list[_Span]:
    """The spans between the lines `--boundary`, up to `--boundary--` or the end."""
    if len(boundary) > _LONGEST_BOUNDARY:
        return []
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?(?:\n|\Z)", re.M)
    spans: list[_Span] = []
    opened = -1
    for found in line.finditer(raw, part.start, part.end):
        if opened >= 0:
            spans.append(
                _Span(opened, _before_line_end(raw, opened, found.start()), containers, inner)
            )
        opened = -1 if found[1] else found.end()
        if found[1] or len(spans) > limits.parts:
            break
    if opened >= 0 and opened < part.end:
        spans.append(_Span(opened, part.end, containers, inner))
    return spans


def _before_line_end(raw: bytes, start: int, stop: int) -> int:
    """`stop` without the line end that belongs to the boundary line."""
    if stop > start and raw[stop - 1] == 0x0A:
        stop -= 1
        if stop > start and raw[stop - 1] == 0x0D:
            stop -= 1
    return stop
