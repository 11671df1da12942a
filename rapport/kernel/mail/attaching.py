"""Attaching: the parts of a mail that are files: safe names, true types, refusals by name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from rapport.kernel.mail.decoding import decode_transfer
from rapport.kernel.mail.limiting import MailLimits
from rapport.kernel.mail.parsed import Attachment
from rapport.kernel.mail.reading_headers import decode_header, header_parameters
from rapport.kernel.mail.sniffing import sniff_content_type
from rapport.kernel.mail.splitting import Part, read_headers, unfold

_ENDINGS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/vcard": ".vcf",
    "message/rfc822": ".eml", "message/delivery-status": ".txt", "text/rfc822-headers": ".txt",
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
    "image/heic": ".heic", "image/tiff": ".tif", "application/pdf": ".pdf",
    "application/zip": ".zip", "audio/mpeg": ".mp3", "video/mp4": ".mp4", "text/csv": ".csv",
    "application/pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc", "application/ms-tnef": ".dat", "audio/ogg": ".ogg",
}  # fmt: skip
_UNSAFE = re.compile("[\x00-\x1f\x7f/\\\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_COMBINING = re.compile("[\u0300-\u036f\u3099\u309a]")
_LONGEST_NAME = 180


def disposition_of(part: Part) -> tuple[str, dict[str, str]]:
    """ "inline", "attachment" or "" and the parameters of a part's Content-Disposition."""
    values = part.headers.get("content-disposition")
    if not values:
        return "", {}
    value, parameters = header_parameters(unfold(values[0]))
    return value.lower(), parameters


def claimed_name(part: Part) -> str:
    """The file name that a part claims for itself, made safe; "" when it claims none."""
    name = disposition_of(part)[1].get("filename") or part.parameters.get("name") or ""
    return safe_name(name)


def safe_name(name: str) -> str:
    """A file name without folders, controls and letters that turn the reading direction."""
    if _COMBINING.search(name):
        name = unicodedata.normalize("NFC", name)
    name = _UNSAFE.sub("_", name.replace("\\", "/").rstrip("/").rpartition("/")[2]).strip(" .")
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        keep = f".{ending}" if dot and len(ending) <= 10 else ""
        name = (stem if keep else name)[: _LONGEST_NAME - len(keep)] + keep
    return name


def content_id_of(part: Part) -> str:
    """The Content-ID of a part without brackets; "" when it has none."""
    values = part.headers.get("content-id")
    return decode_header(unfold(values[0])).strip("<> ") if values else ""


def attach_part(raw: bytes, part: Part, *, place: int, limits: MailLimits) -> Attachment:
    """The leaf `part` of the mail `raw` as a file."""
    data, refused, size = read_part(raw, part, limit=limits.part_bytes)
    disposition, _ = disposition_of(part)
    content_id = content_id_of(part)
    inside = any(c.content_type == "multipart/related" for c in part.containers)
    return make_attachment(
        data,
        name=claimed_name(part) or _subject_within(raw, part),
        declared=part.content_type,
        content_id=content_id,
        is_inline=bool(content_id) and (disposition == "inline" or (inside and not disposition)),
        refused=part.refused or refused,
        size=size,
        place=place,
    )


def read_part(raw: bytes, part: Part, *, limit: int) -> tuple[bytes | None, str, int]:
    """The decoded bytes of a part, or None with the reason and the size that it would have."""
    encoding = transfer_encoding(part)
    length = part.end - part.start
    estimate = length * 3 // 4 if encoding.startswith("base64") else length
    if part.refused:
        return None, part.refused, estimate
    if estimate > limit * 1.04:  # base64 has line ends: 2 to 3 in 100 bytes
        return None, f"larger than {limit // 1024} KiB", estimate
    data = decode_transfer(memoryview(raw)[part.start : part.end], encoding)
    if len(data) > limit:
        return None, f"larger than {limit // 1024} KiB", len(data)
    return data, "", len(data)


def transfer_encoding(part: Part) -> str:
    """The transfer encoding that a part declares, lower case."""
    values = part.headers.get("content-transfer-encoding")
    return unfold(values[0]).decode("ascii", "replace").lower() if values else ""


def make_attachment(
    data: bytes | None,
    *,
    name: str,
    declared: str,
    place: int,
    content_id: str = "",
    is_inline: bool = False,
    refused: str = "",
    size: int = 0,
) -> Attachment:
    """A file from its bytes; a missing name is made from the type."""
    kind = declared if data is None else sniff_content_type(data, name=name, declared=declared)
    name = safe_name(name) or f"attachment-{place + 1}"
    if "." not in name:
        name += _ENDINGS.get(kind, "")
    return Attachment(
        name=name,
        content_type=kind,
        declared_type=declared,
        size=size if data is None else len(data),
        content_id=content_id,
        is_inline=is_inline,
        data=data,
        refused=refused,
        sha256="" if data is None else hashlib.sha256(data).hexdigest(),
        part=place,
    )


def _subject_within(raw: bytes, part: Part) -> str:
    """A name for a mail within a mail: its subject."""
    if part.content_type != "message/rfc822":
        return ""
    headers, _ = read_headers(
        raw, part.start, min(part.end, part.start + 65_536), limits=MailLimits()
    )
    subject = headers.get("subject")
    return decode_header(unfold(subject[0])).replace("/", "-")[:80] + ".eml" if subject else ""
