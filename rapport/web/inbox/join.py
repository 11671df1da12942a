"""A proposal to join two conversations: taken up or turned down."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from rapport.conversations.joining import accept_join, decline_join
from rapport.conversations.locking import Refusal
from rapport.conversations.models import JoinProposal
from rapport.web.inbox.acting import act, go_to, shown
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs


def _proposal_for(request: SignedIn, number: int) -> JoinProposal:
    proposal: JoinProposal = get_object_or_404(JoinProposal, pk=number)
    conversation_for(request, proposal.conversation_id)
    return proposal


def create(request: SignedIn, number: int) -> HttpResponse:
    """They are one matter."""
    proposal = _proposal_for(request, number)
    other = conversation_for(request, proposal.other_id)
    try:
        merge = accept_join(
            proposal, by=request.user.actor, across_customers=bool(request.POST.get("across"))
        )
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
        return shown(request, proposal.conversation)
    return go_to(request, merge.target if merge else other)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """They are not."""
    proposal = _proposal_for(request, number)
    return act(
        request, proposal.conversation, lambda: decline_join(proposal, by=request.user.actor)
    )


join = verbs(post=create, delete=destroy)
