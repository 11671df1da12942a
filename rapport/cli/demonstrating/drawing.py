"""Drawing: the small files that go along with mails: a photo, a PDF, a list. The same words, the same bytes."""

from __future__ import annotations

import functools
import random
import struct
import zlib
from typing import NamedTuple

#: Different photos; each costs a moment to draw.
PHOTOS = 3


class File(NamedTuple):
    """A file by its name, type and bytes."""

    name: str
    content_type: str
    data: bytes


def draw_file(kind: str, *, number: str, dice: random.Random) -> File:
    """A "photo", a return "label", an "invoice" or an order "list"."""
    if kind == "photo":
        seed = dice.randrange(PHOTOS)
        return File(f"IMG_{dice.randint(1000, 9999)}.png", "image/png", draw_photo(seed))
    if kind == "list":
        rows = [f"{10 + step};item {number}-{step:02};{dice.randint(2, 40)}" for step in range(12)]
        text = "position;article;pieces\r\n" + "\r\n".join(rows) + "\r\n"
        return File(f"list-{number}.csv", "text/csv", text.encode())
    name = f"{kind}-{number}.pdf"
    return File(name, "application/pdf", draw_page(f"Maple Outdoors: {kind} {number}"))


@functools.cache
def draw_photo(seed: int, *, width: int = 240, height: int = 150) -> bytes:
    """A PNG of a tent before hills."""
    dice = random.Random(seed)  # noqa: S311 - a picture, no secret
    sky, hill, tent = (dice.randint(150, 230), dice.randint(70, 130), dice.randint(160, 220))
    peak = dice.randint(width // 3, 2 * width // 3)
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        horizon = height * 5 // 9
        for x in range(width):
            inside = (
                y > horizon - 40 and abs(x - peak) < (y - horizon + 40) * 0.7 and y < horizon + 60
            )
            if inside:
                shade = tent if x < peak else tent - 45
                rows += bytes((shade, shade // 2, 40))
            elif y > horizon - abs((x * 7 // 5 + peak) % 120 - 60) // 3:
                rows += bytes((hill // 2, hill + (y - horizon) // 4, hill // 3))
            else:
                rows += bytes((sky - y // 3, sky - y // 5, 235))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in pieces)


def draw_page(words: str) -> bytes:
    """A PDF of one page that says these words (ASCII)."""
    stream = f"BT /F1 18 Tf 60 760 Td ({words}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(page))
        page += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(page)
    return page + b"xref\n0 6\n0000000000 65535 f \n" + table + tail


def _chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)
