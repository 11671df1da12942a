"""Reading headers: encoded words, parameters, addresses, Message-IDs and dates, however broken."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from rapport.kernel.mail.decoding import clean_line, decode_bytes
from rapport.kernel.mail.parsed import Address

_WORD = re.compile(rb"=\?([^?\s]{1,75})\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,3})\?=")
_PARAMETER = re.compile(
    rb';\s*+([^\s=;]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"|([^;]*+))', re.S
)
_SECTION = re.compile(r"^(.+?)(?:\*(\d{1,3}))?(\*)?$")
_ID = re.compile(r"<([^<>\s]++(?:\s++[^<>\s]++)*)\s*+>")
_ADDRESS_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.){0,300})"|<([^<>]*+)>|\(((?:[^()\\]|\\.){0,300})\)|([,;])|([^"<>(),;]++)|.',
    re.S,
)
_NAMED_ADDRESS = re.compile(
    r'(?:"([^"\\=@]{0,100})"|([\w .&+-]{0,100}?))\s*<([A-Za-z0-9.!#$%&*+/=?^_{|}~-]+@[A-Za-z0-9.-]+)>'
)
_MONTHS = {
    m: n
    for n, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_USUAL_DATE = re.compile(
    r"(?:[A-Za-z]{3}, )? ?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"
    r"(?: \(|$)"
)
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_ADDRESS = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+|\"[^\"]+\"@[^\s<>@,;]+")
_ESCAPE = re.compile(r"\\(.)", re.S)
_LONGEST_ADDRESS = 320
#: Bytes of an id as it is kept: what a line of a mail can hold, and what an index can, too.
_LONGEST_ID = 998
_MOST_WORDS = 30


def decode_header(value: bytes, *, hint: str = "") -> str:
    """The text of a header value: RFC 2047 words decoded, raw 8-bit bytes by UTF-8 or `hint`."""
    if b"=?" not in value:
        return clean_line(
            value.decode("ascii") if value.isascii() else decode_bytes(value, hint=hint)
        )
    return clean_line("".join(_decoded_runs(value, hint)))


def _decoded_runs(value: bytes, hint: str) -> Iterator[str]:
    """Runs of plain text and of neighbouring words; words of one charset are joined before they
    are decoded, for mailers cut characters in two.
    """
    last, charset, buffer = 0, b"", b""
    for found in _WORD.finditer(value):
        between = value[last : found.start()]
        is_joined = bool(buffer) and not between.strip()
        if buffer and (not is_joined or found[1].lower() != charset):
            yield decode_bytes(buffer, charset.decode("ascii", "replace"), hint=hint)
            buffer = b""
        if not is_joined and between:
            yield decode_bytes(between, hint=hint)
        charset, last = found[1].lower(), found.end()
        buffer += _decode_word(found[2], found[3])
    if buffer:
        yield decode_bytes(buffer, charset.decode("ascii", "replace"), hint=hint)
    if value[last:]:
        yield decode_bytes(value[last:], hint=hint)


def _decode_word(encoding: bytes, payload: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(payload, header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", payload)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def header_parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=x` as its value and its parameters, RFC 2231 pieces put together."""
    first, semicolon, _ = value.partition(b";")
    main = first.strip().decode("ascii", "replace")
    if not semicolon:
        return main, {}
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for name_, quoted, bare in _PARAMETER.findall(value, len(first)):
        raw = re.sub(rb"\\(.)", rb"\1", quoted) if quoted else bare.strip()
        section = _SECTION.match(name_.decode("ascii", "replace").lower())
        if section and (section[2] or section[3]):
            pieces.setdefault(section[1], {})[int(section[2] or 0)] = (raw, bool(section[3]))
        elif section:
            found.setdefault(section[1], decode_header(raw))
    for name, parts in pieces.items():
        found[name] = _join_pieces([parts[number] for number in sorted(parts)])
    return main, found


def _join_pieces(parts: list[tuple[bytes, bool]]) -> str:
    """RFC 2231: `charset'language'percent-encoded` in pieces, each encoded or not."""
    charset, joined = "", b""
    for place, (raw, is_encoded) in enumerate(parts):
        if not is_encoded:
            joined += raw
            continue
        if place == 0 and raw.count(b"'") >= 2:
            label, _, raw = raw.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        joined += unquote_to_bytes(raw)
    if not charset and b"=?" in joined:
        return decode_header(joined)
    return clean_line(decode_bytes(joined, charset))


def read_addresses(value: bytes, *, limit: int, hint: str = "") -> tuple[Address, ...]:
    """Everybody in an address header, at most `limit`, groups dissolved, empty entries left out."""
    text = value.decode("ascii") if value.isascii() else decode_bytes(value, hint=hint)
    if _PLAIN_ADDRESS.fullmatch(text):
        return (Address("", text),)
    usual = _NAMED_ADDRESS.fullmatch(text)
    if usual:
        name = (usual[1] or usual[2] or "").strip()
        return (Address(clean_line(name) if name.lower() != usual[3].lower() else "", usual[3]),)
    addresses = _scan_addresses(text, limit, hint)
    if "=?" in text and not any(one.address for one in addresses):
        addresses = _scan_addresses(decode_header(value, hint=hint), limit, hint)
    return tuple(addresses)


def _scan_addresses(text: str, limit: int, hint: str) -> list[Address]:
    addresses: list[Address] = []
    words: list[str] = []
    comment = angle = ""
    for token in _ADDRESS_TOKEN.finditer(text):
        quoted, inside, remark, separator, plain = token.groups()
        if separator:
            one = _address_of(words, angle, comment, hint)
            if one and (one.address or separator == ";"):
                addresses.append(one)
            if one is None or one.address or separator == ";" or len(words) > _MOST_WORDS:
                words = []
            else:
                words.append(",")  # "Doe, Dora <dora@…>" without quotes: the name goes on
            comment = angle = ""
            if len(addresses) >= limit:
                return addresses
        elif inside is not None:
            angle = inside if "@" in inside or not angle else angle
        elif quoted is not None:
            words.append(
                f'"{quoted}"'
                if text[token.end() : token.end() + 1] == "@"
                else _ESCAPE.sub(r"\1", quoted)
            )
        elif remark is not None:
            comment = remark
        elif plain is not None:
            words.append(plain)
    one = _address_of(words, angle, comment, hint)
    return [*addresses, one] if one else addresses


def _address_of(words: list[str], angle: str, comment: str, hint: str) -> Address | None:
    name = "".join(words).strip()
    group, colon, rest = name.partition(":")
    if colon and "@" not in group and "=?" not in group:
        name = rest.strip()
    address = _bare_address(angle)
    if not address and name:
        address = _bare_address(name)
        name = comment if address else name
    name = _decode_name(name, hint)
    if not address and not name.strip(", "):
        return None
    return Address("" if name.lower() == address.lower() else name, address)


def _bare_address(text: str) -> str:
    text = "".join(text.split()) if not text.startswith('"') else text.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:]
    text = text.strip("'").rstrip(".")
    is_address = len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text)
    return clean_line(text) if is_address else ""


def _decode_name(name: str, hint: str) -> str:
    name = re.sub(r"\s+", " ", name).strip(" ,")
    if "=?" in name:
        name = decode_header(name.encode("utf-8", "replace"), hint=hint)
    name = clean_line(name)
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name[:500]


def read_ids(value: str) -> tuple[str, ...]:
    """Every `<…>` of a header in order, each once; a lone token without brackets counts as one.

    One that is too long to be kept stands as its hash, the same wherever it is read.
    """
    found = ["".join(one.split()) for one in _ID.findall(value)]
    if not found:
        found = [token.strip("<>,;\"'") for token in value.split() if "@" in token]
    return tuple(dict.fromkeys(_kept_id(one) for one in found if one))


def _kept_id(given: str) -> str:
    raw = given.encode("utf-8", "replace")
    if len(raw) <= _LONGEST_ID:
        return given
    return f"{hashlib.sha256(raw).hexdigest()}@overlong.invalid"


def read_date(value: str) -> datetime | None:
    """The moment a Date header names, in its own offset; None when it names no possible one."""
    usual = _USUAL_DATE.match(value)
    if usual:
        return _usual_date(*usual.groups())
    try:
        moment = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    try:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        is_possible = 1970 < moment.astimezone(UTC).year < 2200
    except (ValueError, OverflowError):
        return None
    return moment if is_possible else None


def _usual_date(*found: str) -> datetime | None:
    """The moment in a date as nearly all mailers write it, without the general parser's cost."""
    day, month, year, hour, minute, second, sign, hours, minutes = found
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        moment = datetime(
            int(year),
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            min(int(second), 59),
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
    except (ValueError, KeyError):
        return None
    return moment if 1970 < moment.year < 2200 else None
