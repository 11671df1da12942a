"""Resting: what sleeps or is solved is stirred by something that needs somebody, and may lie down again."""

from __future__ import annotations

from typing import Any

from rapport.conversations.events import ConversationSnoozed, ConversationSolved
from rapport.conversations.models import Conversation, Snooze, Solution, State
from rapport.conversations.reopening import end_solution
from rapport.conversations.snoozing import end_snooze
from rapport.kernel import journal
from rapport.kernel.actors import Actor

STANDING = {"ended_at": None, "ended_by_kind": "", "ended_by_id": None, "ended_by_name": ""}


def stir(fresh: Conversation, *, by: Actor, reason: str) -> dict[str, Any] | None:
    """Open a locked conversation that sleeps or is solved; returns what `restore_rest` needs.

    A snooze keeps its row, so that the alarm can be set again.
    """
    if fresh.state == State.SOLVED:
        solution = fresh.solutions.standing().first()
        end_solution(fresh, by=by, reason=reason)
        return {"solution": solution.pk} if solution else None
    if fresh.state == State.SNOOZED:
        snooze = fresh.snoozes.standing().first()
        end_snooze(fresh, by=by, reason=reason)
        return {"snooze": snooze.pk} if snooze else None
    return None


def restore_rest(fresh: Conversation, rest: dict[str, Any] | None, *, by: Actor) -> None:
    """Let it lie down again as before `stir`, unless somebody has done something with it since."""
    if not rest or fresh.state != State.OPEN:
        return
    if "solution" in rest:
        _restore_solution(fresh, rest["solution"], by=by)
    else:
        _restore_snooze(fresh, rest["snooze"], by=by)


def _restore_solution(fresh: Conversation, number: int, *, by: Actor) -> None:
    newest = fresh.solutions.order_by("-pk").first()
    if newest is None or newest.pk != number or _was_spoken_in(fresh, newest.last_message_id):
        return
    Solution.objects.filter(pk=number).update(**STANDING)
    fresh.state = State.SOLVED
    fresh.save(update_fields=["state"])
    journal.record(ConversationSolved(by=by, conversation=fresh.pk, team=fresh.team_id or 0))


def _restore_snooze(fresh: Conversation, number: int, *, by: Actor) -> None:
    newest = fresh.snoozes.order_by("-pk").first()
    if newest is None or newest.pk != number:
        return
    Snooze.objects.filter(pk=number).update(**STANDING)
    fresh.state = State.SNOOZED
    fresh.save(update_fields=["state"])
    journal.record(
        ConversationSnoozed(
            by=by, conversation=fresh.pk, team=fresh.team_id or 0, until=newest.until.isoformat()
        )
    )


def _was_spoken_in(fresh: Conversation, known: int | None) -> bool:
    """Whether the customer has written in it since it was solved."""
    came = fresh.messages.filter(direction="in", kind="human", pk__gt=known or 0)
    return came.exists()
