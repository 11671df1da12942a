"""Marking read: each agent has a mark in each conversation, and what came after it is unread by them.

A glance is one upsert, and only where there is news. It is one row of the journal, too, kept for a few days:
the agent's other pages hear of it by their stream and catch up after a sleep, as with all else. Nobody else's page
is touched by it, and no timeline tells it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from rapport.conversations.access import NotAllowed, check_may_see
from rapport.conversations.events import ConversationMarkedUnread, ConversationRead
from rapport.conversations.models import Conversation, Direction, ReadMark
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

#: Whether the conversation `c` holds what the agent `me` has not read, for hand-written statements.
UNREAD = """coalesce(c.last_message_id, 0) > coalesce(
    (SELECT r.message_id FROM conversations_readmark r
     WHERE r.conversation_id = c.id AND r.agent_id = %(me)s),
    CASE WHEN c.state IN ('open', 'snoozed') THEN 0 ELSE c.last_message_id END)"""
#: Forward only, and never beyond what there is; nothing comes back where nothing moved.
MOVE = """
INSERT INTO conversations_readmark (conversation_id, agent_id, message_id, at)
SELECT c.id, %(me)s, least(%(up_to)s, c.last_message_id), %(at)s FROM conversations_conversation c
WHERE c.id = %(conversation)s AND c.last_message_id IS NOT NULL
ON CONFLICT (conversation_id, agent_id) DO UPDATE SET message_id = excluded.message_id, at = excluded.at
WHERE conversations_readmark.message_id < excluded.message_id
RETURNING message_id
"""


def mark_read(conversation: Conversation, *, by: Actor, up_to: int) -> bool:
    """The agent `by` has read up to this message; False where that was so. Raises NotAllowed.

    It only moves forward: a page that is behind takes nothing back.
    """
    me = _agent_id(by)
    with transaction.atomic():
        check_may_see(by, conversation)
        moved = move_mark(conversation.pk, agent=me, up_to=up_to)
        if moved is None:
            return False
        journal.record(ConversationRead(by=by, agent=me, conversation=conversation.pk, up_to=moved))
    return True


def mark_unread(conversation: Conversation, *, by: Actor) -> bool:
    """It is to be read again, from the newest message that the agent `by` did not write; False where it was.

    Raises NotAllowed.
    """
    me = _agent_id(by)
    with transaction.atomic():
        check_may_see(by, conversation)
        newest = _newest_of_others(conversation, me)
        if newest == 0 or is_unread(conversation, by=by):
            return False
        ReadMark.objects.update_or_create(
            conversation=conversation,
            agent_id=me,
            defaults={"message_id": newest - 1, "at": clock.now()},
        )
        journal.record(ConversationMarkedUnread(by=by, agent=me, conversation=conversation.pk))
    return True


def put_mark_back(conversation: Conversation, *, by: Actor, to: int | None) -> None:
    """The mark of the agent `by` stands again where it stood before; None for none. Raises NotAllowed."""
    me = _agent_id(by)
    with transaction.atomic():
        check_may_see(by, conversation)
        mine = ReadMark.objects.filter(conversation=conversation, agent_id=me)
        if to is None:
            mine.delete()
        else:
            mine.update(message_id=to, at=clock.now())
        journal.record(ConversationMarkedUnread(by=by, agent=me, conversation=conversation.pk))


def move_mark(conversation: int, *, agent: int, up_to: int) -> int | None:
    """The part for those who write in it anyway: where the mark stands now, None where it did not move."""
    values: dict[str, Any] = {
        "conversation": conversation,
        "me": agent,
        "up_to": up_to,
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
        found = cursor.fetchone()
    return int(found[0]) if found else None


def is_unread(conversation: Conversation, *, by: Actor) -> bool:
    """Whether it holds something that the agent has not read."""
    mark = ReadMark.objects.filter(conversation=conversation, agent_id=by.id or 0).first()
    floor = conversation.last_message_id if conversation.is_at_rest else 0
    return (conversation.last_message_id or 0) > ((mark.message_id if mark else floor) or 0)


def _newest_of_others(conversation: Conversation, me: int) -> int:
    """The id of the newest message that somebody else wrote, a customer's before a colleague's; 0 for none."""
    others = conversation.messages.filter(withdrawn_at=None).filter(
        ~Q(agent_id=me) | Q(agent_id=None)
    )
    heard = others.filter(direction=Direction.IN).aggregate(newest=Max("pk"))["newest"]
    return int(heard or others.aggregate(newest=Max("pk"))["newest"] or 0)


def _agent_id(by: Actor) -> int:
    if by.kind != "agent" or by.id is None:
        raise NotAllowed(NotAllowed.__doc__)
    return by.id
