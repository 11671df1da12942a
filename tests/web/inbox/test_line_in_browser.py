"""The line to the desk breaks, goes mute, or passes no streams: it is seen, and heals without a reload."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from rapport.conversations.noting import write_note
from tests.browser import sign_in
from tests.cast import make_cast
from tests.severing import Line, line_to

pytestmark = pytest.mark.timeout(300)
LIVE, POLLING = "html[data-line=live]", "html[data-line=polling]"
BANNER = ".banner--offline:not([hidden])"


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


@pytest.fixture
def line(live_desk) -> Iterator[Line]:
    with line_to(live_desk.url) as line:
        yield line


@pytest.fixture
def thread(browser, line, cast) -> Iterator[Any]:
    """Ben at Dora's conversation, over a line that the test can break."""
    context = browser.new_context(base_url=line.url, locale="en-GB")
    context.set_default_timeout(90_000)
    page = context.new_page()
    sign_in(page, cast.ben)
    yield page
    context.close()


def enter(page: Any, cast: Any, state: str = LIVE) -> None:
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open", wait_until="domcontentloaded")
    page.wait_for_selector(state, state="attached")
    page.evaluate("window.neverReloaded = true")


def assert_caught_up(page: Any, *words: str) -> None:
    for each in words:
        page.wait_for_selector(f".message--note >> text={each}")
    page.wait_for_selector(BANNER, state="detached")
    shown = page.eval_on_selector_all(
        ".message--note .message__body", "all => all.map(e => e.innerText)"
    )
    assert [each.strip() for each in shown][-len(words) :] == list(words)
    assert page.evaluate("window.neverReloaded")


def test_a_minute_without_a_line_is_said_and_caught_up_in_order(thread, line, cast) -> None:
    enter(thread, cast)
    thread.fill(".composer__text", "Half a thought")
    line.cut()
    began = time.monotonic()
    for words in ("First", "Second", "Third"):
        write_note(cast.tent, by=cast.ada.actor, text=words)
    thread.wait_for_selector(BANNER)
    time.sleep(max(0.0, 60 - (time.monotonic() - began)))
    line.mend()
    assert_caught_up(thread, "First", "Second", "Third")
    thread.wait_for_selector(LIVE, state="attached")
    assert thread.input_value(".composer__text") == "Half a thought"
    write_note(cast.tent, by=cast.ada.actor, text="Fourth")
    assert_caught_up(thread, "Third", "Fourth")


def test_a_pulled_cable_that_breaks_nothing_is_noticed(thread, line, cast) -> None:
    enter(thread, cast)
    line.mute()
    write_note(cast.tent, by=cast.ada.actor, text="Unheard")
    thread.wait_for_selector(BANNER)
    line.mend()
    assert_caught_up(thread, "Unheard")


def test_a_proxy_that_passes_no_streams_is_polled_through(thread, line, cast) -> None:
    line.hoard()
    enter(thread, cast, POLLING)
    for words in ("First", "Second"):
        write_note(cast.tent, by=cast.ada.actor, text=words)
    assert_caught_up(thread, "First", "Second")
    assert not thread.is_visible(".banner--offline")
    line.mend()
    thread.wait_for_selector(LIVE, state="attached")


def test_who_wakes_from_sleep_looks_at_once(thread, line, cast) -> None:
    thread.clock.install()
    enter(thread, cast)
    line.mute()
    write_note(cast.tent, by=cast.ada.actor, text="While asleep")
    line.revive()
    thread.clock.fast_forward("02:00")
    assert_caught_up(thread, "While asleep")
