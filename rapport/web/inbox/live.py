"""Live: which streams a page hears, from where on, and where it fetches what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from rapport.accounts.models import Agent
from rapport.conversations.access import streams_of
from rapport.conversations.models import Conversation
from rapport.kernel import clock
from rapport.kernel.live.tickets import make_ticket
from rapport.web.inbox.counting import counts_for
from rapport.web.inbox.shelves import Shelf
from rapport.web.kit.faces import face_of
from rapport.web.kit.verbs import SignedIn


@dataclass(frozen=True, slots=True)
class Live:
    """What the page's `live-updates` element is told."""

    ticket: str
    streams: str
    since: str
    updates: str


def live_of(
    request: SignedIn,
    *,
    shelf: Shelf,
    conversation: Conversation | None = None,
    sides: Sequence[int] = (),
) -> Live:
    """For a page with a shelf and perhaps a conversation; take it before the rows are read.

    What happens while they are read is then fetched once more, never missed.
    """
    agent, streams = request.user, streams_of(request.user)
    lists: list[str] = []
    query = {"shelf": shelf.name}
    if conversation is not None:
        about = f"customer:{conversation.customer_id}"
        threads = (f"conversation:{each}" for each in (conversation.pk, *sides))
        streams = [*streams, *threads, about]
        lists = _lists_of(conversation)
        query |= {"conversation": str(conversation.pk)}
        query |= {name: request.GET[name] for name in ("from", "new") if request.GET.get(name)}
    return Live(
        ticket=_ticket_of(agent, streams, lists=lists),
        streams=" ".join(streams),
        since=str(counts_for(request, agent).position),
        updates=f"{_address()}?{urlencode(query)}",
    )


def live_of_customer(request: SignedIn, number: int) -> Live:
    """For the page of a customer: only what is said of them."""
    streams = [f"customer:{number}"]
    return Live(
        ticket=_ticket_of(request.user, streams, lists=()),
        streams=" ".join(streams),
        since=str(counts_for(request, request.user).position),
        updates=f"/inbox/customers/{number}/updates?",
    )


def _ticket_of(agent: Agent, streams: Iterable[str], *, lists: Iterable[str]) -> str:
    """With the face that colleagues see."""
    face, name = face_of(agent.name), agent.name
    return make_ticket(
        agent.pk,
        streams,
        now=clock.now(),
        name=name,
        signs=face.signs,
        turn=face.turn,
        lists=lists,
    )


def _lists_of(conversation: Conversation) -> list[str]:
    """The streams of those on whose lists it stands: they may see it, and hear who looks at it."""
    owner = [f"agent:{conversation.assignee_id}"] if conversation.assignee_id else []
    return [f"inbox:{conversation.team_id or 0}", *owner]


@lru_cache(maxsize=1)
def _address() -> str:
    return reverse("inbox:updates")
