"""Watching: an agent wants to hear what happens in a conversation."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.models import Agent
from rapport.conversations.access import NotAllowed, check_may_see, check_may_work
from rapport.conversations.events import ConversationFollowed, ConversationUnfollowed
from rapport.conversations.models import Conversation, Follow
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def watch_conversation(conversation: Conversation, *, agent: Agent, by: Actor) -> Follow:
    """Let `agent` watch it; twice is once. Raises NotAllowed unless the agent may read it.

    Whoever may read may watch; to let somebody else watch one must be able to work on it.
    """
    with transaction.atomic():
        fresh = _checked(conversation, agent=agent, by=by)
        check_may_see(agent.actor, fresh)
        follow, made = Follow.objects.get_or_create(
            conversation=fresh, agent=agent, defaults=Follow.done_by(by)
        )
        if made:
            journal.record(
                ConversationFollowed(
                    by=by, conversation=fresh.pk, team=fresh.team_id or 0, agent=agent.pk
                )
            )
    return follow


def unwatch_conversation(conversation: Conversation, *, agent: Agent, by: Actor) -> bool:
    """Let `agent` watch no longer, also where it may not be read any more; False where it was not watched."""
    with transaction.atomic():
        fresh = _checked(conversation, agent=agent, by=by)
        if not Follow.objects.filter(conversation=fresh, agent=agent).delete()[0]:
            return False
        journal.record(
            ConversationUnfollowed(
                by=by, conversation=fresh.pk, team=fresh.team_id or 0, agent=agent.pk
            )
        )
    return True


def _checked(conversation: Conversation, *, agent: Agent, by: Actor) -> Conversation:
    fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
    if by.kind == "customer":
        raise NotAllowed(NotAllowed.__doc__)
    if not (by.kind == "agent" and by.id == agent.pk):
        check_may_work(by, fresh)
    return fresh
