"""Settling: what an attempt's end or a provider's word makes of a delivery. It moves forward only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from rapport.channels.breaking import break_channel
from rapport.channels.claiming import behind, in_lane_of
from rapport.channels.contract import Outcome, SendResult
from rapport.channels.deferring import defer_delivery
from rapport.channels.events import (
    DeliveryAccepted,
    DeliveryEvent,
    DeliveryFailed,
    DeliveryPostponed,
    DeliveryUnknown,
)
from rapport.channels.explaining import coded
from rapport.channels.models import Delivery, DeliveryState
from rapport.channels.resting import end_rest, rest_channel
from rapport.channels.retrying import next_attempt
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

POSTMAN = Actor.system("delivering")
#: A lower rank never overwrites a higher one; a failure overwrites all that has not arrived.
RANK = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.HANDING: 2,
    DeliveryState.UNKNOWN: 3,
    DeliveryState.ACCEPTED: 4,
    DeliveryState.FAILED: 5,
    DeliveryState.DELIVERED: 6,
    DeliveryState.READ: 7,
    DeliveryState.WITHDRAWN: 9,
}
E_ = TypeVar("E_", bound=DeliveryEvent)


def settle_attempt(delivery_id: int, result: SendResult, *, attempt: int) -> None:
    """Write down how attempt number `attempt` ended, and call whoever waited behind it.

    The word of an attempt that was overtaken by another counts only where it says "accepted".
    """
    with in_lane_of(delivery_id) as delivery:
        if delivery is None:
            return
        if result.outcome is Outcome.ACCEPTED:
            _take_word(delivery, result, is_overtaken=delivery.attempts != attempt)
        elif delivery.attempts == attempt and delivery.state in (
            DeliveryState.SENDING,
            DeliveryState.HANDING,
        ):
            _settle_unfinished(delivery, result)
        for waiting in behind(delivery)[:1]:
            defer_delivery(waiting)


def accept_delivery(
    delivery: Delivery,
    *,
    by: Actor,
    external_id: str = "",
    refused: Mapping[str, str] | None = None,
    taken: Sequence[str] = (),
) -> None:
    """The other side has it; once accepted it stays so. Inside a transaction with its row locked."""
    if RANK[DeliveryState(delivery.state)] >= RANK[DeliveryState.ACCEPTED]:
        return
    delivery.external_id = external_id or delivery.external_id
    delivery.refused = {**delivery.refused, **(refused or {})}
    delivery.taken = list(dict.fromkeys([*delivery.taken, *taken]))
    move(delivery, DeliveryState.ACCEPTED)
    journal.record(
        news(
            DeliveryAccepted,
            delivery,
            by=by,
            external_id=delivery.external_id,
            refused=tuple(delivery.refused),
        )
    )


def fail_delivery(delivery: Delivery, *, by: Actor, error: str) -> bool:
    """It did not get there; says whether that is news. One that arrived or was taken back stays."""
    state = DeliveryState(delivery.state)
    if RANK[state] >= RANK[DeliveryState.DELIVERED] or state == DeliveryState.FAILED:
        return False
    move(delivery, DeliveryState.FAILED, error=error)
    journal.record(news(DeliveryFailed, delivery, by=by, error=error))
    return True


def postpone(delivery: Delivery, *, error: str, retry_after: float | None = None) -> None:
    """Try again later, or give up when it has been tried for two days."""
    now = clock.now()
    delivery.trying_since = delivery.trying_since or now
    due = next_attempt(delivery.trying_since, now=now, retry_after=retry_after)
    if due is None:
        fail_delivery(delivery, by=POSTMAN, error=error)
        return
    delivery.due_at = due
    move(delivery, DeliveryState.QUEUED, error=error)
    defer_delivery(delivery)
    journal.record(
        news(DeliveryPostponed, delivery, by=POSTMAN, error=error, due_at=due.isoformat())
    )


def part_delivery(
    delivery: Delivery, put_off: Mapping[str, str], *, retry_after: float | None = None
) -> None:
    """Give each recipient who was put off a delivery apart, with retries of its own.

    Those who were taken are never sent to again for their sake. Inside a transaction with its row locked.
    """
    now = clock.now()
    for address, words in put_off.items():
        due = next_attempt(now, now=now, retry_after=retry_after) or now
        error = coded("put_off", words)[:2000]
        apart, is_new = Delivery.objects.get_or_create(
            message=delivery.message,
            only_to=address,
            defaults={
                "channel": delivery.channel,
                "due_at": due,
                "trying_since": now,
                "error": error,
            },
        )
        if is_new:
            defer_delivery(apart)
            journal.record(
                news(DeliveryPostponed, apart, by=POSTMAN, error=error, due_at=due.isoformat())
            )


def doubt(delivery: Delivery, *, error: str) -> None:
    """It was handed over and nobody knows more: shown, and asked."""
    move(delivery, DeliveryState.UNKNOWN, error=error)
    journal.record(news(DeliveryUnknown, delivery, by=POSTMAN, error=error))


def move(delivery: Delivery, state: DeliveryState, *, error: str = "") -> None:
    """Write the new state with its time; the caller holds the row and records the news."""
    delivery.state, delivery.error, delivery.changed_at = state, error[:2000], clock.now()
    delivery.save()


def news(event: type[E_], delivery: Delivery, *, by: Actor, **details: Any) -> E_:
    """An event about this delivery, for the streams of its conversation."""
    conversation = delivery.message.conversation
    return event(
        by=by,
        conversation=conversation.pk,
        team=conversation.team_id or 0,
        message=delivery.message_id,
        delivery=delivery.pk,
        channel=delivery.channel_id,
        only_to=delivery.only_to,
        **details,
    )


def _take_word(delivery: Delivery, result: SendResult, *, is_overtaken: bool) -> None:
    """It was accepted. Whom an overtaken attempt saw put off the later attempt may have reached."""
    refused = {**result.put_off, **result.refused} if is_overtaken else result.refused
    accept_delivery(
        delivery,
        by=POSTMAN,
        external_id=result.external_id,
        refused=refused,
        taken=result.taken,
    )
    if delivery.channel.throttled_since:
        end_rest(delivery.channel)
    if not is_overtaken:
        part_delivery(delivery, result.put_off, retry_after=result.retry_after)


def _settle_unfinished(delivery: Delivery, result: SendResult) -> None:
    error = coded(result.code or result.outcome, result.error)
    if result.outcome is Outcome.UNKNOWN:
        doubt(delivery, error=error)
        part_delivery(delivery, result.put_off)
    elif result.outcome.may_retry:
        postpone(delivery, error=error, retry_after=result.retry_after)
        if result.outcome is Outcome.THROTTLED:
            rest_channel(delivery.channel, by=POSTMAN, error=error, retry_after=result.retry_after)
    elif result.outcome in (Outcome.AUTH_INVALID, Outcome.MISCONFIGURED):
        delivery.due_at = clock.now()
        move(delivery, DeliveryState.QUEUED, error=error)
        break_channel(delivery.channel, by=POSTMAN, error=error)
    else:
        delivery.refused = {**delivery.refused, **result.refused}
        fail_delivery(delivery, by=POSTMAN, error=error)
