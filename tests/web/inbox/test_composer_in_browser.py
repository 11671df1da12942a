"""The composer in a real browser: two devices, a cut line, keys alone."""

from __future__ import annotations

import pytest

from rapport.conversations.models import Draft
from tests.browser import sign_in
from tests.cast import make_cast

WORDS = ".composer__text"
SAVED = ".composer__state[data-is=saved]"


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


def open_tent(page, cast) -> None:
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_function("!!customElements.get('composer-box')")


@pytest.fixture
def desk(page, cast):
    """Ben at his desk, with Dora's conversation; violations of the content policy are errors."""
    violations: list[str] = []
    page.on("console", lambda line: "Policy" in line.text and violations.append(line.text))
    sign_in(page, cast.ben)
    open_tent(page, cast)
    yield page
    assert not violations


@pytest.fixture
def phone(browser, live_desk, cast):
    """Another device of Ben's."""
    context = browser.new_context(base_url=live_desk.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, cast.ben)
    yield page
    context.close()


def test_a_draft_goes_on_on_another_device_and_the_first_is_told(desk, phone, cast) -> None:
    desk.fill(WORDS, "Begun at the desk")
    desk.wait_for_selector(SAVED)
    open_tent(phone, cast)
    assert phone.input_value(WORDS) == "Begun at the desk"
    phone.fill(WORDS, "Begun at the desk, ended in the tram")
    phone.wait_for_selector(SAVED)
    desk.fill(WORDS, "Begun at the desk, and more")
    desk.wait_for_selector("text=on another device")
    desk.click("text=Go on with that")
    desk.wait_for_function(f"document.querySelector('{WORDS}').value.endsWith('in the tram')")
    desk.press(WORDS, "Control+Enter")
    desk.wait_for_selector(".message--ours >> text=ended in the tram")
    desk.wait_for_timeout(1500)
    assert not Draft.objects.exists()


def test_without_a_line_words_stay_in_the_browser_and_are_saved_when_it_heals(desk, cast) -> None:
    desk.context.set_offline(True)
    desk.fill(WORDS, "In the tunnel")
    desk.wait_for_selector(".composer__state[data-is=here]")
    assert not Draft.objects.exists()
    desk.context.set_offline(False)
    desk.wait_for_selector(SAVED)
    assert Draft.objects.get().text == "In the tunnel"


def test_a_note_has_words_of_its_own(desk, cast) -> None:
    desk.fill(WORDS, "To Dora")
    desk.wait_for_selector(SAVED)
    desk.click("label:has([value=note])")
    assert desk.input_value(WORDS) == "To Dora"
    desk.wait_for_function("document.querySelector('.composer__state').dataset.is === 'saved'")
    desk.fill(WORDS, "Among us")
    desk.wait_for_timeout(2500)
    assert list(Draft.objects.values_list("kind", "text")) == [("note", "Among us")]
