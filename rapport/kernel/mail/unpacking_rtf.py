"""Unpacking RTF: the compressed form in which Outlook keeps a text when it keeps no other, as words.

The compression is that of MS-OXRTFCP: a ring of 4096 bytes that begins with the commonest commands.
"""

from __future__ import annotations

import re

_KNOWN_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_RING = 4096
_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)", re.I | re.S
)
_SILENT = frozenset(("fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer"))
_LETTERS = {
    "par": "\n", "line": "\n", "tab": "\t", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—", "cell": " ", "row": "\n",
}  # fmt: skip


def decompress_rtf(data: bytes, *, limit: int) -> bytes:
    """The RTF in `data`, at most `limit` bytes; "" when it is not compressed RTF."""
    limit = min(limit, int.from_bytes(data[4:8], "little"))
    if data[8:12] == b"MELA":
        return data[16:][:limit]
    if data[8:12] != b"LZFu":
        return b""
    ring = bytearray(_KNOWN_START.ljust(_RING, b" "))
    write, place, out = len(_KNOWN_START), 16, bytearray()
    while place < len(data) and len(out) < limit:
        control, place = data[place], place + 1
        for bit in range(8):
            if place >= len(data):
                break
            if not control >> bit & 1:
                piece, place = data[place : place + 1], place + 1
            else:
                pair, place = int.from_bytes(data[place : place + 2], "big"), place + 2
                if pair >> 4 == write:
                    return bytes(out[:limit])
                piece = b""
                for step in range((pair & 15) + 2):
                    byte = ring[((pair >> 4) + step) % _RING]
                    ring[(write + step) % _RING] = byte
                    piece += bytes([byte])
            for byte in piece:
                ring[write] = byte
                write = (write + 1) % _RING
            out += piece
    return bytes(out[:limit])


def read_rtf(rtf: bytes, *, codepage: str = "cp1252") -> str:
    """The words of `rtf`, without its formatting; of HTML that was wrapped into it, its text."""
    out: list[str] = []
    silent_from = 0  # the group depth from which nothing is shown, 0 when all is
    depth, is_wrapping, skip = 0, False, 0
    for word, number, code, sign, brace, text in _TOKEN.findall(rtf.decode("latin-1")):
        if brace:
            depth += 1 if brace == "{" else -1
            silent_from = 0 if depth < silent_from else silent_from
        elif sign == "*" or word in _SILENT:
            silent_from = silent_from or depth
        elif word == "htmlrtf":
            is_wrapping = number != "0"
        elif silent_from or is_wrapping:
            continue
        elif word == "u" and number:
            out.append(chr(int(number) % 65_536))
            skip = 1
        elif skip and (code or text):
            skip = 0
            out.append(text[1:])
        elif code:
            out.append(bytes([int(code, 16)]).decode(codepage, "replace"))
        else:
            out.append(_LETTERS.get(word, "") or text or (sign if sign in "\\{}" else ""))
    return "".join(out).strip()
