"""Two and three colleagues at once: who looks, who writes, who was faster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import sign_in
from tests.cast import make_cast

LISTENS = "document.querySelector('live-updates').source?.readyState === 1"


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


@pytest.fixture
def opened(browser, live_desk) -> Iterator[Any]:
    """Opens an address in a browser of its own for a colleague; faults of scripts and policy are errors."""
    contexts, faults = [], []

    def open_for(agent: Any, address: str) -> Any:
        context = browser.new_context(base_url=live_desk.url, locale="en-GB")
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: "Policy" in line.text and faults.append(line.text))
        sign_in(page, agent)
        page.goto(address)
        page.wait_for_function(LISTENS)
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert not faults


def at(cast: Any) -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}?shelf=open"


def test_three_colleagues_see_who_looks_and_who_writes(opened, cast) -> None:
    ada, list_page = opened(cast.ada, at(cast)), opened(cast.ada, "/inbox/open")
    ben = opened(cast.ben, at(cast))
    ada.wait_for_selector("live-faces .face[title='Ben is looking']")
    ben.wait_for_selector("live-faces .face[title='Ada is looking']")
    list_page.wait_for_selector(f"#row_{cast.tent.pk} .row__lookers .face[title='Ben is looking']")
    ben.click("label:has([value=note])")
    ben.type(".composer__text", "He may be right")
    ada.wait_for_selector("live-typing:has-text('Ben is writing a note')")
    ben.click("label:has([value=reply])")
    ben.type(".composer__text", " and more")
    ada.wait_for_selector("live-typing:has-text('Ben is writing a reply')")
    assert not ben.text_content("live-typing").strip()
    ben.goto("/inbox/open")
    ada.wait_for_selector("live-faces .face", state="detached")
    list_page.wait_for_selector(".row__lookers", state="detached")
    assert not ada.text_content("live-typing").strip()
