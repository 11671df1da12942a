"""The road out: every state, every retry, and nobody's mail twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Agent
from rapport.channels.breaking import repair_channel
from rapport.channels.delivering import decide_unknown, deliver, retry_delivery
from rapport.channels.models import Channel, ChannelState, Delivery, DeliveryState
from rapport.conversations.models import Conversation, Message
from rapport.kernel import clock
from rapport.kernel.journal.models import Entry
from tests.channels.conftest import Send
from tests.channels.sinks import Sink, smtp_sink


def kinds(prefix: str = "channels.") -> list[str]:
    found = Entry.objects.filter(kind__startswith=prefix).order_by("id")
    return [kind.removeprefix(prefix) for kind in found.values_list("kind", flat=True)]


def after(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


def test_a_reply_and_its_job_share_one_commit(send: Send) -> None:
    delivery = send()
    job = ProcrastinateJob.objects.get(task_name="channels.deliver")
    assert delivery.state == DeliveryState.QUEUED
    assert job.args == {"delivery_id": delivery.pk}
    assert job.scheduled_at == delivery.due_at


def test_a_reply_arrives_under_the_id_that_we_know_it_by(send: Send, sink: Sink) -> None:
    delivery = send("Grüße, 你好, zażółć")
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED
    message = Message.objects.get(pk=delivery.message_id)
    assert delivery.external_id == message.external_id != ""
    assert f"Message-ID: <{message.external_id}>" in sink.texts()[0]
    assert kinds() == ["delivery_accepted"]
    assert f"conversation:{message.conversation_id}" in Entry.objects.get(
        kind="channels.delivery_accepted"
    ).streams.split(" ")


def test_delivering_twice_is_one_mail(send: Send, sink: Sink) -> None:
    delivery = send()
    deliver(delivery.pk)
    deliver(delivery.pk)
    assert len(sink.mails) == 1
    assert kinds() == ["delivery_accepted"]


def test_p07_two_workers_at_once_send_one_mail(send: Send, sink: Sink) -> None:
    delivery = send()
    sink.hold = "dot"

    def work() -> None:
        try:
            deliver(delivery.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert sink.reached.wait(10)
    sink.go_on.set()
    for worker in workers:
        worker.join()
    assert len(sink.mails) == 1
    assert after(delivery) == DeliveryState.ACCEPTED


def test_before_its_time_nothing_leaves(send: Send, sink: Sink) -> None:
    delivery = send(due_at=clock.now() + timedelta(minutes=5))
    deliver(delivery.pk)
    assert (after(delivery), sink.mails) == (DeliveryState.QUEUED, [])


@pytest.mark.parametrize("cut", ["connect", "rcpt", "data"])
def test_an_attempt_that_handed_nothing_over_is_made_again(
    cut: str, send: Send, sink: Sink
) -> None:
    delivery = send()
    first_id = ""
    sink.cut = cut
    if cut == "connect":
        sink.answers["MAIL"] = "421 4.3.2 closing"
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.QUEUED
    assert clock.now() < delivery.due_at <= clock.now() + timedelta(seconds=6)
    first_id = Message.objects.get(pk=delivery.message_id).external_id
    sink.cut, sink.answers = "", {}
    with time_machine.travel(delivery.due_at + timedelta(seconds=2), tick=True):
        deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED
    assert len(sink.mails) == 1
    assert f"<{first_id}>" in sink.texts()[0]
    assert kinds("channels.delivery_") == ["postponed", "accepted"]


def test_p07_after_the_dot_nothing_is_sent_blindly_again(send: Send, sink: Sink) -> None:
    delivery = send()
    sink.cut = "dot"
    deliver(delivery.pk)
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.UNKNOWN
    assert len(sink.mails) == 1
    assert kinds() == ["delivery_unknown"]


def test_p07_after_the_250_a_broken_goodbye_changes_nothing(send: Send, sink: Sink) -> None:
    delivery = send()
    sink.cut = "after"
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED


def test_ada_says_it_arrived(send: Send, sink: Sink, ada: Agent) -> None:
    delivery = send()
    sink.cut = "dot"
    deliver(delivery.pk)
    decide_unknown(delivery, by=ada.actor, arrived=True)
    decide_unknown(delivery, by=ada.actor, arrived=False)
    assert (after(delivery), len(sink.mails)) == (DeliveryState.ACCEPTED, 1)
    accepted = Entry.objects.get(kind="channels.delivery_accepted")
    assert (accepted.by_kind, accepted.by_id) == ("agent", ada.pk)


def test_ada_has_it_sent_again_under_the_same_id(send: Send, sink: Sink, ada: Agent) -> None:
    delivery = send()
    sink.cut = "dot"
    deliver(delivery.pk)
    sink.cut = ""
    decide_unknown(delivery, by=ada.actor, arrived=False)
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED
    ids = {text.split("Message-ID: ")[1].split("\r\n")[0] for text in sink.texts()}
    assert (len(sink.mails), len(ids)) == (2, 1)


def test_a_mail_for_nobody_there_fails_with_the_servers_words(
    send: Send, sink: Sink, ada: Agent
) -> None:
    delivery = send()
    sink.refuse["dora@mail.example"] = "550 5.1.1 no such user"
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.FAILED
    assert "no such user" in delivery.error
    sink.refuse.clear()
    retry_delivery(delivery, by=ada.actor)
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED
    assert kinds() == ["delivery_failed", "delivery_retried", "delivery_accepted"]


def test_a_refused_copy_is_named_and_the_rest_goes(send: Send, sink: Sink) -> None:
    eli = {"name": "Eli", "address": "eli@mail.example"}
    delivery = send(to=[{"name": "Dora", "address": "dora@mail.example"}], cc=[eli])
    sink.refuse["eli@mail.example"] = "550 5.1.1 no such user"
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.ACCEPTED
    assert delivery.refused == {"eli@mail.example": "550 5.1.1 no such user"}


def test_after_two_days_it_gives_up(send: Send, sink: Sink) -> None:
    delivery = send()
    sink.answers["MAIL"] = "451 4.3.0 later"
    start = clock.now()
    attempts = 0
    with time_machine.travel(start, tick=False) as traveller:
        while after(delivery) == DeliveryState.QUEUED:
            traveller.move_to(delivery.due_at)
            deliver(delivery.pk)
            attempts += 1
        assert timedelta(days=2) <= clock.now() - start <= timedelta(days=2, hours=3)
    assert delivery.state == DeliveryState.FAILED
    assert 20 <= attempts <= 35


def test_a_lost_password_stops_the_channel_and_fails_no_mail(
    send: Send, sink: Sink, channel: Channel, ada: Agent
) -> None:
    first, second = send("one"), send("two")
    sink.answers["MAIL"] = "530 5.7.0 sign in first"
    deliver(first.pk)
    deliver(second.pk)
    channel.refresh_from_db()
    assert channel.state == ChannelState.BROKEN
    assert {after(first), after(second)} == {DeliveryState.QUEUED}
    assert kinds() == ["channel_broken"]
    sink.answers.clear()
    repair_channel(channel, by=ada.actor)
    deliver(first.pk)
    deliver(second.pk)
    assert sink.words() == ["one", "two"]
    assert kinds()[1] == "channel_repaired"


def test_order_is_kept_while_the_first_is_tried_again(send: Send, sink: Sink) -> None:
    first, second = send("one"), send("two")
    sink.answers["MAIL"] = "451 4.3.0 later"
    deliver(first.pk)
    sink.answers.clear()
    deliver(second.pk)
    assert (after(second), sink.mails) == (DeliveryState.QUEUED, [])
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        deliver(first.pk)
        waiting = ProcrastinateJob.objects.filter(args={"delivery_id": second.pk}, status="todo")
        assert waiting.exists()
        deliver(second.pk)
    assert len(sink.mails) == 2


def test_one_that_is_to_go_tomorrow_holds_nobody_up(send: Send, sink: Sink) -> None:
    send("tomorrow", due_at=clock.now() + timedelta(days=1))
    now = send("now")
    deliver(now.pk)
    assert after(now) == DeliveryState.ACCEPTED


def test_another_conversation_does_not_wait(
    send: Send, sink: Sink, conversation: Conversation
) -> None:
    stuck = send()
    sink.answers["MAIL"] = "451 4.3.0 later"
    deliver(stuck.pk)
    sink.answers.clear()
    elsewhere = Conversation.objects.create(customer=conversation.customer, subject="Hats")
    free = send(within=elsewhere)
    deliver(free.pk)
    assert after(free) == DeliveryState.ACCEPTED


def test_a_password_sealed_with_another_key_breaks_the_channel(
    send: Send, channel: Channel
) -> None:
    delivery = send()
    Channel.objects.filter(pk=channel.pk).update(sealed="unreadable")
    deliver(delivery.pk)
    channel.refresh_from_db()
    assert (channel.state, after(delivery)) == (ChannelState.BROKEN, DeliveryState.QUEUED)


def test_wrong_settings_break_the_channel(
    send: Send, channel: Channel, make_channel: Callable[..., Channel]
) -> None:
    delivery = send()
    Channel.objects.filter(pk=channel.pk).update(config={"smtp_port": "many"})
    deliver(delivery.pk)
    channel.refresh_from_db()
    assert "smtp_port" in channel.error
    assert after(delivery) == DeliveryState.QUEUED


def test_a_file_that_is_gone_for_now_is_tried_again(send: Send, sink: Sink) -> None:
    delivery = send()
    message: Any = Message.objects.get(pk=delivery.message_id)
    message.attachments.create(name="a.txt", content_type="text/plain", stored_name="no/such/file")
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.QUEUED
    assert "FileNotFoundError" in delivery.error
    assert sink.mails == []


def test_a_server_that_comes_back_takes_what_waited(
    send: Send, channel: Channel, sink: Sink
) -> None:
    delivery = send()
    Channel.objects.filter(pk=channel.pk).update(config={**sink.config, "smtp_port": 1})
    deliver(delivery.pk)
    assert after(delivery) == DeliveryState.QUEUED
    with smtp_sink() as later, time_machine.travel(delivery.due_at, tick=True):
        Channel.objects.filter(pk=channel.pk).update(config=later.config)
        deliver(delivery.pk)
        assert len(later.mails) == 1
