"""Solving: the matter is done, until somebody says otherwise."""

from __future__ import annotations

from rapport.conversations.events import ConversationSolved
from rapport.conversations.locking import locked
from rapport.conversations.models import Conversation, Snooze, Solution, State
from rapport.kernel import journal
from rapport.kernel.actors import Actor


class NotSolvable(Exception):
    """Spam and merged conversations cannot be solved; take the mark off or undo the merge first."""


def solve_conversation(conversation: Conversation, *, by: Actor) -> Solution:
    """Solve it and end its snooze; solving twice is one solution. Raises NotSolvable."""
    with locked(conversation, by=by) as fresh:
        standing: Solution | None = fresh.solutions.standing().first()
        if fresh.state == State.SOLVED and standing:
            return standing
        if fresh.state in (State.SPAM, State.MERGED):
            raise NotSolvable(NotSolvable.__doc__)
        solution = Solution.objects.create(conversation=fresh, **Solution.done_by(by))
        fresh.state, fresh.waiting_since = State.SOLVED, None
        fresh.save(update_fields=["state", "waiting_since"])
        fresh.snoozes.standing().update(**Snooze.ended_now(by))
        journal.record(ConversationSolved(by=by, conversation=fresh.pk, team=fresh.team_id or 0))
    return solution
