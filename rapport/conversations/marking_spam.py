"""Marking spam: nobody need read this. What stood before stands again when the mark is taken off."""

from __future__ import annotations

from rapport.conversations.events import ConversationMarkedSpam, ConversationUnmarkedSpam
from rapport.conversations.locking import check_not_merged, locked
from rapport.conversations.models import Conversation, SpamMark, State
from rapport.conversations.reckoning import reckon
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def mark_spam(conversation: Conversation, *, by: Actor) -> SpamMark:
    """Put it away as spam; a snooze or solution waits beneath. Twice is once. Raises MergedAway."""
    with locked(conversation, by=by) as fresh:
        check_not_merged(fresh)
        standing: SpamMark | None = fresh.spam_marks.standing().first()
        if fresh.state == State.SPAM and standing:
            return standing
        mark = SpamMark.objects.create(conversation=fresh, **SpamMark.done_by(by))
        fresh.state, fresh.waiting_since = State.SPAM, None
        fresh.save(update_fields=["state", "waiting_since"])
        journal.record(
            ConversationMarkedSpam(by=by, conversation=fresh.pk, team=fresh.team_id or 0)
        )
    return mark


def unmark_spam(conversation: Conversation, *, by: Actor) -> bool:
    """It was no spam: it is what it was before, and whoever waited waits. False where there is no mark."""
    with locked(conversation, by=by) as fresh:
        if fresh.state != State.SPAM:
            return False
        fresh.spam_marks.standing().update(**SpamMark.ended_now(by))
        fresh.state = _state_beneath(fresh)
        fresh.save(update_fields=["state"])
        reckon(fresh)
        journal.record(
            ConversationUnmarkedSpam(by=by, conversation=fresh.pk, team=fresh.team_id or 0)
        )
    return True


def _state_beneath(fresh: Conversation) -> State:
    if fresh.snoozes.standing().exists():
        return State.SNOOZED
    if fresh.solutions.standing().exists():
        return State.SOLVED
    return State.OPEN
