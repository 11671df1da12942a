"""Ticks: how far a message of ours has come, in a sign and in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.channels.explaining import explain
from rapport.channels.models import DeliveryState
from rapport.web.inbox.reading import Spoken
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

WORDS = {
    DeliveryState.QUEUED: _("sending"),
    DeliveryState.SENDING: _("sending"),
    DeliveryState.HANDING: _("sending"),
    DeliveryState.UNKNOWN: _("not known whether it arrived"),
    DeliveryState.ACCEPTED: _("sent {when}"),
    DeliveryState.DELIVERED: _("delivered {when}"),
    DeliveryState.READ: _("read {when}"),
    DeliveryState.FAILED: _("did not arrive"),
    DeliveryState.WITHDRAWN: _("taken back"),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """State, sign and words; `error` and `refused` say what went wrong and for whom.

    `only_to` is the recipient of a delivery apart.
    """

    message: int
    state: str
    icon: str
    words: str
    error: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    only_to: str = ""

    @property
    def is_question(self) -> bool:
        """Nobody knows whether it arrived: a person decides."""
        return self.state == DeliveryState.UNKNOWN

    @property
    def is_failed(self) -> bool:
        return self.state == DeliveryState.FAILED

    @property
    def is_trouble(self) -> bool:
        """A person should do something about it."""
        return self.is_question or self.is_failed


def tick_of(spoken: Spoken, *, now: datetime) -> Tick | None:
    """The tick of a message that has a way out."""
    if not spoken.delivery_state:
        return None
    state = DeliveryState(spoken.delivery_state)
    words = _words(state, spoken, now)
    refused = tuple(sorted(spoken.refused.items()))
    error = explain(spoken.error or "")
    return Tick(spoken.id, state.value, SIGNS[state], words, error, refused)


def ticks_apart(spoken: Spoken, *, now: datetime) -> list[Tick]:
    """The ticks of those recipients who were put off while others were taken."""
    ticks = []
    for apart in spoken.apart:
        state = DeliveryState(apart.state)
        words = gettext("trying again")
        if state != DeliveryState.QUEUED:
            words = str(WORDS[state]).format(when=say_moment(apart.changed_at, now=now))
        error = explain(apart.error)
        ticks.append(
            Tick(spoken.id, state.value, SIGNS[state], words, error, only_to=apart.only_to)
        )
    return ticks


def _words(state: DeliveryState, spoken: Spoken, now: datetime) -> str:
    if state == DeliveryState.QUEUED and spoken.due_at:
        if (spoken.due_at - now).total_seconds() > 60:
            return gettext("goes out {when}").format(when=say_moment(spoken.due_at, now=now))
        return gettext("trying again") if spoken.error else gettext("sending")
    when = say_moment(spoken.changed_at, now=now) if spoken.changed_at else ""
    return str(WORDS[state]).format(when=when)
