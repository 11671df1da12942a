"""A mail to many: whoever is put off gets it later, whoever has it never gets it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Agent
from rapport.channels.delivering import decide_unknown, deliver, retry_delivery
from rapport.channels.models import Delivery, DeliveryState
from rapport.channels.sweeping import sweep_deliveries
from rapport.channels.tracking import track_delivery
from rapport.conversations.events import MessageBounced
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.journal.models import Entry
from tests.channels.conftest import Send
from tests.channels.sinks import Sink

DORA, ELI = "dora@mail.example", "eli@mail.example"
GREY = "450 4.2.0 greylisted"


@pytest.fixture
def whole(send: Send) -> Delivery:
    """A mail to Dora with a copy for Eli."""
    to, cc = [[{"name": "", "address": address}] for address in (DORA, ELI)]
    return send(to=to, cc=cc)


def apart_of(delivery: Delivery) -> Delivery:
    return Delivery.objects.apart().get(message=delivery.message_id)


def after(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


def reached(sink: Sink) -> list[list[str]]:
    return [list(mail.rcpt_tos) for mail in sink.mails]


def due(delivery: Delivery) -> time_machine.travel:
    delivery.refresh_from_db()
    return time_machine.travel(delivery.due_at + timedelta(seconds=1), tick=True)


def put_off(whole: Delivery, sink: Sink) -> Delivery:
    sink.refuse[ELI] = GREY
    deliver(whole.pk)
    sink.refuse.clear()
    return apart_of(whole)


def test_who_was_put_off_gets_it_later_and_nobody_else_again(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    assert (after(whole), whole.refused, whole.taken) == (DeliveryState.ACCEPTED, {}, [DORA])
    assert (eli.state, eli.only_to, eli.error) == (DeliveryState.QUEUED, ELI, f"put_off: {GREY}")
    assert clock.now() < eli.due_at <= clock.now() + timedelta(seconds=6)
    assert ProcrastinateJob.objects.filter(args={"delivery_id": eli.pk}, status="todo").exists()
    with due(eli):
        deliver(eli.pk)
        deliver(whole.pk)
    assert (after(eli), reached(sink)) == (DeliveryState.ACCEPTED, [[DORA], [ELI]])
    ids = {text.split("Message-ID: ")[1].split("\r\n")[0] for text in sink.texts()}
    assert len(ids) == 1


def test_its_news_name_the_recipient(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    told = Entry.objects.filter(kind__startswith="channels.delivery").order_by("id")
    assert [(entry.kind, entry.details["only_to"]) for entry in told] == [
        ("channels.delivery_accepted", ""),
        ("channels.delivery_postponed", ELI),
    ]
    assert told[1].details["delivery"] == eli.pk


def test_it_is_put_off_ever_longer_and_given_up_after_two_days(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    sink.refuse[ELI] = GREY
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        while after(eli) == DeliveryState.QUEUED:
            traveller.move_to(eli.due_at)
            deliver(eli.pk)
        assert timedelta(days=2) <= clock.now() - start <= timedelta(days=2, hours=3)
    assert (after(eli), after(whole)) == (DeliveryState.FAILED, DeliveryState.ACCEPTED)
    assert reached(sink) == [[DORA]]


def test_whoever_is_refused_for_good_is_not_tried_again(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    sink.refuse[ELI] = "550 5.1.1 no such user"
    with due(eli):
        deliver(eli.pk)
    assert after(eli) == DeliveryState.FAILED
    assert "no such user" in eli.error


def test_the_next_reply_does_not_wait_for_who_was_put_off(
    send: Send, whole: Delivery, sink: Sink
) -> None:
    put_off(whole, sink)
    later = send("more", to=[{"name": "", "address": DORA}])
    deliver(later.pk)
    assert after(later) == DeliveryState.ACCEPTED


def test_p07_a_line_cut_at_the_dot_is_asked_about_once_for_each(
    whole: Delivery, sink: Sink, ada: Agent
) -> None:
    sink.cut = "dot"
    eli = put_off(whole, sink)
    assert (after(whole), eli.state) == (DeliveryState.UNKNOWN, DeliveryState.QUEUED)
    sink.cut = ""
    decide_unknown(whole, by=ada.actor, arrived=False)
    deliver(whole.pk)
    with due(eli):
        deliver(eli.pk)
    assert reached(sink) == [[DORA], [DORA], [ELI]]


def test_p07_an_orphan_apart_becomes_a_question_of_its_own(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    Delivery.objects.filter(pk=eli.pk).update(state=DeliveryState.HANDING)
    assert sweep_deliveries().unknown == 1
    assert (after(eli), after(whole)) == (DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)


def test_a_lost_job_of_a_recipient_apart_is_made_again(
    send: Send, whole: Delivery, sink: Sink
) -> None:
    eli = put_off(whole, sink)
    sink.answers["MAIL"] = "451 4.3.0 later"
    deliver(send("stuck").pk)
    ProcrastinateJob.objects.all().delete()
    with time_machine.travel(eli.due_at + timedelta(seconds=20), tick=True):
        sweep_deliveries()
    assert ProcrastinateJob.objects.filter(args={"delivery_id": eli.pk}).exists()


def test_a_report_is_about_the_recipient_that_it_names(whole: Delivery, sink: Sink) -> None:
    eli = put_off(whole, sink)
    with due(eli):
        deliver(eli.pk)
    track_delivery(whole, DeliveryState.FAILED, address="ELI@mail.example", error="mailbox full")
    assert (after(eli), after(whole)) == (DeliveryState.FAILED, DeliveryState.ACCEPTED)


def test_sending_a_bounced_mail_again_spares_those_who_have_it(
    whole: Delivery, sink: Sink, ada: Agent
) -> None:
    deliver(whole.pk)
    report = MessageBounced(
        by=Actor.system("mail"),
        conversation=whole.message.conversation_id,
        message=whole.message_id,
        report=1,
        address=ELI,
        permanent=True,
        status="5.2.2",
        diagnostic="full",
    )
    with transaction.atomic():
        journal.record(report)
    assert after(whole) == DeliveryState.FAILED
    retry_delivery(whole, by=ada.actor)
    deliver(whole.pk)
    assert reached(sink) == [[DORA, ELI], [ELI]]
    assert after(whole) == DeliveryState.ACCEPTED
    assert set(whole.taken) == {DORA, ELI}
