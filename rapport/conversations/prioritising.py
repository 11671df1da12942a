"""Prioritising: how pressing it is."""

from __future__ import annotations

from rapport.conversations.events import ConversationPrioritised
from rapport.conversations.locking import check_not_merged, locked
from rapport.conversations.models import Conversation, Priority
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def prioritise_conversation(conversation: Conversation, *, priority: int, by: Actor) -> Priority:
    """Set its priority (1 low … 4 urgent); the same again changes nothing. Raises ValueError, MergedAway."""
    wanted = Priority(priority)
    with locked(conversation, by=by) as fresh:
        check_not_merged(fresh)
        before = fresh.priority
        if before == wanted:
            return wanted
        fresh.priority = wanted
        fresh.save(update_fields=["priority"])
        journal.record(
            ConversationPrioritised(
                by=by,
                conversation=fresh.pk,
                team=fresh.team_id or 0,
                priority=int(wanted),
                before=before,
            )
        )
    return wanted
