"""A long thread: opened at a message, read upwards and downwards, and what is new in it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import ReadMark
from rapport.kernel import clock
from rapport.web.inbox.reading import read_newest
from rapport.web.inbox.timeline import first_new, timeline_of
from tests.cast import Cast
from tests.makers import make_conversation, make_inbound
from tests.web.inbox.conftest import HTMX

SHOWN = re.compile(r'id="m-(\d+)"')


@pytest.fixture
def long(cast: Cast) -> tuple[int, list[int]]:
    """A conversation of 120 messages, one a minute: its number and their ids."""
    talk = make_conversation(cast.dora, text="", subject="Długa", team=cast.support)
    began = clock.now() - timedelta(hours=3)
    said = [
        make_inbound(talk, text=f"Słowo {n}.", sent_at=began + timedelta(minutes=n)).pk
        for n in range(120)
    ]
    return talk.pk, said


def shown(page: str) -> list[int]:
    return [int(number) for number in SHOWN.findall(page)]


def page_of(client: Any, talk: int, **query: Any) -> str:
    return client.get(f"/inbox/conversations/C-{talk}", query).content.decode()


def test_the_newest_fifty_are_shown_first(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    page = page_of(sign_in(cast.ben), talk)
    assert shown(page) == said[-50:]
    assert 'id="recent"' in page
    assert 'id="later"' not in page


def test_a_message_of_long_ago_has_a_page_of_its_own(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    page = page_of(sign_in(cast.ben), talk, message=said[40])
    assert shown(page) == said[15:65]
    assert 'id="window"' in page
    assert 'id="recent"' not in page
    assert "To the newest" in page


def test_one_among_the_newest_stands_on_the_usual_page(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    assert shown(page_of(sign_in(cast.ben), talk, message=said[100])) == said[-50:]


@pytest.mark.parametrize("asked", ["0", "x", "99999999999999999999", "-1", "7e3"])
def test_a_message_that_is_not_there_shows_the_newest(
    cast: Cast, sign_in: Any, long: Any, asked: str
) -> None:
    talk, said = long
    assert shown(page_of(sign_in(cast.ben), talk, message=asked)) == said[-50:]


def test_a_message_of_another_conversation_is_not_shown_here(
    cast: Cast, sign_in: Any, long: Any
) -> None:
    talk, said = long
    theirs = cast.tent.messages.latest("pk").pk
    assert shown(page_of(sign_in(cast.ben), talk, message=theirs)) == said[-50:]


def test_one_reads_on_to_the_end_and_is_live_there(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    client, seen = sign_in(cast.ben), []
    answer = page_of(client, talk, message=said[40])
    seen += shown(answer)
    while more := re.search(r'id="later"><a [^>]*hx-get="([^"]*)"', answer):
        query = more[1].replace("&amp;", "&")
        answer = client.get(f"/inbox/conversations/C-{talk}{query}", headers=HTMX).content.decode()
        seen += shown(answer)
    assert seen == said[15:]
    assert 'id="recent"' in answer
    assert "from=" in re.findall(r'updates="([^"]*)"', answer)[-1]


def test_news_of_a_window_leave_its_words_alone(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    client = sign_in(cast.ben)
    page = page_of(client, talk, message=said[40])
    address = re.findall(r'updates="([^"]*)"', page)[-1].replace("&amp;", "&")
    assert "from=later" in address
    news = client.get(f"{address}&since=", headers=HTMX).content.decode()
    assert 'hx-target="#thread_head"' in news
    assert 'hx-target="#recent"' not in news


def test_an_answer_out_of_a_window_leads_to_the_newest(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, _said = long
    form = {"kind": "note", "text": "Seen"}
    address = f"/inbox/conversations/C-{talk}/messages?from=later"
    answer = sign_in(cast.ben).post(address, form, headers=HTMX)
    assert answer.headers["HX-Redirect"].startswith(f"/inbox/conversations/C-{talk}")


def test_the_line_stands_above_the_first_that_is_new(cast: Cast, long: Any) -> None:
    talk, said = long
    cast.tent.pk = talk
    timeline = timeline_of(cast.tent, read_up_to=said[110])
    html = "".join(stretch.html for stretch in timeline.stretches)
    assert timeline.new == said[111]
    assert html.index('id="new"') < html.index(f'id="m-{said[111]}"')
    assert html.index('id="new"') > html.index(f'id="m-{said[110]}"')
    assert timeline_of(cast.tent, since=None, new=timeline.new).new == said[111]


def test_what_we_wrote_ourselves_is_not_new(cast: Cast) -> None:
    spoken = read_newest(cast.tent.pk, limit=50)
    came = [each.id for each in spoken if each.direction == "in"]
    assert first_new(spoken, came[-1]) == 0
    assert first_new(spoken, came[0]) == came[1]
    assert first_new(spoken, None) == 0


def test_a_window_costs_as_much_however_long_the_thread_is(
    cast: Cast, sign_in: Any, long: Any
) -> None:
    talk, said = long
    client, counts = sign_in(cast.ben), []
    page_of(client, talk)
    for place in (40, 60):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page_of(client, talk, message=said[place])
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_thread_opens_at_the_first_that_is_new_however_much_came_since(
    cast: Cast, sign_in: Any, long: Any
) -> None:
    talk, said = long
    ReadMark.objects.create(conversation_id=talk, agent=cast.ben, message_id=said[30])
    page = page_of(sign_in(cast.ben), talk)
    assert shown(page) == said[6:56]
    assert page.index("New since you looked") < page.index(f'id="m-{said[31]}"')
    assert f"new={said[31]}" in page
    assert "New since you looked" not in page_of(sign_in(cast.ben), talk)


def test_the_line_stays_while_the_page_is_open(cast: Cast, sign_in: Any, long: Any) -> None:
    talk, said = long
    client = sign_in(cast.ben)
    ReadMark.objects.create(conversation_id=talk, agent=cast.ben, message_id=said[110])
    page = page_of(client, talk)
    address = re.findall(r'updates="([^"]*)"', page)[-1].replace("&amp;", "&")
    news = client.get(f"{address}&since=", headers=HTMX).content.decode()
    assert news.index("New since you looked") < news.index(f'id="m-{said[111]}"')
