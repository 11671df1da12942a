"""Who looks and who types: lists hear it too, and nobody who may not see the conversation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation
from rapport.edge.fanning_out import Hub
from rapport.edge.whispering import MOST_FACES, Whisper, Whispers
from rapport.kernel import clock
from rapport.kernel.live.tickets import make_ticket
from rapport.web.inbox.live import live_of
from rapport.web.inbox.shelves import SHELVES
from tests.cast import make_cast
from tests.edge.conftest import RunningEdge
from tests.edge.test_streams import Page, listening, say
from tests.makers import make_conversation


def ticket_at(agent: Agent, conversation: Conversation | None = None) -> str:
    """The ticket of the page that this colleague has open."""
    request: Any = RequestFactory().get("/inbox/all")
    request.user = agent
    return live_of(request, shelf=SHELVES["all"], conversation=conversation).ticket


def looks_until(page: Page, stream: str) -> list[str]:
    while stream not in (heard := page.next("looking")):
        pass
    return [person["name"] for person in heard[stream]]


def test_lists_hear_who_looks_and_other_teams_and_zoe_hear_nothing(
    edge: RunningEdge, database: str
) -> None:
    cast = make_cast()
    tent, cys = cast.tent, make_conversation(cast.eli, team=cast.returns)
    here, theirs = f"conversation:{tent.pk}", f"conversation:{cys.pk}"
    tickets = [ticket_at(agent) for agent in (cast.ada, cast.cy, cast.zoe)]
    with (
        listening(edge, tickets[0]) as ada,
        listening(edge, tickets[1]) as cy,
        listening(edge, tickets[2]) as zoe,
    ):
        say(edge, ticket_at(cast.ben, tent), "viewing", here)
        assert looks_until(ada, here) == ["Ben"]
        say(edge, ticket_at(cast.ada, cys), "viewing", theirs)
        assert list(cy.next("looking")) == [theirs, "id"]
        assert zoe.next("at")["streams"] == []


def test_a_colleague_hears_of_what_is_given_to_them_in_another_teams_list(
    edge: RunningEdge, database: str
) -> None:
    cast = make_cast()
    Conversation.objects.filter(pk=cast.tent.pk).update(assignee=cast.cy)
    tent = Conversation.objects.get(pk=cast.tent.pk)
    with listening(edge, ticket_at(cast.cy)) as cy:
        say(edge, ticket_at(cast.ben, tent), "viewing", f"conversation:{tent.pk}")
        assert looks_until(cy, f"conversation:{tent.pk}") == ["Ben"]


def test_a_page_that_lies_about_its_lists_tells_nobody_there(edge: RunningEdge) -> None:
    ticket = make_ticket(
        2, {"conversation:855", "inbox:1"}, now=clock.now(), name="Ben", lists=["inbox:1"]
    )
    said = {"ticket": ticket, "stream": "conversation:855", "lists": ["inbox:9"], "name": "<b>"}
    nine = make_ticket(9, ["inbox:9"], now=clock.now())
    one = make_ticket(1, ["inbox:1"], now=clock.now())
    with listening(edge, nine) as elsewhere, listening(edge, one) as here:
        edge.http.post("/live/typing", json=said | {"doing": "viewing"})
        assert looks_until(here, "conversation:855") == ["Ben"]
        nines = make_ticket(3, ["conversation:856"], now=clock.now(), name="Cy", lists=["inbox:9"])
        say(edge, nines, "viewing", "conversation:856")
        assert looks_until(elsewhere, "conversation:856") == ["Cy"]


@pytest.fixture
def whispers() -> Whispers:
    async def say(channel: str, payload: str) -> None:
        raise AssertionError

    return Whispers(Hub(), say=say)


def look(whispers: Whispers, agent: int, number: int, *lists: str, doing: str = "viewing") -> None:
    whisper = Whisper(f"conversation:{number}", agent, f"A{agent:03}", doing, lists=lists)  # type: ignore[arg-type]
    whispers._note(whisper, 0.0)


def test_fifty_who_walk_through_fifty_conversations_are_one_event_a_second(whispers) -> None:
    page = whispers._hub.subscribe(frozenset({"inbox:1"}), agent=1000)
    for agent in range(1, 51):
        for number in range(1, 51):
            look(whispers, agent, number, "inbox:1")
    assert not page.has_news
    whispers._tell_lists()
    assert len(page.looks) == 50
    told = whispers.looks_at(1000, page.looks, heard=page.streams)
    assert {len(people) for people in told.values()} == {MOST_FACES}


def test_a_list_that_it_left_hears_that_nobody_looks(whispers) -> None:
    page = whispers._hub.subscribe(frozenset({"inbox:1"}), agent=1)
    look(whispers, 2, 5, "inbox:1")
    whispers._tell_lists()
    page.looks.clear()
    look(whispers, 2, 5, "inbox:7")
    whispers._tell_lists()
    assert whispers.looks_at(1, page.looks, heard=page.streams) == {"conversation:5": []}


def test_the_same_look_again_is_no_news(whispers) -> None:
    page = whispers._hub.subscribe(frozenset({"inbox:*", "conversation:5"}), agent=1)
    for _ in range(3):
        look(whispers, 2, 5, "inbox:1")
        whispers._tell_lists()
    assert page.looks == {"conversation:5"}
    page.looks.clear(), page.whispers.clear()
    look(whispers, 2, 5, "inbox:1")
    whispers._tell_lists()
    assert not page.has_news
