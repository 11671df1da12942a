"""The keyboard alone: every action has a key, works on any layout, and leaves the focus where one can go on."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from rapport.accounts.changing_profiles import change_profile
from rapport.conversations.models import Conversation, State
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation

LOST = "!document.activeElement || document.activeElement === document.body"
SAY = "e => document.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ...e}))"
AT_HAND = """() => [...document.querySelectorAll("[data-key]")]
    .filter((one) => !one.closest("dialog:not([open]), .message")).map((one) => one.dataset.key)"""


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    cast = make_cast()
    make_conversation(cast.eli, subject="帳篷漏水", team=cast.support)
    return cast


@pytest.fixture
def thread(page: Any, cast: Cast) -> Any:
    """Ben, looking at Dora's conversation."""
    return at(page, cast)


def at(page: Any, cast: Cast) -> Any:
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_function("() => document.querySelector('live-updates').source?.readyState === 1")
    return page


def state_of(cast: Cast) -> str:
    return Conversation.objects.get(pk=cast.tent.pk).state


def test_no_key_is_given_twice_and_the_sheet_tells_all(thread: Any, cast: Cast) -> None:
    keys = thread.evaluate(AT_HAND)
    assert len(keys) == len(set(keys))
    assert not set(keys) & set("jkuJK")
    thread.keyboard.press("?")
    sheet = thread.wait_for_selector("key-sheet dialog[open]").inner_text()
    for words in ("Solve", "Unassigned", "Reply to all", "Give to somebody", "Next, previous"):
        assert words in sheet
    assert thread.locator("[data-here] .keys__row").count() >= len(keys) - 1
    thread.keyboard.press("e")  # not behind the sheet's back
    thread.keyboard.press("Escape")
    thread.wait_for_selector("key-sheet dialog", state="hidden")
    assert state_of(cast) == State.OPEN


def test_the_sheet_speaks_the_readers_language(page: Any, cast: Cast) -> None:
    change_profile(cast.ben, {"language": "zh-hant"}, by=cast.ben.actor)
    at(page, cast).keyboard.press("?")
    assert "鍵" in page.wait_for_selector("key-sheet dialog[open] h2").inner_text()


def test_two_keys_lead_to_a_list(thread: Any, cast: Cast) -> None:
    thread.keyboard.press("g")
    thread.keyboard.press("u")
    thread.wait_for_url("**/inbox/unassigned")


@pytest.mark.parametrize(
    "silent",
    [
        {"key": "e", "code": "KeyE", "isComposing": True},
        {"key": "Process", "code": "KeyE", "keyCode": 229},
        {"key": "e", "code": "KeyE", "ctrlKey": True},
        {"key": "e", "code": "KeyE", "altKey": True},
        {"key": "e", "code": "KeyE", "metaKey": True},
        {"key": "у", "code": "KeyE", "isComposing": True},
    ],
)
def test_what_is_composed_or_held_with_another_key_does_nothing(
    thread: Any, cast: Cast, silent: dict[str, Any]
) -> None:
    thread.evaluate(SAY, silent)
    thread.wait_for_timeout(400)
    assert state_of(cast) == State.OPEN


@pytest.mark.parametrize(("sign", "place"), [("у", "KeyE"), ("ㄍ", "KeyE"), ("E", "KeyE")])
def test_keys_work_on_a_cyrillic_and_a_bopomofo_layout_and_under_caps_lock(
    thread: Any, cast: Cast, sign: str, place: str
) -> None:
    thread.evaluate(SAY, {"key": sign, "code": place})
    thread.wait_for_selector(f"#row_{cast.tent.pk}", state="detached")
    assert state_of(cast) == State.SOLVED


def test_who_turned_single_keys_off_still_sends_by_ctrl(page: Any, cast: Cast) -> None:
    change_profile(cast.ben, {"has_single_keys": False}, by=cast.ben.actor)
    at(page, cast)
    for key in ("e", "g", "u", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert state_of(cast) == State.OPEN
    assert not page.locator("button[data-key=e] kbd").is_visible()
    page.focus(".composer__text")
    page.keyboard.type("By hand")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".message--ours >> text=By hand")


def test_focus_is_never_lost_whatever_is_done_by_keys(thread: Any, cast: Cast) -> None:
    thread.focus(f"#row_{cast.tent.pk} a")
    steps = ["Enter", "r", "Escape", "n", "Escape", "t", "w", "w", "h", "Escape", "e", "z", "p"]
    steps += ["Tab", "Enter", "a", "Tab", "Enter", "l", "Escape", ".", "Escape", "u", "Shift+J"]
    steps += ["f", "Escape", "Shift+R", "Escape", "!", "z", "?", "Escape", "/", "Escape"]
    for step in steps:
        with thread.expect_response("**") if step in {"t", "w", "e", "z", "!"} else nullcontext():
            thread.keyboard.press(step)
        thread.wait_for_timeout(350)
        assert not thread.evaluate(LOST), f"lost behind {step}"


def test_sign_in_read_reply_and_solve_without_a_pointer(page: Any, cast: Cast) -> None:
    cast.ben.set_password("a long word of Ben")
    cast.ben.save()
    page.goto("/sign-in/")
    page.keyboard.type(cast.ben.email)
    page.keyboard.press("Tab")
    page.keyboard.type("a long word of Ben")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/**")
    for key in ("g", "o"):
        page.keyboard.press(key)
    page.wait_for_url("**/inbox/open")
    page.focus(f"#row_{cast.tent.pk} a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#composer")
    page.keyboard.press("r")
    page.keyboard.type("Hands on the keys")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector(f"#row_{cast.tent.pk}", state="detached")
    assert state_of(cast) == State.SOLVED
    assert not page.evaluate(LOST)
