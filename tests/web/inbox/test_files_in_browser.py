"""Hostile files in a real browser: nothing of them runs, however they are opened."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error

from rapport.conversations.models import Attachment
from rapport.kernel.storage import store_file
from tests.browser import sign_in
from tests.cast import Cast, make_cast

RUNS = b"<script>fetch('/taken');top.document.title='taken';document.title='taken'</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/taken')\">" + RUNS + b"</svg>"
HOSTILE = [
    ("page.html", "text/html", b"<!doctype html>" + RUNS),
    ("bill.pdf", "application/pdf", b"<!doctype html>" + RUNS),
    ("both.pdf", "application/pdf", b"%PDF-1.4\n" + RUNS),
    ("tent.png", "image/png", SVG),
    ("tent.svg", "image/svg+xml", SVG),
    ("notes.txt", "text/plain", b"x\n" + RUNS),
    ("gif.gif", "image/gif", b"GIF89a/*" + RUNS + b"*/=1;fetch('/taken')"),
    ('"><script>fetch("/taken")</script>.txt', "text/plain", b"a name"),
]


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    return make_cast()


@pytest.fixture
def files(cast: Cast) -> list[int]:
    message = cast.tent.messages.filter(direction="in").latest("pk")
    rows = [
        Attachment(
            message=message,
            name=name,
            content_type=kind,
            size=len(data),
            stored_name=store_file(data),
        )
        for name, kind, data in HOSTILE
    ]
    return [row.pk for row in Attachment.objects.bulk_create(rows)]


def test_hostile_files_run_nowhere(
    chromium: Any, live_desk: Any, cast: Cast, files: list[int]
) -> None:
    taken: list[str] = []
    # Unwatched: that the policy of their sandbox is violated is the point.
    page = chromium.new_context(base_url=live_desk.url).new_page()
    page.context.on("request", lambda asked: "/taken" in asked.url and taken.append(asked.url))
    sign_in(page, cast.ben)
    for file in files:
        page.goto(f"/inbox/files/{file}/preview")
        page.wait_for_timeout(150)
        assert "taken" not in page.title()
        with suppress(Error):  # a download leaves the page where it was
            page.goto(f"/inbox/files/{file}")
        page.wait_for_timeout(150)
        assert "taken" not in page.title()
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}")
    page.wait_for_selector("a[data-preview]")
    assert taken == []
    page.context.close()


def test_files_open_over_the_thread_and_arrow_keys_walk_them(
    page: Any, cast: Cast, files: list[int]
) -> None:
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}")
    page.click(f'a[href="/inbox/files/{files[1]}/preview"]')
    page.wait_for_selector("dialog[open] >> text=bill.pdf")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("dialog[open] >> text=both.pdf")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("dialog[open] >> text=bill.pdf")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.evaluate("document.activeElement.pathname") == f"/inbox/files/{files[1]}/preview"
