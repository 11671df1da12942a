"""Decoding: bytes into text that is readable, whatever their label claims, and storable."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from functools import lru_cache

ALIASES = {
    "default": "", "none": "", "unknown": "", "unknown-8bit": "", "x-unknown": "", "8bit": "",
    "7bit": "", "binary": "", "x-user-defined": "",
    "ansi_x3.4-1968": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252", "usascii": "cp1252",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "x-ansi": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
    "tis-620": "cp874", "windows-874": "cp874", "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "cp-850": "cp850",
    "x-cp1250": "cp1250", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "cp-1250": "cp1250",
    "win-1250": "cp1250", "win1250": "cp1250", "windows1250": "cp1250", "x-mac-ce": "mac_latin2",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-japanese": "cp932",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "csgb2312": "gb18030",
    "gb-2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "ms936": "gb18030", "windows-936": "gb18030", "x-cp20936": "gb18030", "euc-cn": "gb18030",
    "chinese": "gb18030", "gb-18030": "gb18030", "x-euc-cn": "gb18030",
    "big5": "cp950", "big-5": "cp950", "x-x-big5": "cp950", "cn-big5": "cp950", "csbig5": "cp950",
    "big5-eten": "cp950", "windows-950": "cp950", "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "ms_kanji": "cp932", "windows-31j": "cp932", "ms932": "cp932", "x-ms-cp932": "cp932",
    "x-euc-jp": "euc_jp", "iso-2022-jp-ms": "iso-2022-jp", "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp", "x-windows-iso2022jp": "iso-2022-jp", "csiso2022jp": "iso-2022-jp",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949",
    "x-windows-949": "cp949", "windows-949": "cp949", "ks-c-5601": "cp949", "euckr": "cp949",
    "hz-gb-2312": "hz", "unicode": "utf-8", "utf8mb4": "utf-8", "utf-8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "x-unicode-2-0-utf-7": "utf-7",
    "koi8-ru": "koi8_u",
}  # fmt: skip
_EAST_ASIAN = frozenset(("gb18030", "cp950", "big5hkscs", "cp932", "euc_jp", "cp949"))
_SECOND_TRY = {"cp950": "big5hkscs", "cp932": "shift_jis_2004", "euc_jp": "euc_jis_2004"}
_SEVEN_BIT = ("iso-2022", "iso2022", "utf-7", "utf-16", "utf-32", "hz")
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem")
)
_LONGEST_CHANCE = 500
_MOST_BYTES_TO_GUESS_FROM = 16_384
_ESCAPED = re.compile(rb"\x1b(\$\([A-Z]|\$[@AB]|\([A-Z]|&@\x1b\$B)")
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decode_bytes(raw: bytes, declared: str = "", *, hint: str = "") -> str:
    """The text in `raw`: UTF-8 if it is valid, else by its label, else by `hint`, else guessed.

    Never raises; undecodable bytes become U+FFFD only where no charset fits.
    """
    label = charset_name(declared)
    if raw.isascii():
        return _decode_ascii(raw, label)
    text = _decode_unicode(raw, label)
    if text is not None:
        return text
    for name in (label, charset_name(hint)):
        text = _decode_strictly(raw, name)
        if text is not None:
            return text
    return _decode_best(raw, label)


@lru_cache(maxsize=256)
def charset_name(declared: str) -> str:
    """The Python codec for a charset label as mailers write it; "" when it names none."""
    label = declared.strip(" \t\"';").lower()
    name = ALIASES.get(label)
    if name is None:
        name = label.partition("*")[0]
        name = ALIASES.get(name, name)
    if not name:
        return ""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    is_charset = codec._is_text_encoding and codec.name.replace("_", "-") not in _NO_CHARSETS
    return name if is_charset else ""


def _decode_ascii(raw: bytes, label: str) -> str:
    if b"\x1b" in raw and _ESCAPED.search(raw):
        return _decode_escaped(raw, label)
    if label.startswith(_SEVEN_BIT):
        text = _decode_strictly(raw, label)
        if text is not None:
            return text
    return raw.decode("ascii")


def _decode_escaped(raw: bytes, label: str) -> str:
    """7-bit Japanese (or Korean), also without a label and with the extra rows of Windows."""
    names = [label, "iso2022_jp", "iso2022_jp_ext", "iso2022_kr"]
    for name in names:
        text = _decode_strictly(raw, name) if name.startswith(("iso2022", "iso-2022")) else None
        if text is not None:
            return text
    pieces, last, shift = [], 0, b""
    for found in [*_ESCAPED.finditer(raw), None]:
        stop = found.start() if found else len(raw)
        pieces.append(_decode_shifted(raw[last:stop], shift))
        if found:
            last, shift = found.end(), found[1]
    return "".join(pieces)


def _decode_shifted(segment: bytes, shift: bytes) -> str:
    """One run between two escapes of ISO-2022-JP, through its 8-bit sister EUC-JP."""
    if shift.startswith(b"$"):
        lines = segment.split(b"\n")
        high = [bytes(byte | 0x80 if 0x20 < byte < 0x7F else byte for byte in x) for x in lines]
        return "\n".join(x.decode("euc_jis_2004", "replace") for x in high)
    if shift == b"(I":
        return b"".join(b"\x8e" + bytes([b | 0x80]) for b in segment).decode("euc_jp", "replace")
    return segment.decode("ascii", "replace")


def _decode_unicode(raw: bytes, label: str) -> str | None:
    """UTF-8 (or marked UTF-16), unless it is valid by chance and the East Asian label right."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decode_strictly(raw, "utf-16")
    if label.startswith(_SEVEN_BIT):
        text = _decode_strictly(raw, label)
        if text is not None:
            return text
    text = _decode_strictly(raw, "utf-8-sig")
    if text is None and len(raw) > 3:
        text = _decode_cut(raw)
    if text is not None and label in _EAST_ASIAN and _is_valid_by_chance(text):
        return _decode_strictly(raw, label) or text
    return text


def _decode_cut(raw: bytes) -> str | None:
    """UTF-8 that was cut in the middle of its last character, as limits of mailers do."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start >= len(raw) - 3 and fault.start >= 8 and not raw[: fault.start].isascii():
            return raw[: fault.start].decode("utf-8-sig") + "\ufffd"
    return None


def _is_valid_by_chance(text: str) -> bool:
    """Whether `text` as UTF-8 has only two-byte letters, none beside an ASCII letter: two Chinese
    characters in GBK look so; European words in UTF-8 do not.
    """
    if len(text) > _LONGEST_CHANCE:
        return False
    for place, letter in enumerate(text):
        if letter > "\u07ff":
            return False
        if letter > "\x7f":
            beside = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
            if any(x.isascii() and x.isalpha() for x in beside):
                return False
    return True


def _decode_strictly(raw: bytes, name: str) -> str | None:
    if not name:
        return None
    if name in ("iso-8859-2", "iso8859-2", "latin2") and _has_c1(raw):
        name = "cp1250"
    try:
        text = raw.decode(name)
    except (LookupError, ValueError):
        second = _SECOND_TRY.get(name)
        return _decode_strictly(raw, second) if second else None
    return unicodedata.normalize("NFC", text) if name in ("cp1258", "windows-1258") else text


_C1 = re.compile(rb"[\x80-\x9f]")


def _has_c1(raw: bytes) -> bool:
    return _C1.search(raw) is not None


def _decode_best(raw: bytes, label: str) -> str:
    """The last resort: the label where it nearly fits, else a guess, else Western European."""
    for name in (label, "utf-8"):
        text = raw.decode(name, "replace") if name else ""
        if text and text.count("\ufffd") * 20 <= sum(x > "\x7f" for x in text):
            return text
    guessed = _guess_charset(raw[:_MOST_BYTES_TO_GUESS_FROM])
    return raw.decode(guessed or "cp1252", "replace")


def _guess_charset(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # costs 10 ms and memory; hardly any mail needs it

    best = from_bytes(sample, steps=3, chunk_size=512).best()
    return best.encoding if best else ""


def decode_transfer(raw: bytes | memoryview, encoding: str) -> bytes:
    """The body of a part without its transfer encoding; broken base64 gives what can be had."""
    encoding = encoding.strip(" \t;\"'").lower()
    if encoding.startswith("base64"):
        return _decode_base64(raw)
    if encoding.startswith("quoted"):
        return binascii.a2b_qp(raw)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _decode_uu(bytes(raw))
    return bytes(raw)


def _decode_base64(raw: bytes | memoryview) -> bytes:
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", bytes(raw))
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _decode_uu(raw: bytes) -> bytes:
    lines = raw.splitlines()
    begins = next((i for i, x in enumerate(lines) if x.startswith(b"begin ")), -1)
    decoded = []
    for line in lines[begins + 1 :]:
        if line.strip() == b"end":
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                decoded.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(decoded)


def clean_text(text: str) -> str:
    """`text` as it can be stored: LF line ends, no NUL, no lone surrogates, no controls."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        text = text.translate(_CONTROLS)
    if not text.isascii() and _NOT_STORABLE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean_line(text: str) -> str:
    """`clean_text` on one line, without blanks around."""
    if text.isprintable():
        return text.strip()
    text = clean_text(text)
    if "\n" in text or "\t" in text:
        text = re.sub(r"[\n\t]+ *", " ", text)
    return text.strip()


def unflow(text: str, *, delete_space: bool) -> str:
    """RFC 3676 format=flowed: the soft line ends of paragraphs joined, quote depth by depth."""
    lines: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body[1:] if body.startswith(" ") else body
        is_soft = body.endswith(" ") and body != "-- "
        if depth != open_depth or body == "-- ":
            lines.append([">" * depth + " "] if depth else [])
        lines[-1].append(body[:-1] if is_soft and delete_space else body)
        open_depth = depth if is_soft else -1
    return "\n".join("".join(pieces) for pieces in lines)
