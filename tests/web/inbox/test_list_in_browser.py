"""The list as people work it: unread on two screens, many at once, a long list, only the keyboard."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from rapport.conversations.models import Conversation, State
from rapport.conversations.noting import write_note
from rapport.kernel import clock
from tests.browser import sign_in
from tests.cast import make_cast
from tests.makers import make_conversation, make_inbound

LIVE = "document.querySelector('live-updates').source?.readyState === 1"


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


@pytest.fixture
def ben(page, cast):
    sign_in(page, cast.ben)
    page.goto("/inbox/open")
    until(page, LIVE)
    return page


@pytest.fixture
def ada(browser, live_desk, cast):
    context = browser.new_context(base_url=live_desk.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, cast.ada)
    page.goto("/inbox/open")
    until(page, LIVE)
    yield page
    context.close()


def until(page, words: str) -> None:
    """The content policy lets no test be polled for inside the page."""
    deadline = time.monotonic() + 60
    while not page.evaluate(words):
        assert time.monotonic() < deadline, words
        page.wait_for_timeout(50)


def many(cast, count: int) -> list[Conversation]:
    now, made = clock.now(), []
    for number in range(count):
        made.append(make_conversation(cast.eli, subject=f"Case {number}.", team=cast.support))
        moment = now - timedelta(days=1, minutes=number)
        Conversation.objects.filter(pk=made[-1].pk).update(last_message_at=moment)
    return made


def test_what_ben_reads_stays_unread_on_adas_screen(ben, ada, cast) -> None:
    row = f"#row_{cast.tent.pk} .row"
    make_inbound(cast.tent, text="News")
    for screen in (ben, ada):
        screen.wait_for_selector(f"{row}--unread")
    other = ben.context.new_page()
    other.goto("/inbox/open")
    until(other, LIVE)
    ben.click(row)
    ben.wait_for_selector(f"{row}:not(.row--unread)")
    other.wait_for_selector(f"{row}:not(.row--unread)")
    assert ada.is_visible(f"{row}--unread")
    ben.keyboard.press("Shift+U")
    ben.wait_for_selector(f"{row}--unread")
    other.wait_for_selector(f"{row}--unread")


def test_many_are_chosen_solved_and_brought_back_with_the_keyboard_alone(ben, ada, cast) -> None:
    many(cast, 4)
    for screen in (ben, ada):
        screen.reload()
        until(screen, LIVE)
    ben.keyboard.press("j")
    ben.keyboard.press("x")
    for _ in range(2):
        ben.keyboard.press("j")
    ben.keyboard.press("Shift+X")
    assert ben.inner_text(".picked__count") == "3 chosen"
    assert ben.is_visible(".picked")
    ben.focus(".picked [value=solve]")
    ben.keyboard.press("Enter")
    until(ben, "document.querySelectorAll('.rows > [data-order]').length === 2")
    until(ada, "document.querySelectorAll('.rows > [data-order]').length === 2")
    assert Conversation.objects.filter(state=State.SOLVED).count() == 3
    assert ben.evaluate("document.activeElement !== document.body")
    ben.keyboard.press("z")
    until(ben, "document.querySelectorAll('.rows > [data-order]').length === 5")
    assert Conversation.objects.filter(state=State.SOLVED).count() == 0


def test_a_long_list_is_walked_scrolled_and_found_again_where_one_was(ben, cast) -> None:
    made = many(cast, 120)
    ben.goto("/inbox/open")
    until(ben, LIVE)
    for _ in range(60):
        ben.keyboard.press("j")
        until(ben, "document.activeElement.matches('a.row')")
    last = f"#row_{made[100].pk}"
    ben.wait_for_selector(f"#row_{made[70].pk}", state="attached")
    ben.evaluate("document.querySelector('live-rows').scrollTop = 1e6")
    ben.wait_for_selector(last, state="attached")
    ben.locator(last).scroll_into_view_if_needed()
    ben.wait_for_timeout(300)
    before = ben.locator(last).bounding_box()["y"]
    ben.reload()
    ben.wait_for_selector(last, state="attached")
    until(
        ben,
        f"Math.abs(document.querySelector('{last}').getBoundingClientRect().y - {before}) < 150",
    )


def test_a_new_row_does_not_move_the_one_under_the_pointer(ben, cast) -> None:
    row = f"#row_{cast.tent.pk}"
    many(cast, 30)
    ben.goto("/inbox/open")
    until(ben, LIVE)
    ben.hover(row)
    before = ben.locator(row).bounding_box()["y"]
    new = make_conversation(cast.eli, subject="Fresh", team=cast.support)
    write_note(new, text="Fresh", by=cast.ada.actor)
    ben.wait_for_selector(f"#row_{new.pk}", state="attached")
    assert abs(ben.locator(row).bounding_box()["y"] - before) < 2


def test_the_next_row_has_the_focus_after_one_is_solved(ben, cast) -> None:
    made = many(cast, 3)
    ben.goto("/inbox/open")
    until(ben, LIVE)
    ben.focus(f"#row_{made[0].pk} a")
    ben.keyboard.press("x")
    ben.click(".picked [value=solve]")
    ben.wait_for_selector(f"#row_{made[0].pk}", state="detached")
    ben.keyboard.press("j")
    until(ben, "document.activeElement.matches('a.row')")
