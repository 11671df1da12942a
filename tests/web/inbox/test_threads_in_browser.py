"""What only a browser shows of a thread: where it opens, and that nothing moves under the reader's eyes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rapport.conversations.models import Conversation, Message
from rapport.conversations.noting import write_note
from rapport.kernel import clock
from tests.browser import sign_in
from tests.cast import Cast, make_cast
from tests.makers import make_conversation, make_inbound

TOP_OF = """number => document.querySelector(`#m-${number}`).getBoundingClientRect().top"""


@pytest.fixture
def cast(live_desk: Any) -> Cast:
    return make_cast()


@pytest.fixture
def long(cast: Cast) -> tuple[Conversation, list[int]]:
    """500 messages, one a minute."""
    talk = make_conversation(cast.dora, text="", subject="Długa", team=cast.support)
    began = clock.now() - timedelta(hours=10)
    rows = [
        Message(
            conversation=talk,
            direction="in",
            customer=cast.dora,
            author_name=f"Dora {n % 2}",
            text=f"Słowo {n}. " * (1 + n % 7),
            sent_at=began + timedelta(minutes=n),
        )
        for n in range(499)
    ]
    Message.objects.bulk_create(rows)
    make_inbound(talk, text="Ostatnie słowo.")
    return talk, list(talk.messages.order_by("sent_at").values_list("pk", flat=True))


@pytest.fixture
def thread(page: Any, cast: Cast) -> Any:
    sign_in(page, cast.ben)
    return page


def is_in_sight(page: Any, number: int) -> bool:
    top = page.evaluate(TOP_OF, number)
    return bool(0 < top < page.viewport_size["height"])


def open_at(page: Any, talk: Conversation, query: str = "") -> None:
    page.goto(f"/inbox/conversations/C-{talk.pk}?shelf=open{query}")
    page.wait_for_function("document.querySelector('live-updates').source?.readyState === 1")


def test_older_words_come_above_and_nothing_moves(thread: Any, long: Any) -> None:
    talk, said = long
    open_at(thread, talk)
    assert is_in_sight(thread, said[-1])
    thread.mouse.move(600, 400)
    for first in (said[-50], said[-100], said[-150]):
        thread.locator(f"#m-{first}").scroll_into_view_if_needed()
        thread.evaluate("document.querySelector('.thread__scroll').scrollBy(0, 150)")
        place = thread.evaluate(TOP_OF, first)
        thread.evaluate("document.querySelector('.thread__scroll').scrollBy(0, -120)")
        older = said[said.index(first) - 1]
        thread.wait_for_selector(f"#m-{older}")
        thread.wait_for_timeout(300)
        assert abs(thread.evaluate(TOP_OF, first) - place - 120) < 3


def test_who_reads_above_is_not_moved_by_what_comes_below(
    thread: Any, cast: Cast, long: Any
) -> None:
    talk, said = long
    open_at(thread, talk)
    thread.evaluate("document.querySelector('.thread__scroll').scrollBy(0, -1200)")
    reading = next(number for number in said[-50:] if is_in_sight(thread, number))
    place = thread.evaluate(TOP_OF, reading)
    write_note(talk, by=cast.ada.actor, text="Look at this\n\n" * 6)
    thread.wait_for_selector("text=Look at this")
    thread.wait_for_timeout(300)
    assert abs(thread.evaluate(TOP_OF, reading) - place) < 3


def test_a_link_to_a_message_of_long_ago_opens_there(thread: Any, long: Any) -> None:
    talk, said = long
    open_at(thread, talk, query=f"#m-{said[100]}")
    thread.wait_for_selector(f"#m-{said[100]}")
    thread.wait_for_url(f"**message={said[100]}#m-{said[100]}")
    assert is_in_sight(thread, said[100])
    assert thread.evaluate("document.activeElement.id") == f"m-{said[100]}"


def test_one_reads_on_downwards_without_being_moved(thread: Any, long: Any) -> None:
    talk, said = long
    open_at(thread, talk, query=f"&message={said[200]}#m-{said[200]}")
    last = said[224]
    thread.locator(f"#m-{last}").scroll_into_view_if_needed()
    place = thread.evaluate(TOP_OF, last)
    thread.wait_for_selector(f"#m-{said[230]}")
    thread.wait_for_timeout(300)
    assert abs(thread.evaluate(TOP_OF, last) - place) < 60
    thread.keyboard.press("Shift+D")
    thread.wait_for_url("**/C-*?shelf=open")
    thread.wait_for_selector(f"#m-{said[-1]}")
    assert is_in_sight(thread, said[-1])


def test_the_address_names_the_message_whose_time_was_pressed(thread: Any, cast: Cast) -> None:
    open_at(thread, cast.tent)
    first = cast.tent.messages.order_by("sent_at").first()
    thread.click(f"#m-{first.pk} time")
    thread.wait_for_url(f"**#m-{first.pk}")
    thread.keyboard.press("o")
    thread.wait_for_url("**/inbox/messages/*")
