"""Three panes and one address: nothing loads the page anew, and back and forward find everything as it was."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.accounts.changing_profiles import change_profile
from rapport.conversations.models import Conversation
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation, make_inbound

FAR = 55  # further than the first page of a list
SCROLL = "([place, top]) => { document.querySelector(place).scrollTop = top; }"
TOP = "place => document.querySelector(place).scrollTop"
LIST, THREAD = ".list .scroll", ".thread__scroll"
STAYS = "window.stays === true"
LOST = "document.activeElement === document.body"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
CUT = """() => [...document.querySelectorAll("html, main, .list .scroll, .thread__scroll, #person .scroll")]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 90))"""
SMALL = """() => [...document.querySelectorAll("button, a.button, summary, .composer__tab, .views__link")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 2)
    .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 43.5)
    .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    return make_cast()


def opened(page: Any, cast: Cast, path: str = "/inbox/open") -> Any:
    sign_in(page, cast.ben)
    page.goto(path)
    page.evaluate("() => { window.stays = true; }")
    return page


def see(page: Any, subject: str) -> None:
    page.wait_for_selector(f"h1.thread__title:has-text('{subject}')")
    assert page.evaluate(STAYS)


def test_five_conversations_and_two_lists_there_and_back(page: Any, cast: Cast) -> None:
    made = [make_conversation(cast.eli, subject=f"Nr {n}", team=cast.support) for n in range(FAR)]
    for each in made[:4]:
        for number in range(12):
            make_inbound(each, text=f"Line {number}\n" * 3)
    opened(page, cast)
    page.locator("#more").scroll_into_view_if_needed()
    page.wait_for_selector(f"#row_{cast.tent.pk}")
    page.click(f"#row_{made[0].pk} a")
    see(page, "Nr 0")
    for each in made[1:4]:
        page.evaluate(SCROLL, [THREAD, -120])
        page.click(f"#row_{each.pk} a")
        see(page, each.subject)
    far = page.evaluate(TOP, LIST)
    page.evaluate(SCROLL, [THREAD, -90])
    page.click("#shelves a[href='/inbox/snoozed']")
    page.wait_for_selector("#thread.thread--empty")
    assert page.evaluate(STAYS)
    assert page.title().startswith("Snoozed")
    page.go_back()
    see(page, "Nr 3")
    page.wait_for_function(
        "([place, top]) => document.querySelector(place)?.scrollTop === top", arg=[THREAD, -90]
    )
    for subject in ("Nr 2", "Nr 1"):
        page.go_back()
        see(page, subject)
        page.wait_for_function(
            "place => document.querySelector(place).scrollTop === -120", arg=THREAD
        )
    page.go_forward()
    see(page, "Nr 2")
    assert abs(page.evaluate(TOP, LIST) - far) < 200
    assert not page.evaluate(LOST)


def test_solving_searching_and_a_step_on_a_page_of_its_own(page: Any, cast: Cast) -> None:
    other = make_conversation(cast.eli, subject="Other", team=cast.support)
    opened(page, cast, f"/inbox/conversations/C-{other.pk}?shelf=open")
    page.click(f"#row_{cast.tent.pk} a")
    see(page, "Namiot")
    page.keyboard.press("e")
    page.wait_for_selector("button[data-key=e]:has-text('Open again')")
    page.go_back()
    see(page, "Other")
    page.keyboard.press("m")
    page.wait_for_url("**/merge*")
    page.go_back()
    page.wait_for_selector("h1.thread__title:has-text('Other')")
    page.keyboard.press("/")
    page.keyboard.type("namiot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=namiot")
    page.go_back()
    page.wait_for_selector("h1.thread__title:has-text('Other')")


def test_further_rows_come_while_a_conversation_is_open(page: Any, cast: Cast) -> None:
    made = [make_conversation(cast.eli, subject=f"Nr {n}", team=cast.support) for n in range(FAR)]
    opened(page, cast)
    page.click(f"#row_{made[-1].pk} a")
    see(page, "Nr")
    page.locator("#more").scroll_into_view_if_needed()
    page.wait_for_selector(f"#row_{cast.tent.pk}")
    assert page.locator("#thread").count() == 1


def test_another_conversation_of_the_customer_opens_beside_the_list(page: Any, cast: Cast) -> None:
    other = make_conversation(cast.dora, subject="Older", team=cast.support)
    opened(page, cast, f"/inbox/conversations/C-{cast.tent.pk}?shelf=unassigned")
    page.click("#person a:has-text('Older')")
    see(page, "Older")
    assert page.url.endswith(f"C-{other.pk}?shelf=unassigned")
    assert not page.evaluate(LOST)


def test_one_pane_at_a_time_on_a_phone(browser: Any, live_desk: Any, cast: Cast) -> None:
    cast.tent.subject = "Donaudampfschifffahrtsgesellschaftskapitän " * 2
    cast.tent.save()
    context = browser.new_context(base_url=live_desk.url, **PHONE)
    page = opened(context.new_page(), cast)
    assert not page.locator("#thread").is_visible()
    page.click(f"#row_{cast.tent.pk} a")
    see(page, "Donaudampf")
    assert not page.locator(".list").is_visible()
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    page.click(".thread__who")
    page.wait_for_function("() => document.activeElement.closest('#person')")
    assert page.evaluate(CUT) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#person", state="hidden")
    page.click(".thread__who")
    page.click(".person__close")
    page.wait_for_selector("#person", state="hidden")
    page.click(".thread__head .only-narrow")
    page.wait_for_selector(f"#row_{cast.tent.pk}")
    assert page.evaluate(STAYS)
    assert not page.locator("#thread").is_visible()
    assert page.evaluate(CUT) == []
    context.close()


@pytest.mark.parametrize("fault", ["cut", "proxy"])
def test_a_request_that_fails_says_so_and_is_sent_again_by_one_press(
    browser: Any, live_desk: Any, cast: Cast, fault: str
) -> None:
    context = browser.new_context(base_url=live_desk.url)
    page = opened(context.new_page(), cast, f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.fill(".composer__text", "Kept words")
    gone, page_between = (lambda road: road.abort()), (
        lambda road: road.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")
    )  # fmt: skip
    page.route("**/solution*", gone if fault == "cut" else page_between)
    page.click("button[data-key=e]")
    bar = page.wait_for_selector(".flash--bad")
    assert "What you wrote is kept." in bar.inner_text()
    assert "gateway" not in page.content()
    page.unroute("**/solution*")
    page.click("[data-again]")
    page.wait_for_selector(f"#row_{cast.tent.pk}", state="detached")
    assert Conversation.objects.get(pk=cast.tent.pk).state == "solved"
    assert page.input_value(".composer__text") == "Kept words"
    context.close()
    browser.faults[:] = [each for each in browser.faults if "fetch" not in each]  # meant here


def test_each_paragraph_runs_as_its_language_does(page: Any, cast: Cast) -> None:
    make_inbound(cast.tent, text="مرحبا، أين طلبي؟\n\nHello?")
    opened(page, cast, f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    sides = page.evaluate("""() => {
      const box = [...document.querySelectorAll(".message .mail")].at(-1);
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), found = [];
      for (let node; (node = walker.nextNode());) if (node.textContent.trim()) found.push(node);
      const edge = box.getBoundingClientRect();
      return found.flatMap((node) => node.textContent.split("\\n").filter((line) => line.trim()).map((line) => {
        const range = document.createRange(), at = node.textContent.indexOf(line);
        range.setStart(node, at); range.setEnd(node, at + line.length);
        const { left, right } = range.getBoundingClientRect();
        return left - edge.left > edge.right - right ? "right" : "left";
      }));
    }""")
    assert sides == ["right", "left"]


def test_nothing_is_cut_with_the_largest_letters(page: Any, cast: Cast) -> None:
    change_profile(cast.ben, {"text_size": "largest"}, by=cast.ben.actor)
    page.set_viewport_size({"width": 1280, "height": 800})
    opened(page, cast, f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    assert page.evaluate(CUT) == []
    edge = page.locator("#thread").bounding_box()
    more = page.locator("summary[data-key='.']").bounding_box()
    assert more["x"] + more["width"] <= edge["x"] + edge["width"]
