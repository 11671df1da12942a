"""What WCAG 2.2 AA asks for and a machine can check: in the light look at a desk, in the dark one on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from rapport.channels.models import Delivery, Envelope
from rapport.conversations.indexing import index_messages
from rapport.conversations.models import Message
from rapport.conversations.noting import write_note
from rapport.conversations.solving import solve_conversation
from rapport.customers.defining_attributes import define_attribute
from rapport.customers.defining_cards import define_card
from rapport.customers.models import Card, Likeness
from rapport.customers.tagging import tag_customer
from rapport.customers.tracing_visits import trace_visit
from rapport.customers.writing_notes import write_customer_note
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation, make_customer, make_message

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": STANDARD}}
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "phone": {
        "color_scheme": "dark",
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
    },
}
TOO_WIDE = """() => [...document.querySelectorAll("html, main, main .scroll, .list .scroll")]
    .filter((place) => place.scrollWidth > place.clientWidth + 1).map((place) => place.outerHTML.slice(0, 80))"""
PERSON = ("facts", "notes", "identities", "tags")
AT_THE_DOOR = ("/sign-in/", "/password/forgotten/", "/join/nobody", "/nowhere")


@pytest.fixture(params=SCREENS)
def visitor(request: pytest.FixtureRequest, browser: Any, live_desk: Any) -> Any:
    """A stranger's page on one of the screens."""
    context = browser.new_context(base_url=live_desk.url, **SCREENS[request.param])
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    """The named world with what is rare: a note, a solved one, a lost answer, a parked arrival, long words."""
    cast = make_cast()
    write_note(cast.tent, by=cast.ben.actor, text="Look at the **seam**")
    lost = make_message(cast.tent, direction="out", agent=cast.ben, author_name="Ben", text="Sent?")
    Delivery.objects.create(message=lost, channel=cast.mail, state="unknown")
    late = make_conversation(cast.eli, subject="帳篷漏水", team=cast.support, assignee=cast.ada)
    solve_conversation(late, by=cast.ada.actor)
    make_conversation(cast.eli, subject=f"Re: {'Zeltgestänge' * 9}", text=f"Namiot {'x' * 300}")
    write_customer_note(cast.dora, text="Calls only", by=cast.ben.actor)
    tag_customer(cast.dora, tag="wholesale", by=cast.ben.actor)
    trace_visit(cast.dora, kind="article", title="Refunds", by=cast.ben.actor)
    define_attribute(None, key="plan", label="Plan", type="link", by=cast.ada.actor)
    define_card(None, title="CRM", url="https://crm.example/{id}", by=cast.ada.actor)
    define_card(None, title="Shop", kind="json", url="https://127.0.0.1:9/", by=cast.ada.actor)
    twin = make_customer("Dora Zielińska", email="z@marmot.example")
    Likeness.objects.create(one=cast.dora, other=twin, reasons=["named"], by_kind="system")
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    parked = {"event_id": "broken", "raw": b"\xff", "state": "parked", "error": "no sender"}
    Envelope.objects.create(channel=cast.mail, **parked)
    return cast


PARTS = ("inbox", "customers", "settings", "channels")


def inside(cast: Cast, part: str) -> list[str]:
    """The pages of a part that Ada reaches, one of each shape."""
    message = cast.tent.messages.order_by("pk").first().pk
    parked = Envelope.objects.get(state="parked").pk
    here, who = f"conversations/C-{cast.tent.pk}", f"customers/{cast.dora.pk}"
    inbox = ["unassigned", "spam", "search?q=namiot", "parked", f"parked/{parked}", "notifications"]
    inbox += ["views", "views/new?q=is%3Aopen", "bulks?shelf=open", "go?q=namiot"]
    inbox += [here, f"{here}/merge", f"{here}/split", f"{here}/tags", f"messages/{message}"]
    customers = ["customers", who, *(f"{who}/{page}" for page in PERSON)]
    customers += [f"{who}/merge?with={cast.eli.pk}", f"{who}/search?q=namiot"]
    settings = ["attributes", "attributes/new", "cards", f"cards/{Card.objects.first().pk}"]
    settings += ["cards/new", "templates", "templates/new", "profile", "profile/notifications"]
    settings += ["profile/tokens", "profile/second-step/", "tokens"]
    channels = ["company", "people", f"people/{cast.ben.pk}", "teams/new", "health"]
    channels += [f"brands/{cast.brand.pk}", "channels", "channels/new/webhook"]
    channels += [f"channels/{cast.mail.pk}"]
    pages = {
        "inbox": ("inbox", inbox),
        "customers": ("inbox", customers),
        "settings": ("settings", settings),
        "channels": ("settings", channels),
    }
    room, found = pages[part]
    return [f"/{room}/{page}" for page in found]


def faults_of(page: Any, addresses: tuple[str, ...] | list[str]) -> list[str]:
    """What the checker finds, what is cut at the side, and skip links that lead nowhere."""
    axe, faults = Axe(), []
    for address in addresses:
        page.goto(address)
        for found in axe.run(page, options=OPTIONS).response["violations"]:
            faults += [f"{address}: {found['help']}: {node['html']}" for node in found["nodes"]]
        faults += [f"{address}: cut at the side: {place}" for place in page.evaluate(TOO_WIDE)]
        skip = page.locator(".skip")
        if skip.count() and not page.locator(skip.get_attribute("href")).count():
            faults.append(f"{address}: the skip link leads nowhere")
    return faults


def test_no_page_at_the_door_shuts_anybody_out(visitor: Any, cast: Cast) -> None:
    assert faults_of(visitor, AT_THE_DOOR) == []


@pytest.mark.parametrize("part", PARTS)
def test_no_page_of_the_desk_shuts_anybody_out(visitor: Any, cast: Cast, part: str) -> None:
    sign_in(visitor, cast.ada)
    assert faults_of(visitor, inside(cast, part)) == []


def test_the_field_at_fault_has_the_focus(visitor: Any, cast: Cast) -> None:
    sign_in(visitor, cast.ada)
    visitor.goto("/settings/people")
    visitor.fill("[name=email]", cast.ben.email)
    visitor.click("#invite .button--main")
    visitor.wait_for_selector("[name=email][aria-invalid=true]:focus")
    visitor.wait_for_function(
        "() => document.activeElement.getBoundingClientRect().bottom < innerHeight"
    )


def test_what_came_of_a_trial_is_seen_below_a_long_form(visitor: Any, cast: Cast) -> None:
    sign_in(visitor, cast.ada)
    visitor.goto("/settings/channels/new/email?address=help2@maple.example")
    fill = {"imap_host": "127.0.0.1", "imap_port": "9", "smtp_host": "127.0.0.1", "smtp_port": "9"}
    for name, value in {**fill, "password": "x"}.items():
        visitor.fill(f"[name={name}]", value)
    visitor.click("[name=do][value=check]")
    visitor.wait_for_selector(".tried:focus")
    visitor.wait_for_function(
        "() => document.activeElement.getBoundingClientRect().top < innerHeight"
    )


def test_the_customer_beside_a_narrow_conversation_opens_and_closes(
    visitor: Any, cast: Cast
) -> None:
    sign_in(visitor, cast.ada)
    visitor.set_viewport_size({"width": 390, "height": 844})
    visitor.goto(f"/inbox/conversations/C-{cast.tent.pk}")
    visitor.click(".thread__who")
    visitor.click(".person__close")
    visitor.wait_for_selector("#person", state="hidden")
