"""What HTTP alone cannot show: two colleagues at once, a cut line, a nervous click, no scripts at all."""

from __future__ import annotations

import pytest

from rapport.conversations.models import Conversation, Message
from rapport.conversations.noting import write_note
from tests.browser import sign_in
from tests.cast import make_cast
from tests.makers import make_conversation, make_inbound


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


@pytest.fixture
def thread(page, cast):
    """Ben, looking at Dora's conversation."""
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_function("() => document.querySelector('live-updates').source?.readyState === 1")
    return page


def note(page, words: str) -> None:
    page.click("label:has([value=note])")
    page.fill(".composer__text", words)


def test_what_a_colleague_writes_stands_there_by_itself(thread, cast) -> None:
    write_note(cast.tent, by=cast.ada.actor, text="Fresh from Ada")
    thread.wait_for_selector("text=Fresh from Ada")


def test_a_new_conversation_comes_to_the_top_and_a_solved_one_goes(thread, cast) -> None:
    other = make_conversation(cast.eli, subject="帳篷", team=cast.support)
    write_note(other, by=cast.ada.actor, text="Look")
    thread.wait_for_selector(f"#rows > #row_{other.pk}:first-child")
    thread.keyboard.press("e")
    thread.wait_for_selector(f"#row_{cast.tent.pk}", state="detached")
    thread.keyboard.press("z")
    thread.wait_for_selector(f"#row_{cast.tent.pk}")


def test_a_nervous_click_is_one_message(thread, cast) -> None:
    note(thread, "Only once")
    thread.dblclick("[data-sends]")
    thread.wait_for_selector("text=Only once >> nth=0")
    thread.wait_for_selector("composer-box[data-fresh]")
    assert Message.objects.filter(text="Only once").count() == 1
    assert thread.input_value(".composer__text") == ""


def test_a_reply_waits_while_the_customer_has_just_written(thread, cast) -> None:
    thread.fill(".composer__text", "My answer")
    make_inbound(cast.tent, text="Never mind, solved!")
    thread.keyboard.press("Control+Enter")
    thread.wait_for_selector("text=Nothing was sent: this was said while you wrote")
    assert thread.input_value(".composer__text") == "My answer"
    thread.click("text=Send all the same")
    thread.wait_for_selector(".message--ours >> text=My answer")


def test_a_cut_line_is_said_and_heals_without_a_reload(thread, cast) -> None:
    thread.context.set_offline(True)
    write_note(cast.tent, by=cast.ada.actor, text="While you were away")
    thread.wait_for_selector(".banner--offline:not([hidden])", timeout=30_000)
    thread.context.set_offline(False)
    thread.wait_for_selector("text=While you were away", timeout=30_000)
    thread.wait_for_selector(".banner--offline", state="hidden")


def test_back_and_forward_show_what_the_address_names(thread, cast) -> None:
    other = make_conversation(cast.eli, subject="Other matter", team=cast.support)
    thread.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    thread.click(f"#row_{other.pk} a")
    thread.wait_for_selector("h1:has-text('Other matter')")
    thread.go_back()
    thread.wait_for_selector("h1:has-text('Namiot przecieka')")
    thread.go_forward()
    thread.wait_for_selector("h1:has-text('Other matter')")
    assert thread.url.endswith(f"C-{other.pk}?shelf=open")


def test_words_outlive_a_reload_and_the_keys_lead_everywhere(thread, cast) -> None:
    thread.keyboard.press("n")
    thread.keyboard.type("Half a thought")
    thread.reload()
    assert thread.input_value(".composer__text") == "Half a thought"
    thread.keyboard.press("a")
    thread.click(".menu[open] >> text=Ada")
    thread.wait_for_selector("text=Ben gave this to Ada")
    assert Conversation.objects.get(pk=cast.tent.pk).assignee == cast.ada


def test_reading_and_answering_need_no_scripts(browser, live_desk, cast) -> None:
    context = browser.new_context(base_url=live_desk.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, cast.ben)
    page.goto("/inbox/open")
    page.click(f"#row_{cast.tent.pk} a")
    page.fill(".composer__text", "From a plain browser")
    page.click("[data-sends]")
    page.wait_for_selector(".message--ours >> text=From a plain browser")
    page.click("button[data-key=e]")
    page.wait_for_selector("text=Open again")
    context.close()
