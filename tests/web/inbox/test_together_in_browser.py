"""Two and three colleagues at once: who looks, who writes, who was faster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rapport.conversations.models import Conversation, Message
from tests.browser import sign_in
from tests.cast import make_cast


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
        page.wait_for_selector("html[data-line=live]", state="attached")
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


def test_of_two_who_answer_at_once_one_reads_first_and_sends_with_one_key(opened, cast) -> None:
    ben, ada = opened(cast.ben, at(cast)), opened(cast.ada, at(cast))
    ben.fill(".composer__text", "Ben's answer")
    ada.fill(".composer__text", "Ada's answer")
    ada.keyboard.press("Control+Enter")
    ben.wait_for_selector(".message--ours >> text=Ada's answer")
    ben.focus(".composer__text")
    ben.keyboard.press("Control+Enter")
    ben.wait_for_selector(".composer__stale >> text=Ada's answer")
    assert ben.input_value(".composer__text") == "Ben's answer"
    assert not Message.objects.filter(text="Ben's answer").exists()
    ben.focus(".composer__text")
    ben.keyboard.press("Control+Enter")
    ada.wait_for_selector(".message--ours >> text=Ben's answer")
    assert Message.objects.filter(text="Ben's answer").count() == 1


def test_two_who_take_it_by_key_at_once_are_one_owner_and_one_who_knows(opened, cast) -> None:
    pages = {agent: opened(agent, at(cast)) for agent in (cast.ben, cast.ada)}
    for page in pages.values():
        page.evaluate("document.querySelector('[data-key=t]').click()")
    for page in pages.values():
        page.wait_for_selector("#flashes :text-matches('It is yours now|has taken this already')")
    owner = Conversation.objects.get(pk=cast.tent.pk).assignee
    other = next(agent for agent in pages if agent != owner)
    assert pages[other].text_content("#flashes").count(f"{owner.name} has taken this already")
    pages[owner].keyboard.press("z")
    pages[other].wait_for_selector("text=nobody yet")
    assert Conversation.objects.get(pk=cast.tent.pk).assignee is None
