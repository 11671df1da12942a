"""Two colleagues over one conversation that goes into another one."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.conversations.merging import merge_conversations
from rapport.conversations.splitting import split_conversation
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    return make_cast()


def open_tent(page: Any, cast: Cast) -> None:
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_function("document.querySelector('live-updates').source?.readyState === 1")


def test_who_looks_on_is_led_to_the_survivor_and_back_undo_shows(page: Any, cast: Cast) -> None:
    other = make_conversation(cast.dora, subject="Śpiwór", team=cast.support)
    open_tent(page, cast)
    merge_conversations(cast.tent, into=other, by=cast.ada.actor)
    page.wait_for_selector("h1:has-text('Śpiwór')")
    page.wait_for_url(f"**/C-{other.pk}?shelf=open")
    page.wait_for_selector("text=przecieka przy szwie")


def test_who_is_writing_is_asked_and_keeps_the_words(page: Any, cast: Cast) -> None:
    other = make_conversation(cast.dora, subject="Śpiwór", team=cast.support)
    open_tent(page, cast)
    page.fill(".composer__text", "Half a thought")
    merge_conversations(cast.tent, into=other, by=cast.ada.actor)
    page.wait_for_selector(f"text=Ada merged this into {other.ref}.")
    assert page.input_value(".composer__text") == "Half a thought"
    page.click("text=Go on there")
    page.wait_for_selector("h1:has-text('Śpiwór')")


def test_one_searches_merges_and_undoes_it(page: Any, cast: Cast) -> None:
    other = make_conversation(cast.eli, subject="帳篷漏水", team=cast.support)
    open_tent(page, cast)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}/merge")
    page.fill("[name=q]", other.ref)
    page.click(f"#candidates >> text={other.ref}")
    page.click("text=Merge all the same")
    assert page.locator("[name=across]:invalid").count() == 1
    page.check("[name=across]")
    page.click("text=Merge all the same")
    page.wait_for_selector("h1:has-text('帳篷漏水')")
    page.click(".flash >> text=Undo")
    page.wait_for_selector("h1:has-text('Namiot przecieka')")


def test_messages_that_are_parted_leave_the_others_page(page: Any, cast: Cast) -> None:
    open_tent(page, cast)
    last = cast.tent.messages.filter(direction="in").latest("pk")
    page.wait_for_selector(f"#m-{last.pk}")
    split_conversation(cast.tent, messages=[last.pk], by=cast.ada.actor, subject="Osobno")
    page.wait_for_selector(f"#m-{last.pk}", state="detached")
