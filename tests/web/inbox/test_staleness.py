"""Staleness: what is drawn once and kept must be as fresh, and as private, as what is drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rapport.accounts.models import Agent, Membership
from rapport.channels.models import Delivery, DeliveryState
from rapport.conversations.assigning import assign_to_agent
from rapport.conversations.models import Conversation, Message
from rapport.conversations.prioritising import prioritise_conversation
from rapport.conversations.redacting import redact_secret
from rapport.conversations.snoozing import snooze_conversation
from rapport.conversations.solving import solve_conversation
from rapport.conversations.splitting import split_conversation
from rapport.conversations.tagging import tag_conversation
from rapport.conversations.watching import watch_conversation
from rapport.customers.models import Customer, Identity
from rapport.kernel import clock
from tests.cast import Cast
from tests.makers import make_conversation


def page_of(client: Any, cast: Cast) -> str:
    return client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()


def _deliver(cast: Cast) -> None:
    message = cast.tent.messages.filter(direction="out").get()
    Delivery.objects.create(
        message=message,
        channel=cast.mail,
        state=DeliveryState.FAILED,
        due_at=clock.now(),
        error="550 no such Dora",
    )


CHANGES: dict[str, tuple[Callable[[Cast], object], str]] = {
    "renamed customer": (
        lambda cast: Customer.objects.filter(pk=cast.dora.pk).update(name="Teodora"),
        "Teodora",
    ),
    "new address": (
        lambda cast: Identity.objects.filter(customer=cast.dora).update(shown="t@new.example"),
        "t@new.example",
    ),
    "renamed colleague": (
        lambda cast: Agent.objects.filter(pk=cast.ben.pk).update(name="Benedykt"),
        "Benedykt",
    ),
    "renamed team": (
        lambda cast: type(cast.support).objects.filter(pk=cast.support.pk).update(name="Pomoc"),
        "Pomoc",
    ),
    "renamed company": (
        lambda cast: type(cast.company).objects.update(name="Birch Indoors"),
        "Birch Indoors",
    ),
    "another subject": (
        lambda cast: Conversation.objects.filter(pk=cast.tent.pk).update(subject="Kuchenka"),
        "Kuchenka",
    ),
    "other words": (
        lambda cast: Message.objects.filter(conversation=cast.tent).update(
            text="Changed", quoted="Below"
        ),
        "Below",
    ),
    "given": (lambda cast: assign_to_agent(cast.tent, cast.ada, by=cast.ben.actor), "Ada"),
    "tagged": (
        lambda cast: tag_conversation(cast.tent, tag="gwarancja", by=cast.ben.actor),
        "gwarancja",
    ),
    "priority": (
        lambda cast: prioritise_conversation(cast.tent, priority=4, by=cast.ben.actor),
        "icon--warn",
    ),
    "solved": (lambda cast: solve_conversation(cast.tent, by=cast.ben.actor), "Open again"),
    "asleep": (
        lambda cast: snooze_conversation(
            cast.tent, until=clock.now().replace(year=2099), by=cast.ben.actor
        ),
        "Wake up",
    ),
    "watched": (
        lambda cast: watch_conversation(cast.tent, agent=cast.ben, by=cast.ben.actor),
        "Watch no longer",
    ),
    "failed": (_deliver, "550 no such Dora"),
    "taken back": (
        lambda cast: cast.tent.messages.filter(direction="out").update(withdrawn_at=clock.now()),
        "taken back before it left",
    ),
    "another of theirs": (
        lambda cast: make_conversation(cast.dora, subject="Old boots", team=cast.support),
        "Old boots",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_seen_at_the_next_look(cast: Cast, sign_in: Any, change: str) -> None:
    client = sign_in(cast.ben)
    make_it, words = CHANGES[change]
    assert words not in page_of(client, cast)
    assert words not in page_of(client, cast)  # kept by now
    make_it(cast)
    assert words in page_of(client, cast)


def test_a_secret_that_was_taken_out_is_gone_at_the_next_look(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    assert "przecieka przy" in page_of(client, cast)
    message = cast.tent.messages.order_by("id")[0]
    redact_secret(message, secret="przecieka", by=cast.ada.actor)
    assert "przecieka przy" not in page_of(client, cast)


def test_a_message_that_was_parted_is_gone_at_the_next_look(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    newest = cast.tent.messages.filter(direction="in").order_by("-id")[0]
    assert f'id="m-{newest.pk}"' in page_of(client, cast)
    split_conversation(cast.tent, messages=[newest.pk], by=cast.ben.actor)
    assert f'id="m-{newest.pk}"' not in page_of(client, cast)


def test_each_reads_in_their_own_language_and_zone(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    english = page_of(client, cast)
    Agent.objects.filter(pk=cast.ben.pk).update(language="pl", time_zone="Asia/Taipei")
    polish = page_of(client, cast)
    assert "Odpowiedz" in polish
    assert "CST" in polish
    Agent.objects.filter(pk=cast.ben.pk).update(language="en", time_zone="UTC")
    again = page_of(client, cast)
    assert "Odpowiedz" not in english + again
    assert "CST" not in english + again


def test_a_viewer_is_offered_nothing_that_was_drawn_for_an_agent(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    assert "Take it" in page_of(client, cast)
    Agent.objects.filter(pk=cast.ben.pk).update(role="viewer")
    shown = page_of(client, cast)
    for words in ("Take it", "Mark as spam", "Reply to all"):
        assert words not in shown


def test_who_loses_sight_loses_it_at_once(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.ben)
    assert "Namiot przecieka" in page_of(client, cast)
    Membership.objects.filter(agent=cast.ben).delete()
    assert "Namiot" not in page_of(client, cast)
    assert "Namiot" not in client.get("/inbox/all").content.decode()


def test_another_colleague_sees_their_own_name_and_links(cast: Cast, sign_in: Any) -> None:
    ada, ben = page_of(sign_in(cast.ada), cast), page_of(sign_in(cast.ben), cast)
    assert cast.ada.email in ada
    assert cast.ben.email not in ada
    assert cast.ada.email not in ben
    assert "/inbox/parked" not in ben
