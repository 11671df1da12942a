"""The watch over the browser itself: it must see what it is there for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import LiveDesk
from tests.watching import Watched

WRONGS = {
    "console: content policy": "document.body.setAttribute('style', 'color: red')",
    "request: http": "location.assign('http://evil.example/')",
    "script: ": "setTimeout(() => nobody.is.here)",
    "console: oh": "console.error('oh')",
}


@pytest.mark.parametrize("fault", WRONGS)
def test_what_no_page_may_do_is_seen(chromium: Any, live_desk: LiveDesk, fault: str) -> None:
    watched = Watched(chromium)
    context = watched.new_context(base_url=live_desk.url)
    page = context.new_page()
    page.goto("/sign-in/")
    assert watched.faults == []
    page.evaluate(f"() => {{ {WRONGS[fault]} }}")
    page.wait_for_timeout(200)
    context.close()
    assert any(seen.startswith(fault) for seen in watched.faults), watched.faults
