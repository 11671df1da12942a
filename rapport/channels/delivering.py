"""Delivering: the road out. A message leaves the house once, or somebody is asked.

queued → sending (committed before connecting; safe to try again) → handing (committed before the point of
no return; from here nothing is sent again blindly) → accepted, failed or unknown; later delivered, read.
"""

from __future__ import annotations

import logging
import time
from typing import cast

from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from rapport.channels.claiming import Superseded, claim_delivery, held, in_lane_of, mark_handing
from rapport.channels.contract import Outcome, Sending, SendResult
from rapport.channels.deferring import defer_delivery
from rapport.channels.events import DeliveryRetried
from rapport.channels.models import Delivery, DeliveryState
from rapport.channels.registry import kind_of
from rapport.channels.settling import accept_delivery, move, news, settle_attempt
from rapport.conversations.access import check_may_work
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.pg.hushing import words_of
from rapport.kernel.secrets import SecretUnreadable

__all__ = ["decide_unknown", "deliver", "mark_handing", "retry_delivery"]

log = logging.getLogger("rapport.channels")
#: Seconds between tries to write a result down while the database is away.
PATIENCE = (1, 2, 5, 10, 20, 30)


def deliver(delivery_id: int) -> None:
    """Make one attempt, if its turn has come and nobody else is at it. Does nothing otherwise."""
    with held(delivery_id) as free:
        if not free:
            return
        delivery = claim_delivery(delivery_id)
        if delivery is None:
            return
        attempt = delivery.attempts
        try:
            result = _attempt(delivery)
        except Superseded:
            log.warning("delivery was taken over", extra={"delivery": delivery_id})
            return
        _write_down(delivery_id, result, attempt=attempt)


def decide_unknown(delivery: Delivery, *, by: Actor, arrived: bool) -> None:
    """A person says of an unknown one that it arrived, or has it sent again. Deciding twice is once."""
    with in_lane_of(delivery.pk) as fresh:
        if fresh is None or fresh.state != DeliveryState.UNKNOWN:
            return
        check_may_work(by, fresh.message.conversation)
        if arrived:
            accept_delivery(fresh, by=by)
        else:
            _send_again(fresh, by=by)
    delivery.refresh_from_db()


def retry_delivery(delivery: Delivery, *, by: Actor) -> None:
    """Have a failed one sent again, with the same Message-ID."""
    with in_lane_of(delivery.pk) as fresh:
        if fresh is None or fresh.state != DeliveryState.FAILED:
            return
        check_may_work(by, fresh.message.conversation)
        _send_again(fresh, by=by)
    delivery.refresh_from_db()


def _send_again(delivery: Delivery, *, by: Actor) -> None:
    before = str(delivery.state)
    delivery.taken = _still_taken(delivery)
    delivery.due_at, delivery.trying_since, delivery.refused = clock.now(), None, {}
    move(delivery, DeliveryState.QUEUED)
    defer_delivery(delivery)
    journal.record(news(DeliveryRetried, delivery, by=by, before=before))


def _still_taken(delivery: Delivery) -> list[str]:
    """Who has it for all that is known: those taken, except whom a report has named since.

    Where no report names one of them nobody is left out, else there would be nobody to send to.
    """
    refused = {address.lower() for address in delivery.refused}
    still = [address for address in delivery.taken if address.lower() not in refused]
    return still if len(still) < len(delivery.taken) else []


def _attempt(delivery: Delivery) -> SendResult:
    try:
        sending = cast(Sending, kind_of(delivery.channel.kind).sending)
        return sending.send_delivery(delivery)
    except Superseded:
        raise
    except SecretUnreadable:
        log.error("channel's secrets cannot be opened", extra={"channel": delivery.channel_id})
        return SendResult(Outcome.AUTH_INVALID, code="sealed")
    except Exception as error:
        log.exception("attempt to send broke off", extra={"delivery": delivery.pk})
        was_handed = delivery.state == DeliveryState.HANDING
        outcome = Outcome.UNKNOWN if was_handed else Outcome.TRANSIENT
        code = "interrupted_handing" if was_handed else "crashed"
        return SendResult(outcome, code=code, error=words_of(error))


def _write_down(delivery_id: int, result: SendResult, *, attempt: int) -> None:
    """Settle, patiently: a database that is away for a moment must not turn a 250 into "unknown"."""
    for pause in PATIENCE:
        try:
            return settle_attempt(delivery_id, result, attempt=attempt)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            log.warning(
                "result not written yet",
                extra={"delivery": delivery_id, "outcome": str(result.outcome)},
            )
            connection.close()
            time.sleep(pause)
    return settle_attempt(delivery_id, result, attempt=attempt)
