"""Looking back: however little a page may cost, going on comes by every hit, once."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from rapport.accounts.models import Agent
from rapport.conversations.bucketing import scope_marks
from rapport.conversations.indexing import index_messages
from rapport.conversations.looking_back import Budget
from rapport.conversations.models import Conversation, Message
from rapport.conversations.searching import SearchPage, search_messages
from rapport.kernel.text.querying import search_query
from tests.cast import Cast
from tests.makers import make_conversation

ONE_LOOK = Budget(milliseconds=0, looks=1)
ENDLESS = Budget(milliseconds=60_000, looks=1_000)
FEW = Budget(milliseconds=0.6, looks=3)
STRETCH = 8_000
QUESTIONS = [
    "all",
    "tenth hundredth",
    "old all",
    '"all tenth"',
    '"tenth all"',
    "all -tenth",
    '-"all tenth" tenth',
    "hundr*",
    "numb* tenth",
    "old numb*",
    "number-7*",
    "nowhere",
    "noth*",
    '"nowhere all"',
]


@pytest.fixture
def history(cast: Cast) -> Cast:
    """700 messages with gaps between their ids, of two teams by turns."""
    cast_of = [cast.tent, make_conversation(cast.eli, text="")]
    Conversation.objects.filter(pk=cast_of[1].pk).update(team=cast.returns)
    draw = random.Random(4)
    given = Message.objects.latest("pk").pk  # ids go on where the tests before this one ended
    free = [pk for pk in range(600, STRETCH) if not given - 100 < pk < given + 100]
    ids = sorted(draw.sample(free, 700))
    for at in range(0, len(ids), 500):
        some = ids[at : at + 500]
        Message.objects.bulk_create(
            Message(pk=pk, text=_words(pk, draw), conversation=cast_of[pk % 2], direction="in")
            for pk in some
        )
        index_messages(some)
    return cast


def _words(pk: int, draw: random.Random) -> str:
    marks = {"all": True, "tenth": pk % 10 == 0, "hundredth": pk % 100 == 0, "old": pk < 1_500}
    words = [word for word, has in marks.items() if has] + [f"number-{pk}"]
    draw.shuffle(words)
    return " ".join(words)


def _wanted(agent: Agent, question: str) -> list[int]:
    """Every id that answers and may be seen, by a plain look at every row."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT message_id FROM conversations_searchtext s
               JOIN conversations_message m ON m.id = s.message_id
               JOIN conversations_conversation c ON c.id = m.conversation_id
               WHERE vector @@ %s::tsquery AND (%s OR c.team_id = ANY(%s)) ORDER BY 1 DESC""",
            [
                search_query(question).literal,
                agent.is_lead,
                [each.team_id for each in agent.memberships.all()],
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def _pages(agent: Agent, question: str, budget: Budget) -> list[SearchPage]:
    pages = [search_messages(agent, question, limit=20, budget=budget)]
    while (after := pages[-1].after) is not None:
        pages.append(search_messages(agent, question, limit=20, before=after, budget=budget))
        assert (pages[-1].after or 0) < after
    return pages


@pytest.mark.parametrize("budget", [ONE_LOOK, FEW, Budget()])
def test_going_on_comes_by_every_hit_once_and_in_order(history: Cast, budget: Budget) -> None:
    for agent in (history.ada, history.ben):
        for question in QUESTIONS:
            found = [
                hit.message.pk for page in _pages(agent, question, budget) for hit in page.hits
            ]
            assert found == _wanted(agent, question), (agent.name, question)


def test_a_page_that_stops_early_says_how_far_back_it_came(history: Cast) -> None:
    page = search_messages(history.ada, "old tenth", budget=ONE_LOOK)
    assert page.hits == []
    assert page.after is not None
    oldest = Message.objects.filter(pk__gte=page.after).order_by("pk").first()
    assert oldest is not None
    assert page.since == oldest.recorded_at


def test_what_was_searched_to_its_end_says_nothing_of_it(history: Cast) -> None:
    assert search_messages(history.ada, "nowhere", budget=ENDLESS) == SearchPage([])
    last = _pages(history.ada, "old", ONE_LOOK)[-1]
    assert (last.after, last.since) == (None, None)


def test_hits_that_left_ones_sight_do_not_end_the_search(history: Cast) -> None:
    """Their marks are still those of the team that had them."""
    seen = _wanted(history.ben, "all")
    lost = make_conversation(history.eli, text="")
    Conversation.objects.filter(pk=lost.pk).update(team=history.returns)
    Message.objects.filter(pk__in=seen[:200]).update(conversation=lost)
    assert scope_marks(history.support.pk, None)[0] in _scopes(seen[:200])
    for budget in (FEW, Budget()):
        pages = _pages(history.ben, "all", budget)
        assert [hit.message.pk for page in pages for hit in page.hits] == seen[200:]


def _scopes(ids: list[int]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scope FROM conversations_searchtext WHERE message_id = ANY(%s)", [ids]
        )
        return {mark for row in cursor.fetchall() for mark in row[0].split()}


def test_words_that_begin_alike_without_end_are_looked_for_in_the_rows(history: Cast) -> None:
    """The index is asked for so short a time that it cannot answer; nothing is lost by it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
    tight = Budget(milliseconds=0.01, looks=4)
    found = [
        hit.message.pk for page in _pages(history.ada, "numb* old", tight) for hit in page.hits
    ]
    assert found == _wanted(history.ada, "numb* old")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before
