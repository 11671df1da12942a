"""How much goes over the wire, as a browser counts it: packed as the server sends it, heads included."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.cli.benching.wording import text_of
from rapport.conversations.models import Conversation
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation, make_customer, make_inbound, make_message

FIRST_PAINT, OPENING = 100_000, 25_000
MESSAGES = 50


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    """The named world with a full page of other conversations."""
    cast = make_cast()
    for number in range(50):
        words = text_of(number)
        customer = make_customer(f"{words.split()[0]} {words.split()[1]} {number}")
        make_conversation(
            customer, subject=words[:50], text=words, team=cast.support, channel=cast.mail
        )
    return cast


@pytest.fixture
def long(cast: Cast) -> Conversation:
    """A conversation of fifty messages, as many as are shown at once."""
    words = {"team": cast.support, "channel": cast.mail}
    long = make_conversation(cast.dora, subject="A long story", text=text_of(0), **words)
    for number in range(1, MESSAGES):
        if number % 2:
            fields = {"agent": cast.ben, "author_name": "Ben", "text": text_of(number)}
            make_message(long, direction="out", **fields)
        else:
            make_inbound(long, text=text_of(number))
    return long


class Meter:
    """Counts what a page receives, pictures aside."""

    def __init__(self, page: Any) -> None:
        self.sizes: dict[str, int] = {}
        self._asked: dict[str, tuple[str, str]] = {}
        line = page.context.new_cdp_session(page)
        line.on("Network.responseReceived", self._begin)
        line.on("Network.loadingFinished", self._end)
        line.send("Network.enable")

    def _begin(self, event: Any) -> None:
        self._asked[event["requestId"]] = (event["type"], event["response"]["url"])

    def _end(self, event: Any) -> None:
        kind, address = self._asked.get(event["requestId"], ("Image", ""))
        if kind != "Image":
            self.sizes[address] = int(event["encodedDataLength"])

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


@pytest.fixture
def meter(page: Any, cast: Cast) -> Meter:
    sign_in(page, cast.ben)
    return Meter(page)


def listening(page: Any) -> None:
    page.wait_for_function("document.querySelector('live-updates').source?.readyState === 1")
    page.wait_for_timeout(500)


def test_the_first_paint_of_the_inbox_is_small(page: Any, meter: Meter) -> None:
    page.goto("/inbox/open")
    listening(page)
    assert page.locator("#rows > li").count() >= 50
    assert len(meter.sizes) > 10
    assert meter.total <= FIRST_PAINT, sorted(meter.sizes.items(), key=lambda item: -item[1])[:9]


def test_opening_a_conversation_of_fifty_messages_is_small(
    page: Any, meter: Meter, long: Conversation
) -> None:
    page.goto("/inbox/open")
    listening(page)
    meter.sizes.clear()
    page.click(f"#row_{long.pk} a")
    page.wait_for_selector("h1:has-text('A long story')")
    page.wait_for_timeout(1000)
    assert page.locator(".message").count() >= MESSAGES
    assert 2_000 < meter.total <= OPENING, meter.sizes
