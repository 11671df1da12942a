"""Splitting: some of the messages are about another matter, and get a conversation of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.addressing import bare_subject
from rapport.conversations.belonging import (
    add_participants,
    drop_strangers,
    restore_participants,
)
from rapport.conversations.events import ConversationRejoined, ConversationSplit
from rapport.conversations.locking import Refusal, check_not_merged, locked, locked_pair
from rapport.conversations.models import Conversation, Direction, Message, Split, State
from rapport.conversations.opening import note_beginning
from rapport.conversations.reckoning import reckon
from rapport.conversations.transferring import transfer_messages
from rapport.kernel import journal
from rapport.kernel.actors import Actor


class NothingToSplit(Refusal):
    """None of the messages stands in this conversation."""

    message = _("Choose messages of this conversation.")


class NothingLeft(Refusal):
    """A conversation cannot lose all that was said in it."""

    message = _("At least one message has to stay.")


class CannotRejoin(Refusal):
    """One of the two has gone elsewhere since."""

    message = _("One of the two conversations was merged since. Undo that first.")


def split_conversation(
    conversation: Conversation, *, messages: Sequence[int], by: Actor, subject: str = ""
) -> Split:
    """Give these messages (ids) a new open conversation; the same again is the same split.

    It keeps team, assignee, priority and brand. Raises NothingToSplit, NothingLeft, MergedAway.
    """
    with locked(conversation, by=by) as fresh:
        check_not_merged(fresh)
        standing = _same_split(fresh, messages)
        if standing:
            return standing
        leaving = list(fresh.messages.filter(pk__in=messages).order_by("sent_at", "pk"))
        check_splittable(fresh, leaving)
        made = begin_beside(fresh, leaving, subject=subject, by=by)
        moved = part(fresh, made, leaving)
        split = Split.objects.create(source=fresh, made=made, moved=moved, **Split.done_by(by))
        journal.record(
            ConversationSplit(
                by=by,
                conversation=fresh.pk,
                team=fresh.team_id or 0,
                made=made.pk,
                messages=tuple(moved["messages"]),
            )
        )
    return split


def undo_split(split: Split, *, by: Actor) -> Conversation:
    """Bring the messages back, with what has come since; the other conversation leads here from now on.

    Undone twice is once. Returns the source. Raises CannotRejoin.
    """
    with locked_pair(split.source, split.made, by=by) as (source, made):
        split.refresh_from_db()
        if split.ended_at is not None:
            return source
        if State.MERGED in (source.state, made.state):
            raise CannotRejoin
        everything = list(made.messages.values_list("pk", flat=True))
        transfer_messages(everything, source=made, target=source)
        restore_participants(source, split.moved["dropped"])
        add_participants(source, _writers(set(everything) - set(split.moved["messages"])))
        made.state, made.merged_into = State.MERGED, source
        made.save(update_fields=["state", "merged_into"])
        reckon(source)
        Split.objects.filter(pk=split.pk).update(**Split.ended_now(by))
        split.refresh_from_db()
        journal.record(
            ConversationRejoined(
                by=by, conversation=source.pk, team=source.team_id or 0, made=made.pk
            )
        )
    return source


def check_splittable(fresh: Conversation, leaving: Sequence[Message]) -> None:
    """Raise NothingToSplit or NothingLeft: something public goes, something public stays."""
    public = [m for m in leaving if m.direction != Direction.NOTE]
    if not public:
        raise NothingToSplit
    staying = fresh.messages.exclude(pk__in=[m.pk for m in leaving])
    if not staying.exclude(direction=Direction.NOTE).exists():
        raise NothingLeft


def begin_beside(
    fresh: Conversation, leaving: Sequence[Message], *, subject: str, by: Actor
) -> Conversation:
    """A new conversation for messages that leave `fresh`, its customer the first who wrote one of them."""
    writer = next((m for m in leaving if m.direction == Direction.IN and m.customer_id), None)
    first = next(m for m in leaving if m.direction != Direction.NOTE)
    made = Conversation.objects.create(
        customer_id=(writer.customer_id if writer else None) or fresh.customer_id,
        subject=" ".join(subject.split()) or bare_subject(first.subject) or fresh.subject,
        brand=fresh.brand,
        channel_id=first.channel_id or fresh.channel_id,
        channel_kind=first.channel_kind or fresh.channel_kind,
        priority=fresh.priority,
        assignee=fresh.assignee,
        team=fresh.team,
        language=first.language or fresh.language,
        opened_at=first.sent_at,
    )
    note_beginning(made, by=by)
    return made


def part(fresh: Conversation, made: Conversation, leaving: Sequence[Message]) -> dict[str, Any]:
    """Move the messages; whoever has nothing to do with what stays belongs only to the new one."""
    moved = transfer_messages([m.pk for m in leaving], source=fresh, target=made)
    writers = {m.customer_id for m in leaving if m.customer_id is not None}
    add_participants(made, writers)
    dropped = drop_strangers(fresh, writers)
    reckon(fresh)
    reckon(made)
    return {"messages": moved, "dropped": dropped}


def _same_split(fresh: Conversation, messages: Sequence[int]) -> Split | None:
    wanted = sorted(set(messages))
    standing: list[Split] = list(fresh.splits.standing().order_by("-pk"))
    return next((split for split in standing if split.moved["messages"] == wanted), None)


def _writers(messages: set[int]) -> list[int | None]:
    return list(Message.objects.filter(pk__in=messages).values_list("customer_id", flat=True))
