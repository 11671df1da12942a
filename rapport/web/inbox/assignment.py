"""The assignment of a conversation: who takes care of it, and in which team's list it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from rapport.accounts.models import Agent, Role, Team
from rapport.conversations.assigning import (
    assign_to_agent,
    assign_to_team,
    claim_conversation,
    unassign_agent,
    unassign_team,
)
from rapport.conversations.models import Conversation
from rapport.web.inbox.acting import act
from rapport.web.inbox.loading import conversation_for
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.verbs import SignedIn, verbs

WORKING = (Role.ADMIN, Role.LEAD, Role.AGENT)


def show(request: SignedIn, number: int) -> HttpResponse:
    """Whom it can be given to."""
    conversation = conversation_for(request, number)
    agents = Agent.objects.filter(is_active=True, role__in=WORKING).order_by("name", "id")
    context: dict[str, Any] = {
        "conversation": conversation,
        "agents": agents,
        "teams": Team.objects.order_by("name", "id"),
        "query": request.GET.urlencode(),
    }
    if is_partial(request):
        return fragments(request, Fragment("inbox/assignment/_choices.html", context))
    return render(request, "inbox/assignment/show.html", context)


def create(request: SignedIn, number: int) -> HttpResponse:
    """Give it to an agent or a team, or take it."""
    conversation = conversation_for(request, number)
    by = request.user.actor
    if agent_id := request.POST.get("agent"):
        agent = get_object_or_404(Agent, pk=_number(agent_id))
        said = gettext("Given to {name}").format(name=agent.name)
        return _given(
            request, conversation, lambda: assign_to_agent(conversation, agent, by=by), said
        )
    if team_id := request.POST.get("team"):
        team = get_object_or_404(Team, pk=_number(team_id))
        said = gettext("Given to the team {name}").format(name=team.name)
        return _given(
            request, conversation, lambda: assign_to_team(conversation, team, by=by), said
        )
    return _claimed(request, conversation)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take it from its agent, or out of its team's list."""
    conversation = conversation_for(request, number)
    release = unassign_team if request.POST.get("what") == "team" else unassign_agent
    return act(request, conversation, lambda: release(conversation, by=request.user.actor))


def _claimed(request: SignedIn, conversation: Conversation) -> HttpResponse:
    """It is the reader's now, with the way back; or somebody was faster, and it is said who."""
    is_mine = conversation.assignee_id == request.user.pk
    return act(
        request,
        conversation,
        lambda: claim_conversation(conversation, by=request.user.actor),
        said="" if is_mine else gettext("It is yours now"),
        undo="assignment",
        fields={"what": "agent"},
    )


def _given(request: SignedIn, conversation: Conversation, do: Any, said: str) -> HttpResponse:
    """With the way back to whoever had it before."""
    before_agent, before_team = conversation.assignee_id, conversation.team_id
    fields, method = {"what": "agent"}, "delete"
    if "team" in request.POST:
        fields = {"team": str(before_team)} if before_team else {"what": "team"}
        method = "post" if before_team else "delete"
    elif before_agent:
        fields, method = {"agent": str(before_agent)}, "post"
    return act(
        request, conversation, do, said=said, undo="assignment", method=method, fields=fields
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


assignment = verbs(get=show, post=create, delete=destroy)
