"""Joining: a guess that two conversations are one is taken up or turned down by a person."""

from __future__ import annotations

from rapport.conversations.events import JoinDeclined
from rapport.conversations.locking import locked
from rapport.conversations.merging import landing_of, merge_conversations
from rapport.conversations.models import JoinProposal, Merge
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def accept_join(
    proposal: JoinProposal, *, by: Actor, across_customers: bool = False
) -> Merge | None:
    """Merge the conversation into the one that it may belong to; None where they are one already.

    Raises DifferentCustomers unless joining across customers is meant; NotMergeable, NotAllowed.
    """
    conversation, other = proposal.conversation, landing_of(proposal.other)
    if landing_of(conversation).pk == other.pk:
        return None
    return merge_conversations(conversation, into=other, by=by, across_customers=across_customers)


def decline_join(proposal: JoinProposal, *, by: Actor) -> None:
    """They stay apart, and nobody is asked again. Turning it down twice is once."""
    with locked(proposal.conversation, by=by) as fresh:
        waiting = JoinProposal.objects.standing().filter(pk=proposal.pk)
        if waiting.update(outcome="declined", **JoinProposal.ended_now(by)):
            journal.record(
                JoinDeclined(
                    by=by,
                    conversation=fresh.pk,
                    team=fresh.team_id or 0,
                    other=proposal.other_id,
                )
            )
    proposal.refresh_from_db()
