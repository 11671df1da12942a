"""Reopening: a solved matter is not done after all."""

from __future__ import annotations

from rapport.conversations.events import ConversationReopened
from rapport.conversations.locking import check_not_merged, locked
from rapport.conversations.models import Conversation, Solution, State
from rapport.conversations.reckoning import reckon
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def reopen_conversation(
    conversation: Conversation, *, by: Actor, reason: str = "agent"
) -> Solution | None:
    """End its solution; returns it, or None where nothing was solved. Raises MergedAway.

    `reason` is "agent", "undo" or "customer". Whoever was waiting before an agent's mistake waits again.
    """
    with locked(conversation, by=by) as fresh:
        check_not_merged(fresh)
        solution: Solution | None = fresh.solutions.standing().first()
        if fresh.state != State.SOLVED:
            return None
        end_solution(fresh, by=by, reason=reason)
        reckon(fresh)
    return solution


def end_solution(fresh: Conversation, *, by: Actor, reason: str) -> None:
    """The part for those who hold the lock: open it and record it; the tally is left to the caller.

    A customer's message that reopens is `by` that customer, so that only messages after the solution count
    as waiting.
    """
    fresh.solutions.standing().update(**Solution.ended_now(by))
    fresh.state = State.OPEN
    fresh.save(update_fields=["state"])
    journal.record(
        ConversationReopened(by=by, conversation=fresh.pk, team=fresh.team_id or 0, reason=reason)
    )
