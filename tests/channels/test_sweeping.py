"""What nobody tends any more is found: orphans of dead workers, and deliveries whose job was lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Agent
from rapport.channels.claiming import mark_handing
from rapport.channels.delivering import deliver
from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.channels.sweeping import Swept, sweep_deliveries
from rapport.conversations.events import MessageBounced, MessageWithdrawn
from rapport.conversations.withdrawing import TooLateToWithdraw
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.pg.locking import advisory_key
from tests.channels.conftest import Send
from tests.channels.sinks import Sink


def put(delivery: Delivery, state: DeliveryState) -> Delivery:
    """As a worker leaves it that was killed there."""
    delivery.state, delivery.attempts = state, 1
    delivery.save()
    return delivery


def after(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


@pytest.fixture
def another_worker(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as session:
        yield session


def test_p05_an_orphan_that_was_sending_goes_back_into_line(send: Send, sink: Sink) -> None:
    delivery = put(send(), DeliveryState.SENDING)
    assert sweep_deliveries().requeued == 1
    assert after(delivery) == DeliveryState.QUEUED
    with time_machine.travel(delivery.due_at, tick=True):
        deliver(delivery.pk)
    assert (after(delivery), len(sink.mails)) == (DeliveryState.ACCEPTED, 1)


def test_p07_an_orphan_that_was_handing_over_becomes_a_question(send: Send, sink: Sink) -> None:
    delivery = put(send(), DeliveryState.HANDING)
    assert sweep_deliveries().unknown == 1
    deliver(delivery.pk)
    assert (after(delivery), sink.mails) == (DeliveryState.UNKNOWN, [])


def test_what_a_living_worker_holds_is_left_alone(
    send: Send, another_worker: psycopg.Connection
) -> None:
    delivery = put(send(), DeliveryState.HANDING)
    key = advisory_key("channels.delivery", delivery.pk)
    another_worker.execute("SELECT pg_advisory_lock(%s)", [key])
    assert sweep_deliveries() == Swept()
    another_worker.close()
    ends = time.monotonic() + 20  # its server process lets the lock go a moment later
    while not (swept := sweep_deliveries()).unknown and time.monotonic() < ends:
        time.sleep(0.02)
    assert swept.unknown == 1


def test_p05_a_lost_job_is_made_again_once(send: Send) -> None:
    delivery = send()
    ProcrastinateJob.objects.all().delete()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        assert sweep_deliveries().called == 1
        assert sweep_deliveries().called == 0
    assert ProcrastinateJob.objects.get().args == {"delivery_id": delivery.pk}


def test_a_job_that_died_in_the_middle_holds_up_nothing(send: Send) -> None:
    send()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        assert sweep_deliveries().called == 1


def test_those_who_wait_in_line_or_for_a_repair_are_not_lost(send: Send, channel: Channel) -> None:
    first = send()
    send()
    first.due_at, first.trying_since = clock.now() + timedelta(hours=2), clock.now()
    first.save()
    ProcrastinateJob.objects.all().delete()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        assert sweep_deliveries().called == 0
        Delivery.objects.filter(pk=first.pk).delete()
        Channel.objects.filter(pk=channel.pk).update(state="broken")
        assert sweep_deliveries().called == 0


def test_a_worker_that_was_overtaken_hands_nothing_over(send: Send, sink: Sink) -> None:
    from rapport.channels.claiming import Superseded, claim_delivery

    delivery = claim_delivery(send().pk)
    assert delivery is not None
    sweep_deliveries()
    with pytest.raises(Superseded):
        mark_handing(delivery)
    assert after(delivery) == DeliveryState.QUEUED


def withdraw(delivery: Delivery, *, by: Agent) -> None:
    with transaction.atomic():
        journal.record(
            MessageWithdrawn(
                by=by.actor,
                conversation=delivery.message.conversation_id,
                message=delivery.message_id,
            )
        )


def test_what_is_still_in_line_is_taken_back(send: Send, sink: Sink, ada: Agent) -> None:
    delivery = send()
    withdraw(delivery, by=ada)
    withdraw(delivery, by=ada)
    deliver(delivery.pk)
    assert (after(delivery), sink.mails) == (DeliveryState.WITHDRAWN, [])


@pytest.mark.parametrize("state", ["sending", "handing", "accepted", "unknown"])
def test_what_has_begun_to_leave_is_not(state: str, send: Send, ada: Agent) -> None:
    delivery = put(send(), DeliveryState(state))
    with pytest.raises(TooLateToWithdraw):
        withdraw(delivery, by=ada)
    assert after(delivery) == state


def bounce(delivery: Delivery, *, permanent: bool) -> None:
    with transaction.atomic():
        journal.record(
            MessageBounced(
                by=Actor.system("mail"),
                conversation=delivery.message.conversation_id,
                message=delivery.message_id,
                report=1,
                address="dora@mail.example",
                status="5.1.1",
                diagnostic="no such user",
                permanent=permanent,
            )
        )


def test_a_bounce_makes_it_failed_and_a_delay_does_not(send: Send) -> None:
    delivery = send()
    deliver(delivery.pk)
    bounce(delivery, permanent=False)
    assert after(delivery) == DeliveryState.ACCEPTED
    bounce(delivery, permanent=True)
    assert after(delivery) == DeliveryState.FAILED
    assert delivery.refused == {"dora@mail.example": "no such user"}
    assert "5.1.1" in delivery.error


def test_what_was_read_did_not_fail(send: Send) -> None:
    delivery = put(send(), DeliveryState.READ)
    bounce(delivery, permanent=True)
    assert after(delivery) == DeliveryState.READ
    assert delivery.refused == {"dora@mail.example": "no such user"}


def test_a_bounce_that_was_faster_than_our_own_note_stands(send: Send, sink: Sink) -> None:
    delivery = send()
    sink.hold = "after"
    worker = threading.Thread(target=lambda: (deliver(delivery.pk), connection.close()))
    worker.start()
    assert sink.reached.wait(10)
    bounce(delivery, permanent=True)
    sink.go_on.set()
    worker.join()
    assert after(delivery) == DeliveryState.FAILED
