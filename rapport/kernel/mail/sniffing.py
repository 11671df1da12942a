"""Sniffing: what a file is by its bytes. What a sender claims is a hint and never an authority."""

from __future__ import annotations

import mimetypes
import re

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"{\\rtf", "application/rtf"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
)
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif",
    b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"3gp4": "video/3gpp", b"3gp5": "video/3gpp",
}  # fmt: skip
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_IN_ZIP = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
}
_IN_OLE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_MARKUP = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(!doctype\s+)?(html|svg|head|body|script|iframe)",
    re.I | re.S,
)
_TEXTS = frozenset(
    ("text/csv", "text/calendar", "text/vcard", "text/markdown", "message/rfc822",
     "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
     "message/feedback-report", "application/json", "application/pgp-signature",
     "application/pgp-encrypted", "application/pgp-keys", "text/x-diff", "text/x-patch")
)  # fmt: skip
_BINARY_BY_CLAIM = frozenset(
    ("application/pkcs7-mime", "application/pkcs7-signature", "application/x-pkcs7-mime",
     "application/x-pkcs7-signature", "application/ms-tnef", "application/x-tar")
)  # fmt: skip
_OCTETS = "application/octet-stream"


def sniff_content_type(data: bytes, *, name: str, declared: str) -> str:
    """The media type of `data`, lower case. A name or a claim decides only among harmless kin."""
    head = data[:1024]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return _kin_of(kind, name)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], _OCTETS)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    markup = _MARKUP.match(head)
    if markup:
        return "image/svg+xml" if markup[2].lower() == b"svg" else "text/html"
    if b"\x00" in head:
        return declared if declared in _BINARY_BY_CLAIM else _OCTETS
    return _text_type(head, name, declared)


def _kin_of(kind: str, name: str) -> str:
    """A zip or OLE file by the family that its name claims; nothing is unpacked to find out."""
    ending = name.rpartition(".")[2].lower()
    if kind == "application/zip":
        return _IN_ZIP.get(ending, kind)
    return _IN_OLE.get(ending, kind) if kind == "application/x-ole-storage" else kind


def _text_type(head: bytes, name: str, declared: str) -> str:
    """The type of bytes without magic: the claim where it names a harmless kind."""
    if declared in _TEXTS or declared in _BINARY_BY_CLAIM:
        return declared
    if not head:
        return declared if declared.startswith(("image/", "audio/", "video/")) else "text/plain"
    guessed = mimetypes.guess_type(name, strict=True)[0] or ""
    if guessed in _TEXTS:
        return guessed
    is_text = declared.startswith("text/") or guessed.startswith("text/")
    return "text/plain" if is_text else _OCTETS
