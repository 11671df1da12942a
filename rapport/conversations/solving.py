"""Solving: the matter is done, until somebody says otherwise."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import ConversationSolved
from rapport.conversations.locking import Refusal, locked
from rapport.conversations.models import Conversation, Snooze, Solution, State
from rapport.kernel import journal
from rapport.kernel.actors import Actor


class NotSolvable(Refusal):
    """Spam and merged conversations cannot be solved."""

    message = _("Take the spam mark off, or undo the merge, before you solve it.")


def solve_conversation(conversation: Conversation, *, by: Actor) -> Solution:
    """Solve it and end its snooze; solving twice is one solution. Raises NotSolvable."""
    with locked(conversation, by=by) as fresh:
        standing: Solution | None = fresh.solutions.standing().first()
        if fresh.state == State.SOLVED and standing:
            return standing
        if fresh.state in (State.SPAM, State.MERGED):
            raise NotSolvable
        solution = Solution.objects.create(
            conversation=fresh, last_message_id=fresh.last_message_id, **Solution.done_by(by)
        )
        fresh.state, fresh.waiting_since = State.SOLVED, None
        fresh.save(update_fields=["state", "waiting_since"])
        fresh.snoozes.standing().update(**Snooze.ended_now(by))
        journal.record(ConversationSolved(by=by, conversation=fresh.pk, team=fresh.team_id or 0))
    return solution
