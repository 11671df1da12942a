"""Unmerging: two conversations were two matters after all. What came meanwhile finds its home."""

from __future__ import annotations

from rapport.conversations.belonging import add_participants, drop_strangers
from rapport.conversations.events import ConversationUnmerged
from rapport.conversations.locking import MergedAway, locked_pair
from rapport.conversations.merging import landing_of, merge_news
from rapport.conversations.models import (
    Conversation,
    Direction,
    Follow,
    Merge,
    Message,
    MessageKind,
    Participant,
    State,
    Tagging,
)
from rapport.conversations.reckoning import reckon
from rapport.conversations.reopening import end_solution
from rapport.conversations.resting import restore_rest
from rapport.conversations.snoozing import end_snooze
from rapport.conversations.transferring import transfer_messages
from rapport.customers.models import Customer
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def undo_merge(merge: Merge, *, by: Actor) -> Conversation:
    """Let `source` be itself again, with its messages, the answers to them, and what came to it meanwhile.

    The target is what it was again. Undone twice is once. Returns the source. Raises MergedAway where the
    target is being merged at this very moment.
    """
    source = merge.source
    with locked_pair(source, landing_of(merge.target), by=by) as (returning, target):
        merge.refresh_from_db()
        if merge.ended_at is not None:
            return returning
        if target.state == State.MERGED:
            raise MergedAway(target.merged_into)
        back = [*merge.moved["messages"], *_came_meanwhile(merge, target)]
        back = transfer_messages(back, source=target, target=returning)
        _take_back(merge, target, back, by=by)
        returning.state, returning.merged_into = merge.moved["state"], None
        returning.save(update_fields=["state", "merged_into"])
        _welcome(returning, merge, back)
        Merge.objects.filter(pk=merge.pk).update(**Merge.ended_now(by))
        merge.refresh_from_db()
        journal.record(merge_news(ConversationUnmerged, returning, target, by=by))
    return returning


def _came_meanwhile(merge: Merge, target: Conversation) -> list[int]:
    """What came to the source or answered something of it since; notes about both stay with the target.

    `why` of an arrival names the proof by which it was threaded: a conversation's token or a message's id.
    """
    family = {str(number) for number in _family(merge.source)}
    moved = Message.objects.filter(pk__in=merge.moved["messages"])
    ours = dict(moved.values_list("pk", "external_id"))
    since = target.messages.filter(pk__gt=merge.moved["newest"]).exclude(pk__in=list(ours))
    rows = since.order_by("pk").values_list("pk", "external_id", "in_reply_to_id", "why")
    came = []
    for number, external_id, answered, why in rows:
        proof = why.get("proof") or None
        by_token = why.get("thread") == "token" and proof in family
        by_id = why.get("thread") != "token" and proof in ours.values()
        if by_token or by_id or answered in ours:
            ours[number] = external_id
            came.append(number)
    return came


def _family(source: Conversation) -> set[int]:
    """The source and all that had been merged into it."""
    found, edge = {source.pk}, [source.pk]
    while edge:
        rows = Conversation.objects.filter(merged_into__in=edge).exclude(pk__in=found)
        edge = list(rows.values_list("pk", flat=True))
        found |= set(edge)
    return found


def _take_back(merge: Merge, target: Conversation, back: list[int], *, by: Actor) -> None:
    """The target is what it was before, with what is its own since."""
    moved = merge.moved
    Tagging.objects.filter(pk__in=moved["tags"]).delete()
    Follow.objects.filter(pk__in=moved["follows"]).delete()
    Conversation.objects.filter(pk__in=moved.get("sides", ())).update(beside=merge.source)
    added = target.participants.filter(added_at__gte=merge.at).values_list("customer_id", flat=True)
    writers = Message.objects.filter(pk__in=back).values_list("customer_id", flat=True)
    drop_strangers(target, set(added) & set(writers) | _customers_in(moved["participants"]))
    if target.pk == merge.target_id:
        restore_rest(target, moved.get("rest"), by=by)
    else:
        drop_strangers(merge.target, _customers_in(moved["participants"]))
    reckon(target)


def _customers_in(participants: list[int]) -> set[int]:
    rows = Participant.objects.filter(pk__in=participants)
    return set(rows.values_list("customer_id", flat=True))


def _welcome(returning: Conversation, merge: Merge, back: list[int]) -> None:
    """What came meanwhile does in its own conversation what it would have done there."""
    new = Message.objects.filter(pk__in=set(back) - set(merge.moved["messages"]))
    add_participants(returning, new.values_list("customer_id", flat=True))
    human = new.filter(direction=Direction.IN, kind=MessageKind.HUMAN).order_by("-pk").first()
    if human is not None:
        writer = Customer.objects.get(pk=human.customer_id or returning.customer_id).actor
        if returning.state == State.SOLVED:
            end_solution(returning, by=writer, reason="customer")
        elif returning.state == State.SNOOZED:
            end_snooze(returning, by=writer, reason="customer")
    reckon(returning)
