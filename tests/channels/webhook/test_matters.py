"""The other system's own name of a conversation leads there, and nowhere else."""

from __future__ import annotations

import itertools
import json

import pytest

from rapport.channels.contract import lane_of
from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Conversation, Message
from rapport.conversations.solving import solve_conversation
from rapport.conversations.splitting import split_conversation
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NUMBERS = itertools.count(1)


@pytest.fixture
def shop(cast: Cast) -> Channel:
    return Channel.objects.create(kind="webhook", name="Shop", team=cast.support)


def keep(channel: Channel, *, ref: str = "order-551", who: str = "dora@poczta.example") -> None:
    number = next(NUMBERS)
    told = {"contact": {"email": who}, "text": f"Words {number}", "external_id": f"m{number}"}
    Envelope.objects.create(
        channel=channel,
        event_id=f"api:m{number}",
        door="api",
        raw=json.dumps({**told, "conversation_ref": ref}).encode(),
        headers={},
        lane=lane_of(channel.pk, who),
    )


def say(channel: Channel, **told: str) -> Message:
    keep(channel, **told)
    receive_batch()
    return Message.objects.order_by("-pk")[0]


def test_two_messages_of_one_matter_are_one_conversation(shop: Channel) -> None:
    first, second = say(shop), say(shop)
    assert first.conversation == second.conversation
    assert (second.why["thread"], second.why["proof"]) == ("matter", "order-551")


def test_also_when_they_come_together(shop: Channel) -> None:
    keep(shop)
    keep(shop)
    keep(shop, ref="order-552")
    receive_batch()
    numbers = Message.objects.filter(channel_id=shop.pk).order_by("pk")
    first, second, third = numbers.values_list("conversation_id", flat=True)
    assert first == second != third


def test_the_same_name_on_another_channel_is_another_matter(shop: Channel, cast: Cast) -> None:
    other = Channel.objects.create(kind="webhook", name="Other shop", team=cast.support)
    assert say(shop).conversation != say(other).conversation


def test_somebody_else_with_the_same_name_is_proposed_and_not_joined(shop: Channel) -> None:
    hers, his = say(shop), say(shop, who="eli@mail.example")
    assert hers.conversation != his.conversation
    proposed = his.conversation.join_proposals.get()
    assert (proposed.other, proposed.reasons) == (hers.conversation, ["matter_of_stranger"])
    assert say(shop).conversation == hers.conversation
    assert say(shop, who="eli@mail.example").conversation == his.conversation


def test_a_name_that_everybody_shares_still_leads_each_to_their_own(shop: Channel) -> None:
    hers = say(shop, ref="support")
    for number in range(8):
        say(shop, ref="support", who=f"p{number}@mail.example")
    assert say(shop, ref="support").conversation == hers.conversation


def test_a_mail_cannot_name_a_matter(shop: Channel, cast: Cast) -> None:
    say(shop)
    assert not Message.objects.filter(channel_kind="email", extras__has_key="matter").exists()


def test_it_opens_a_solved_one_and_follows_what_was_moved(shop: Channel, cast: Cast) -> None:
    first, second = say(shop), say(shop)
    solve_conversation(first.conversation, by=cast.ada.actor)
    third = say(shop)
    assert third.conversation == first.conversation
    assert Conversation.objects.get(pk=third.conversation_id).state == "open"
    parted = split_conversation(first.conversation, messages=[third.pk], by=cast.ada.actor)
    assert say(shop).conversation_id == Message.objects.get(pk=third.pk).conversation_id
    assert Message.objects.get(pk=second.pk).conversation == first.conversation, parted
