"""Merging: two conversations were one matter. Unmerging undoes it at any time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.belonging import add_participants
from rapport.conversations.events import ConversationMerged, ConversationUnmerged
from rapport.conversations.locking import MergedAway, Refusal, locked_pair
from rapport.conversations.models import (
    Conversation,
    Follow,
    JoinProposal,
    Merge,
    State,
    Tagging,
)
from rapport.conversations.reckoning import reckon
from rapport.conversations.resting import stir
from rapport.conversations.transferring import transfer_messages
from rapport.kernel import journal
from rapport.kernel.actors import Actor


class NotMergeable(Refusal):
    """Spam, and a conversation with itself."""

    message = _("These two cannot be merged.")


class DifferentCustomers(Refusal):
    """Merging across customers must be meant: each may come to read the other's words in an answer."""

    message = _("These conversations belong to different customers.")


def merge_conversations(
    source: Conversation, *, into: Conversation, by: Actor, across_customers: bool = False
) -> Merge:
    """Put all of `source` into `into`; mail to `source` lands there from now on. Twice is once.

    Raises NotMergeable, DifferentCustomers, MergedAway (the target has gone into a third one).
    """
    with locked_pair(source, into, by=by) as (leaving, target):
        standing: Merge | None = leaving.merges_away.standing().filter(target=target).first()
        if standing:
            return standing
        _check_mergeable(leaving, target, across_customers=across_customers)
        moved = _move_all(leaving, target, by=by)
        merge = Merge.objects.create(
            source=leaving, target=target, moved=moved, **Merge.done_by(by)
        )
        leaving.state, leaving.merged_into = State.MERGED, target
        leaving.save(update_fields=["state", "merged_into"])
        _end_proposals(leaving, target, by=by)
        journal.record(merge_news(ConversationMerged, leaving, target, by=by))
    return merge


def landing_of(conversation: Conversation) -> Conversation:
    """Where mail to this conversation stands: itself, or what it was merged into, to the end of the chain."""
    here = Conversation.objects.get(pk=conversation.pk)
    while here.state == State.MERGED and here.merged_into is not None:
        here = here.merged_into
    return here


def _check_mergeable(
    leaving: Conversation, target: Conversation, *, across_customers: bool
) -> None:
    if leaving.pk == target.pk or {State.SPAM, State.SIDE} & {leaving.state, target.state}:
        raise NotMergeable
    for conversation in (leaving, target):
        if conversation.state == State.MERGED:
            raise MergedAway(conversation.merged_into)
    if leaving.customer_id != target.customer_id and not across_customers:
        raise DifferentCustomers


def _move_all(leaving: Conversation, target: Conversation, *, by: Actor) -> dict[str, Any]:
    """Move messages, copy who and what belongs to them; returns what the way back needs."""
    newest = max(leaving.last_message_id or 0, target.last_message_id or 0)
    people = leaving.participants.values_list("customer_id", flat=True)
    moved: dict[str, Any] = {
        "state": leaving.state,
        "newest": newest,
        "messages": transfer_messages(
            list(leaving.messages.values_list("pk", flat=True)), source=leaving, target=target
        ),
        "participants": add_participants(target, people),
        "tags": _copy_tags(leaving, target, by=by),
        "follows": _copy_follows(leaving, target, by=by),
        "sides": _bring_sides(leaving, target),
    }
    if leaving.state == State.OPEN:
        moved["rest"] = stir(target, by=by, reason="merge")
    reckon(target)
    return moved


def _copy_tags(leaving: Conversation, target: Conversation, *, by: Actor) -> list[int]:
    there = target.taggings.values_list("tag_id", flat=True)
    rows = [
        Tagging(conversation=target, tag_id=tagging.tag_id, **Tagging.done_by(by))
        for tagging in leaving.taggings.exclude(tag__in=list(there)).order_by("pk")
    ]
    return [row.pk for row in Tagging.objects.bulk_create(rows)]


def _bring_sides(leaving: Conversation, target: Conversation) -> list[int]:
    """What was asked aside is about the target from now on; its own people and tokens stay its own."""
    sides = list(leaving.sides.order_by("pk").values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=sides).update(beside=target)
    return sides


def _copy_follows(leaving: Conversation, target: Conversation, *, by: Actor) -> list[int]:
    there = target.follows.values_list("agent_id", flat=True)
    rows = [
        Follow(conversation=target, agent_id=follow.agent_id, **Follow.done_by(by))
        for follow in leaving.follows.exclude(agent__in=list(there)).order_by("pk")
    ]
    return [row.pk for row in Follow.objects.bulk_create(rows)]


def _end_proposals(leaving: Conversation, target: Conversation, *, by: Actor) -> None:
    pair = [leaving.pk, target.pk]
    JoinProposal.objects.standing().filter(conversation__in=pair, other__in=pair).update(
        outcome="joined", **JoinProposal.ended_now(by)
    )


def merge_news(
    kind: type[ConversationMerged] | type[ConversationUnmerged],
    source: Conversation,
    target: Conversation,
    *,
    by: Actor,
) -> ConversationMerged | ConversationUnmerged:
    """The news of a merge or of its undoing, heard on both conversations and in both lists."""
    return kind(
        by=by,
        conversation=source.pk,
        target=target.pk,
        team=source.team_id or 0,
        left_team=target.team_id or 0,
    )
