"""The other side asks for less: the channel rests as a whole, and nothing is lost, doubled or turned around."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Agent, Brand
from rapport.channels.contract import Outcome
from rapport.channels.delivering import deliver
from rapport.channels.email.handing_over import _is_too_fast
from rapport.channels.models import Channel, Delivery
from rapport.channels.pausing import pause_channel, resume_channel
from rapport.channels.resting import wake_channel
from rapport.channels.sweeping import sweep_deliveries
from rapport.conversations.models import Conversation
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from tests.channels.conftest import Send
from tests.channels.sinks import Sink


def other_conversation(first: Conversation) -> Conversation:
    return Conversation.objects.create(
        customer=first.customer, subject="Tents", channel_id=first.channel_id
    )


def throttled() -> int:
    return Entry.objects.filter(kind="channels.channel_throttled").count()


def later(channel: Channel) -> time_machine.travel:
    """The moment after the rest."""
    channel.refresh_from_db()
    assert channel.resting_until is not None
    return time_machine.travel(channel.resting_until + timedelta(seconds=1), tick=True)


def test_one_refusal_keeps_the_others_from_asking_until_the_rest_is_over(
    send: Send, sink: Sink, channel: Channel, conversation: Conversation
) -> None:
    first, second = send("1"), send("2", within=other_conversation(conversation))
    sink.answers["MAIL"] = "421 4.7.0 too much from you"
    deliver(first.pk)
    asked = sink.sessions
    deliver(second.pk)
    assert sweep_deliveries().called == 0
    second.refresh_from_db()
    assert (second.state, second.attempts, sink.sessions) == ("queued", 0, asked)
    wake_channel(channel.pk)  # too soon
    sink.answers.clear()
    with later(channel):
        ProcrastinateJob.objects.filter(task_name="channels.deliver").delete()
        wake_channel(channel.pk)
        assert ProcrastinateJob.objects.filter(task_name="channels.deliver").count() >= 1
        deliver(second.pk)
    channel.refresh_from_db()
    assert (channel.resting_until, channel.throttled_since) == (None, None)
    assert sink.words()[0].startswith("2")
    assert throttled() == 1


def test_the_rests_grow_and_are_told_once(send: Send, sink: Sink, channel: Channel) -> None:
    sink.answers["MAIL"] = "421 4.7.0 too much from you"
    rests = []
    delivery = send()
    for _ in range(3):
        Delivery.objects.update(due_at=clock.now())
        deliver(delivery.pk)
        channel.refresh_from_db()
        assert channel.resting_until is not None
        assert channel.throttled_since is not None
        rests.append((channel.resting_until - clock.now()).total_seconds())
        Channel.objects.update(
            resting_until=clock.now(),
            throttled_since=channel.throttled_since - timedelta(minutes=3),
        )
    assert rests[0] < 10
    assert min(rests[1:]) > 500
    assert throttled() == 1
    assert ProcrastinateJob.objects.filter(task_name="channels.wake_channel").count() == 3


def test_two_messages_of_one_conversation_keep_their_order_over_a_rest(
    send: Send, sink: Sink, channel: Channel
) -> None:
    first, second = send("1"), send("2")
    sink.answers["MAIL"] = "421 later"
    deliver(first.pk)
    sink.answers.clear()
    with later(channel), time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        for delivery in (second, first, second):
            deliver(delivery.pk)
    assert [words[0] for words in sink.words()] == ["1", "2"]


def test_a_share_of_the_day_that_is_used_up_fails_no_message(
    send: Send, sink: Sink, channel: Channel
) -> None:
    sink.answers["DOT"] = "550 5.4.5 Daily user sending limit exceeded."
    delivery = send()
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "queued"
    channel.refresh_from_db()
    assert channel.resting_until is not None
    assert channel.resting_until > clock.now() + timedelta(minutes=55)


@pytest.mark.parametrize(
    "words",
    ["451 4.7.1 Greylisting in action", "452 4.2.2 mailbox over quota", "450 4.1.8 no such domain"],
)
def test_what_concerns_one_mail_rests_nobody(
    send: Send, sink: Sink, channel: Channel, words: str
) -> None:
    sink.refuse["dora@mail.example"] = words
    deliver(send().pk)
    channel.refresh_from_db()
    assert channel.resting_until is None


@pytest.mark.parametrize(
    "words",
    [
        "454 4.7.0 Too many login attempts, please try again later.",
        "432 4.3.2 Concurrent connections limit exceeded.",
        "451 4.7.500 Server busy. Please try again later",
        "450 4.7.1 Error: too much mail from 203.0.113.9",
        "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
    ],
)
def test_servers_say_so_in_many_ways(words: str) -> None:
    code, said = int(words[:3]), words[4:]
    outcome = Outcome.PERMANENT if code >= 500 else Outcome.TRANSIENT
    assert _is_too_fast(outcome, code, said)


def test_a_channel_that_is_used_again_by_hand_does_not_rest_on(
    send: Send, sink: Sink, channel: Channel, ada: Agent
) -> None:
    sink.answers["MAIL"] = "421 later"
    delivery = send()
    deliver(delivery.pk)
    pause_channel(channel, by=ada.actor)
    resume_channel(channel, by=ada.actor)
    sink.answers.clear()
    Delivery.objects.update(due_at=clock.now())
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "accepted"


def test_the_settings_say_until_when_it_rests(send: Send, channel: Channel, ada: Agent) -> None:
    Channel.objects.update(
        resting_until=clock.now() + timedelta(hours=1), brand=Brand.objects.create(name="Shop")
    )
    client = Client()
    client.force_login(ada, backend="rapport.web.sign_in.recognising.Recogniser")
    page = client.get(f"/settings/channels/{channel.pk}").content.decode()
    assert "Rests until" in page
    assert "The other side asks us to send more slowly." in page
    assert "Rests" in client.get("/settings/channels").content.decode()
