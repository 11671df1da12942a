"""Moving: a message was put where it does not belong, and somebody puts it right."""

from __future__ import annotations

from rapport.conversations.belonging import add_participants
from rapport.conversations.events import MessageMoved
from rapport.conversations.locking import MergedAway, locked, locked_pair
from rapport.conversations.merging import DifferentCustomers, merge_conversations
from rapport.conversations.models import Conversation, Direction, Message, MessageKind, State
from rapport.conversations.resting import stir
from rapport.conversations.splitting import NothingToSplit, begin_beside, part
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor


def move_message(
    message: Message,
    *,
    by: Actor,
    into: Conversation | None = None,
    across_customers: bool = False,
) -> Conversation:
    """Put it into another conversation, or into a new one of its own; returns where it stands then.

    The only message of a conversation takes the whole conversation along (a merge, which can be undone), or
    stays where it is. Moving into somebody else's conversation must be meant: raises DifferentCustomers;
    also NothingToSplit (a note stays), MergedAway.
    """
    if into is None:
        return _move_out(message, by=by)
    if into.pk == message.conversation_id:
        return into
    if _is_alone(message):
        merge_conversations(
            message.conversation, into=into, by=by, across_customers=across_customers
        )
        return into
    with locked_pair(message.conversation, into, by=by) as (source, target):
        message.refresh_from_db()
        if message.conversation_id != source.pk:
            return message.conversation
        if target.state == State.MERGED:
            raise MergedAway(target.merged_into)
        writer = message.customer_id
        belongs = target.participants.filter(customer=writer).exists()
        if writer and not belongs and not across_customers:
            raise DifferentCustomers
        if message.direction == Direction.IN and message.kind == MessageKind.HUMAN:
            stir(target, by=by, reason="agent")
        add_participants(target, [writer])
        _settle(message, source, target, by=by)
    into.refresh_from_db()
    return into


def _move_out(message: Message, *, by: Actor) -> Conversation:
    with locked(message.conversation, by=by) as source:
        message.refresh_from_db()
        if message.direction == Direction.NOTE:
            raise NothingToSplit
        if message.conversation_id != source.pk or _is_alone(message):
            return message.conversation
        made = begin_beside(source, [message], subject="", by=by)
        _settle(message, source, made, by=by)
    made.refresh_from_db()
    return made


def _settle(message: Message, source: Conversation, target: Conversation, *, by: Actor) -> None:
    """Move it between two locked conversations, and let its detail view say who moved it and from where."""
    message.why = {
        **message.why,
        "moved": {"from": source.pk, "by": by.name, "at": clock.now().isoformat()},
    }
    message.save(update_fields=["why"])
    part(source, target, [message])
    message.refresh_from_db()
    journal.record(
        MessageMoved(
            by=by,
            conversation=target.pk,
            team=target.team_id or 0,
            left_team=source.team_id or 0,
            message=message.pk,
            source=source.pk,
        )
    )


def _is_alone(message: Message) -> bool:
    others = Message.objects.filter(conversation=message.conversation_id).exclude(pk=message.pk)
    return not others.exclude(direction=Direction.NOTE).exists()
