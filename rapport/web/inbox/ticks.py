"""Ticks: how far a message of ours has come, in a sign and in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from rapport.channels.models import Delivery, DeliveryState
from rapport.web.kit.moments import say_moment

SIGNS = {
    DeliveryState.QUEUED: "clock",
    DeliveryState.SENDING: "clock",
    DeliveryState.HANDING: "clock",
    DeliveryState.UNKNOWN: "question",
    DeliveryState.ACCEPTED: "check",
    DeliveryState.DELIVERED: "checks",
    DeliveryState.READ: "checks",
    DeliveryState.FAILED: "warn",
    DeliveryState.WITHDRAWN: "undo",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """State, sign and words; `error` and `refused` say what went wrong and for whom."""

    message: int
    state: str
    icon: str
    words: str
    error: str
    refused: list[tuple[str, str]]

    @property
    def is_question(self) -> bool:
        """Nobody knows whether it arrived: a person decides."""
        return self.state == DeliveryState.UNKNOWN

    @property
    def is_failed(self) -> bool:
        return self.state == DeliveryState.FAILED


def tick_of(delivery: Delivery, *, now: datetime) -> Tick:
    """The tick of one delivery."""
    state = DeliveryState(delivery.state)
    return Tick(
        delivery.message_id,
        state.value,
        SIGNS[state],
        _words(state, delivery, now),
        # Ours were kept in English; a server's own words stay as they are.
        gettext(delivery.error) if delivery.error else "",
        sorted(delivery.refused.items()),
    )


def _words(state: DeliveryState, delivery: Delivery, now: datetime) -> str:
    changed = say_moment(delivery.changed_at, now=now)
    if state == DeliveryState.QUEUED:
        if (delivery.due_at - now).total_seconds() > 30:
            return gettext("goes out {when}").format(when=say_moment(delivery.due_at, now=now))
        return gettext("sending") if not delivery.error else gettext("trying again")
    words = {
        DeliveryState.SENDING: gettext("sending"),
        DeliveryState.HANDING: gettext("sending"),
        DeliveryState.UNKNOWN: gettext("not known whether it arrived"),
        DeliveryState.ACCEPTED: gettext("sent {when}").format(when=changed),
        DeliveryState.DELIVERED: gettext("delivered {when}").format(when=changed),
        DeliveryState.READ: gettext("read {when}").format(when=changed),
        DeliveryState.FAILED: gettext("did not arrive"),
        DeliveryState.WITHDRAWN: gettext("taken back"),
    }
    return words[state]
