"""Files are shown by what they are: a name and a claim of a stranger open nothing."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.conversations.models import Attachment
from rapport.kernel.storage import store_file
from tests.cast import Cast
from tests.web.inbox.conftest import HTMX

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PDF = b"%PDF-1.4\n%%EOF"
HTML = b"<!doctype html><script>top.document.title='taken'</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
OCTETS = "application/octet-stream"

#: Name, what the mail claims, the bytes, and what a browser is told that it is.
FILES = [
    ("tent.png", "image/png", PNG, "image/png"),
    ("tent.html", "text/html", PNG, "image/png"),
    ("bill.pdf", "application/pdf", PDF, "application/pdf"),
    ("voice.ogg", "audio/ogg", b"OggS" + bytes(30), "audio/ogg"),
    ("film.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + bytes(30), "video/mp4"),
    ("bill.pdf", "application/pdf", HTML, OCTETS),
    ("tent.png", "image/png", HTML, OCTETS),
    ("tent.png", "image/png", SVG, OCTETS),
    ("tent.svg", "image/svg+xml", SVG, OCTETS),
    ("voice.mp3", "audio/mpeg", HTML, OCTETS),
    ("page.html", "text/html", HTML, OCTETS),
    ("notes.txt", "text/plain", b"Hello", OCTETS),
    ("page.xhtml", "application/xhtml+xml", b"<?xml version='1.0'?>" + HTML, OCTETS),
    ("tool.exe", "image/png", b"MZ" + bytes(30), OCTETS),
    ("empty.png", "image/png", b"", OCTETS),
]


def keep(cast: Cast, name: str, kind: str, data: bytes) -> Attachment:
    message = cast.tent.messages.filter(direction="in").latest("pk")
    return Attachment.objects.create(
        message=message, name=name, content_type=kind, size=len(data), stored_name=store_file(data)
    )


@pytest.mark.parametrize(("name", "kind", "data", "told"), FILES)
def test_a_browser_is_told_what_the_bytes_are(
    cast: Cast, sign_in: Any, name: str, kind: str, data: bytes, told: str
) -> None:
    file = keep(cast, name, kind, data)
    answered = sign_in(cast.ben).get(f"/inbox/files/{file.pk}")
    assert b"".join(answered) == data
    assert answered["Content-Type"] == told
    is_shown = told != OCTETS
    assert answered["Content-Disposition"].startswith("inline" if is_shown else "attachment")
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert answered["X-Frame-Options"] == "SAMEORIGIN"
    policy = answered["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("; sandbox")
    saved = sign_in(cast.ben).get(f"/inbox/files/{file.pk}?download=1")
    assert b"".join(saved) == data
    assert saved["Content-Type"] == OCTETS
    assert saved["Content-Disposition"].startswith("attachment")
    assert sign_in(cast.cy).get(f"/inbox/files/{file.pk}").status_code == 404


def test_a_name_cannot_break_out_of_its_header(cast: Cast, sign_in: Any) -> None:
    file = keep(cast, 'a"\r\nX-Evil: 1.html', "image/png", PNG)
    answered = sign_in(cast.ben).get(f"/inbox/files/{file.pk}")
    assert b"".join(answered) == PNG
    assert "X-Evil" not in answered.headers
    assert answered["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("tent.png", PNG, "<img"),
        ("bill.pdf", PDF, "<iframe"),
        ("notes.txt", "Zażółć 帳篷".encode(), "Zażółć 帳篷"),
        ("notes.txt", "Zażółć".encode("utf-16"), "Zażółć"),
        ("page.html", HTML, "&lt;script&gt;"),
        ("tent.svg", SVG, "&lt;svg"),
        ("tool.exe", b"MZ" + bytes(30), "cannot be shown"),
    ],
)
def test_a_preview_shows_what_is_harmless(
    cast: Cast, sign_in: Any, name: str, data: bytes, said: str
) -> None:
    file = keep(cast, name, "text/plain", data)
    for headers in (HTMX, {}):
        page = sign_in(cast.ben).get(f"/inbox/files/{file.pk}/preview", headers=headers)
        assert said in page.content.decode()
        assert "<script>top" not in page.content.decode()
    assert sign_in(cast.cy).get(f"/inbox/files/{file.pk}/preview").status_code == 404
    assert sign_in(cast.zoe).get(f"/inbox/files/{file.pk}/preview").status_code == 403


def test_a_long_text_is_cut_and_says_so(cast: Cast, sign_in: Any) -> None:
    file = keep(cast, "long.txt", "text/plain", b"word " * 50_000)
    page = sign_in(cast.ben).get(f"/inbox/files/{file.pk}/preview").content.decode()
    assert "This is the beginning" in page
    assert len(page) < 130_000


@pytest.mark.parametrize(
    ("asked", "status", "given"),
    [
        ("bytes=0-3", 206, b"OggS"),
        ("bytes=4-", 206, bytes(30)),
        ("bytes=-2", 206, bytes(2)),
        ("bytes=-999", 200, b"OggS" + bytes(30)),
        ("bytes=30-999", 206, bytes(4)),
        ("bytes=34-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=3-1", 200, b"OggS" + bytes(30)),
        ("bytes=0-1,4-5", 200, b"OggS" + bytes(30)),
        ("bytes=x-", 200, b"OggS" + bytes(30)),
        (f"bytes={10**40}-", 200, b"OggS" + bytes(30)),
    ],
)
def test_a_player_may_begin_in_the_middle(
    cast: Cast, sign_in: Any, asked: str, status: int, given: bytes
) -> None:
    file = keep(cast, "voice.ogg", "audio/ogg", b"OggS" + bytes(30))
    answered = sign_in(cast.ben).get(f"/inbox/files/{file.pk}", headers={"Range": asked})
    assert answered.status_code == status
    assert b"".join(answered) == given
    if status == 206:
        assert answered["Content-Length"] == str(len(given))
        assert answered["Content-Range"].endswith("/34")


def test_the_thread_shows_each_kind_in_its_place(cast: Cast, sign_in: Any) -> None:
    for name, kind, data, _told in FILES[:5]:
        keep(cast, name, kind, data)
    page = sign_in(cast.ben).get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    for sign in ("attach--picture", "<audio", "<video", "attach--look"):
        assert sign in page
