"""Snoozing: the conversation sleeps until a time, or until the customer writes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import ConversationSnoozed, ConversationWoken
from rapport.conversations.locking import Refusal, locked
from rapport.conversations.models import Conversation, Snooze, State
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor


class NotSnoozable(Refusal):
    """Only open conversations sleep."""

    message = _("Only an open conversation can be snoozed.")


class NotInFuture(Refusal):
    """A snooze ends in the future."""

    message = _("Choose a time that has not passed.")


def snooze_conversation(conversation: Conversation, *, until: datetime, by: Actor) -> Snooze:
    """Let it sleep until `until` (aware); another time replaces the first. Raises NotInFuture, NotSnoozable."""
    with locked(conversation, by=by) as fresh:
        standing: Snooze | None = fresh.snoozes.standing().first()
        if fresh.state == State.SNOOZED and standing and standing.until == until:
            return standing
        if fresh.state not in (State.OPEN, State.SNOOZED):
            raise NotSnoozable
        if until <= clock.now():
            raise NotInFuture
        fresh.snoozes.standing().update(**Snooze.ended_now(by))
        snooze = Snooze.objects.create(conversation=fresh, until=until, **Snooze.done_by(by))
        fresh.state = State.SNOOZED
        fresh.save(update_fields=["state"])
        journal.record(
            ConversationSnoozed(
                by=by, conversation=fresh.pk, team=fresh.team_id or 0, until=until.isoformat()
            )
        )
    return snooze


def wake_conversation(conversation: Conversation, *, by: Actor, reason: str = "agent") -> bool:
    """Wake it; False where it was awake. `reason` is "agent", "customer" or "time"."""
    with locked(conversation, by=by) as fresh:
        if fresh.state != State.SNOOZED:
            return False
        end_snooze(fresh, by=by, reason=reason)
    return True


def end_snooze(fresh: Conversation, *, by: Actor, reason: str) -> None:
    """The part for those who hold the lock, such as a customer's message that wakes."""
    fresh.snoozes.standing().update(**Snooze.ended_now(by))
    fresh.state = State.OPEN
    fresh.save(update_fields=["state"])
    journal.record(
        ConversationWoken(by=by, conversation=fresh.pk, team=fresh.team_id or 0, reason=reason)
    )


def wake_due(*, limit: int = 100) -> int:
    """Wake what is due, each in its own commit; returns how many. Many workers may call it at once."""
    due = Snooze.objects.standing().filter(
        until__lte=clock.now(), conversation__state=State.SNOOZED
    )
    ids = due.order_by("until").values_list("conversation_id", flat=True)[:limit]
    return sum(_wake_if_due(conversation_id) for conversation_id in list(ids))


def _wake_if_due(conversation_id: int) -> bool:
    with transaction.atomic():
        fresh = (
            Conversation.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=conversation_id, state=State.SNOOZED)
            .first()
        )
        # Asked again under the lock: somebody may have chosen a later time meanwhile.
        if fresh is None or not fresh.snoozes.standing().filter(until__lte=clock.now()).exists():
            return False
        end_snooze(fresh, by=Actor.system("snooze"), reason="time")
        return True
