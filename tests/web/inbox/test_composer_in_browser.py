"""The composer in a real browser: two devices, a cut line, keys alone."""

from __future__ import annotations

import pytest

from rapport.conversations.models import Draft
from rapport.conversations.templating import save_template
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


def await_words(page, end: str) -> None:
    """Wait for them in the composer; the page's policy lets no text be run that asks for it."""
    for _ in range(200):
        if page.input_value(WORDS).endswith(end):
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.input_value(WORDS))


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
    await_words(desk, "in the tram")
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
    desk.wait_for_selector(SAVED)
    desk.fill(WORDS, "Among us")
    desk.wait_for_timeout(3000)
    assert list(Draft.objects.values_list("kind", "text")) == [("note", "Among us")]


def test_keys_alone_write_format_choose_and_send(desk, cast) -> None:
    desk.keyboard.press("r")
    desk.keyboard.type("Dear ")
    desk.keyboard.press("Control+b")
    desk.keyboard.type("Dora")
    desk.keyboard.press("Control+b")
    for _ in range(2):
        desk.keyboard.press("ArrowRight")
    desk.keyboard.type(" :tent")
    desk.wait_for_selector(".offers [role=option]")
    desk.keyboard.press("Enter")
    assert desk.input_value(WORDS).startswith("Dear **Dora**")
    assert "⛺" in desk.input_value(WORDS)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".message--ours strong:has-text('Dora')")


def test_a_list_goes_on_by_itself_and_ends_by_itself(desk, cast) -> None:
    desk.focus(WORDS)
    for key in ("- one", "Enter", "two", "Enter", "Enter", "end"):
        desk.keyboard.press(key) if key == "Enter" else desk.keyboard.type(key)
    assert desk.input_value(WORDS) == "- one\n- two\nend"
    desk.wait_for_selector(SAVED)


def test_the_preview_shows_what_is_sent_and_gives_the_words_back(desk, cast) -> None:
    desk.fill(WORDS, "**Bold** words")
    desk.click("draft-preview button")
    desk.wait_for_selector(".composer__preview strong:has-text('Bold')")
    desk.click("draft-preview button")
    assert desk.is_visible(WORDS)
    desk.wait_for_selector(SAVED)


DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
PASTE = """([place, dot]) => {
  const files = new DataTransfer();
  const bytes = Uint8Array.from(atob(dot), (c) => c.charCodeAt(0));
  files.items.add(new File([bytes], "seam.png", { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true });
  document.querySelector(place).dispatchEvent(event);
}"""


def test_a_pasted_picture_goes_up_stands_in_the_words_and_is_sent(desk, cast) -> None:
    desk.fill(WORDS, "Look: ")
    desk.evaluate(PASTE, [WORDS, DOT])
    desk.wait_for_selector(".composer__files [name=upload]", state="attached")
    assert "![seam.png](cid:" in desk.input_value(WORDS)
    desk.wait_for_selector(SAVED)
    desk.click("[data-sends]")
    desk.wait_for_selector(".message--ours img[alt='seam.png']")
    assert desk.evaluate("document.querySelector('.message--ours img').naturalWidth") == 1


def test_a_template_behind_a_slash_and_a_gap_in_it_is_asked_about(desk, cast) -> None:
    text = "Hello {{customer.first_name}}, your order {{customer.order}} is under way."
    save_template(
        None, title="Under way", shortcut="way", texts={"en": text}, by=cast.ben.actor,
        is_private=True,
    )  # fmt: skip
    desk.focus(WORDS)
    desk.keyboard.type("/way")
    desk.wait_for_selector(".offers [role=option]:has-text('not known: customer.order')")
    desk.keyboard.press("Enter")
    assert desk.input_value(WORDS).startswith("Hello Dora, your order {{customer.order}}")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("text=Nothing is known for these places")
    assert desk.input_value(WORDS).startswith("Hello Dora")
    desk.fill(WORDS, "Hello Dora, your order 12 is under way.")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".message--ours >> text=your order 12")
