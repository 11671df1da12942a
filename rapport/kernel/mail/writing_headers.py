"""Writing headers: names and subjects of any language as lines that every mail server takes.

The generator of the standard library folds a long Message-ID into encoded words, which breaks the
threads of those who answer; here ids are never touched.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from rapport.kernel.mail.parsed import Address

_LINE = 78
_LONGEST_LINE = 990
_WORD_BYTES = 45  # 60 letters of base64 within the 75 that an encoded word may have
_FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029\x85]")
_ATOM_TEXT = re.compile(r"[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]*")
_LOCAL_PART = re.compile(r"[^\s<>@,;:\"()\[\]\\]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]+")


class UnsendableMail(ValueError):
    """A value that may not go into a mail: a line break in a header, an address that is none."""


def header_line(name: str, value: str) -> str:
    """`Name: value`, folded, with text of any language encoded. Refuses line breaks."""
    check_value(name, value)
    if value.isascii() and "=?" not in value:
        return _fold(f"{name}: {value}")
    return f"{name}: {encode_words(value, first=len(name) + 2)}"


def id_line(name: str, ids: Iterable[str]) -> str:
    """A header of Message-IDs, one per line once they do not fit in one."""
    values = [check_id(name, one) for one in ids]
    return f"{name}: " + "\r\n ".join(_wrap([f"<{one}>" for one in values], len(name) + 2, " "))


def address_line(name: str, addresses: Iterable[Address]) -> str:
    """A header of people."""
    people = [format_address(name, one) for one in addresses]
    return f"{name}: " + "\r\n ".join(_wrap(people, len(name) + 2, ", "))


def format_address(header: str, address: Address) -> str:
    """One person as a header names them. Refuses what is no address."""
    check_value(header, address.name)
    check_value(header, address.address)
    bare = check_address(header, address.address)
    if not address.name:
        return bare
    if address.name.isascii():
        if _ATOM_TEXT.fullmatch(address.name) and "=?" not in address.name:
            return f"{address.name.strip()} <{bare}>"
        return f"{_quoted(address.name)} <{bare}>"
    return f"{encode_words(address.name, first=len(header) + 2)} <{bare}>"


def check_address(header: str, address: str) -> str:
    """The address as it is sent, its domain in ASCII. Refuses what is no address."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not at or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise UnsendableMail(f"{header}: {address[:80]!r} is no mail address")
    return f"{local}@{domain}"


def check_value(header: str, value: str) -> str:
    """`value`, which has no line break and no control character in it, or a refusal."""
    if _FORBIDDEN.search(value):
        raise UnsendableMail(f"{header}: a line break or control character may not stand in it")
    return value


def check_id(header: str, message_id: str) -> str:
    """A Message-ID without brackets, fit to be sent."""
    bare = message_id.strip().removeprefix("<").removesuffix(">")
    check_value(header, bare)
    if (
        not bare.isascii()
        or not bare
        or any(x in bare for x in "<> \t")
        or len(bare) > _LONGEST_LINE
    ):
        raise UnsendableMail(f"{header}: {message_id[:80]!r} is no Message-ID")
    return bare


def encode_words(text: str, *, first: int = 0) -> str:
    """`text` as RFC 2047 words of UTF-8, none cut within a character, one per line."""
    words, piece, room = [], b"", max(_WORD_BYTES - first * 3 // 4, 12)
    for letter in text:
        raw = letter.encode("utf-8", "replace")
        if len(piece) + len(raw) > room:
            words.append(piece)
            piece, room = b"", _WORD_BYTES
        piece += raw
    words.append(piece)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(one).decode()}?=" for one in words)


def parameters(values: Mapping[str, str]) -> str:
    """The parameters of a Content-Type or Content-Disposition, each on a line of its own."""
    lines = []
    for name, value in values.items():
        check_value(name, value)
        if value.isascii() and len(value) < 60:
            lines.append(f"{name}={value if _TOKEN.fullmatch(value) else _quoted(value)}")
        else:
            lines += _encoded_pieces(name, value)
    return "".join(f";\r\n {line}" for line in lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded_pieces(name: str, value: str) -> list[str]:
    """RFC 2231: a parameter in percent-encoded pieces."""
    encoded = quote(value, safe="", errors="replace")
    pieces = re.findall(r"(?:%..|[^%]){1,18}", encoded)
    if len(pieces) == 1:
        return [f"{name}*=utf-8''{pieces[0]}"]
    pieces[0] = f"utf-8''{pieces[0]}"
    return [f"{name}*{number}*={piece}" for number, piece in enumerate(pieces)]


def _fold(line: str) -> str:
    """An ASCII line folded at blanks; a word too long for any line is refused by its length."""
    if len(line) <= _LINE:
        return line
    words = line.split(" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1].strip() and len(lines[-1]) > 20:
            lines.append(" " + word)
        else:
            lines[-1] += " " + word
    if any(len(one) > _LONGEST_LINE for one in lines):
        name, _, value = line.partition(": ")
        return f"{name}: {encode_words(value, first=len(name) + 2)}"
    return "\r\n".join(one for one in lines if one.strip())


def _wrap(items: list[str], first: int, separator: str) -> list[str]:
    """The items on as few lines as fit; the separator's comma stays at the end of a line."""
    lines, used = [""], first
    for item in items:
        last_line = item.rpartition("\n")[2]
        if lines[-1] and used + len(separator) + len(item.partition("\r")[0]) > _LINE:
            lines[-1] += separator.rstrip()
            lines.append(item)
            used = 1 + len(last_line)
        else:
            lines[-1] += (separator if lines[-1] else "") + item
            used = 1 + len(last_line) if "\n" in item else used + len(separator) + len(item)
    return lines
