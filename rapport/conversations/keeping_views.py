"""Keeping views: a filter gets a name and a place at the side, for oneself, a team or all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import NotAllowed, team_ids
from rapport.conversations.events import ViewChanged, ViewKept
from rapport.conversations.locking import Refusal
from rapport.conversations.models import SavedView, ViewOrder, ViewPart
from rapport.conversations.models.saved_view import ICONS
from rapport.conversations.settling_names import settle_names
from rapport.conversations.stating_conditions import Condition
from rapport.conversations.wording_filters import read_filter, write_filter
from rapport.kernel import journal
from rapport.kernel.actors import Actor

MOST_VIEWS, LONGEST_TITLE = 100, 60
_AT_WORK = {"open", "snoozed"}


class BadView(Refusal):
    """A view that cannot be kept so; the text says why."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Draft:
    """What a view is to be: a `team`'s, everybody's (`for_all`), or else the keeper's own."""

    title: str
    query: str
    icon: str = "eye"
    order: str = ViewOrder.NEWEST
    hidden: Collection[str] = ()
    team: Team | None = None
    for_all: bool = False


def keep_view(draft: Draft, *, by: Actor) -> SavedView:
    """Keep a new view, last among its like. Raises BadView, BadFilter, NotAllowed."""
    fields = checked(draft)
    with transaction.atomic():
        agent = check_keeper(by)
        audience = _audience(draft, agent)
        check_may_keep(agent, **audience)
        alike = SavedView.objects.standing().filter(**audience)
        if alike.count() >= MOST_VIEWS:
            raise BadView(_("A hundred views are the most. Remove one that nobody opens."))
        last = alike.order_by("-place").values_list("place", flat=True).first()
        view: SavedView = SavedView.objects.create(
            **fields, **audience, place=(last or 0) + 1, **SavedView.done_by(by)
        )
        journal.record(ViewKept(by=by, title=view.title, **about(view)))
    return view


def change_view(view: SavedView, draft: Draft, *, by: Actor) -> SavedView:
    """Let it be what the draft says; the same again changes nothing. Raises as `keep_view` does."""
    fields = checked(draft)
    with transaction.atomic():
        agent = check_keeper(by)
        fresh = SavedView.objects.select_for_update(of=("self",)).standing().get(pk=view.pk)
        check_may_keep(agent, owner=fresh.owner, team=fresh.team)
        wanted = fields | _audience(draft, fresh.owner or agent)
        check_may_keep(agent, owner=wanted["owner"], team=wanted["team"])
        changed = [name for name, value in wanted.items() if getattr(fresh, name) != value]
        if changed:
            before = about(fresh)
            for name in changed:
                setattr(fresh, name, wanted[name])
            fresh.save(update_fields=changed)
            told = tuple(sorted(changed))
            journal.record(ViewChanged(by=by, changed=told, **about(fresh)))
            if before != about(fresh):  # those who had it hear of it, too
                journal.record(ViewChanged(by=by, changed=told, **before))
    return fresh  # type: ignore[no-any-return]


def check_keeper(by: Actor) -> Agent:
    """The agent who acts, read afresh. Raises NotAllowed for anybody else and for who may see nothing."""
    agent = Agent.objects.filter(pk=by.id or 0).first() if by.kind == "agent" else None
    if agent is None or not agent.may_see:
        raise NotAllowed(NotAllowed.__doc__)
    return agent


def check_may_keep(agent: Agent, *, owner: Agent | None, team: Team | None) -> None:
    """Raise NotAllowed unless views of this audience are the agent's to change.

    One's own are; a team's are its members' and the leads'; everybody's are the leads'.
    """
    if owner is not None:
        is_theirs = owner.pk == agent.pk
    elif team is not None:
        is_theirs = agent.is_lead or (agent.may_work and team.pk in team_ids(agent))
    else:
        is_theirs = agent.is_lead
    if not is_theirs:
        raise NotAllowed(NotAllowed.__doc__)


def about(view: SavedView) -> dict[str, Any]:
    """What every event of a view says."""
    return {"view": view.pk, "owner": view.owner_id or 0, "team": view.team_id or 0}


def checked(draft: Draft) -> dict[str, Any]:
    """The columns of a view that can be kept. Raises BadView, BadFilter."""
    title = " ".join(draft.title.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise BadView(_("Give it a name of at most 60 characters."))
    asked = settle_names(read_filter(draft.query))
    if asked.words:
        raise BadView(
            _("A view has conditions, not words to look for. Write subject:word, or take it out.")
        )
    if not asked.conditions:
        raise BadView(_("Say what stands in this view: one condition at least."))
    if draft.order not in ViewOrder.values:
        raise BadView(_("Choose an order."))
    _check_order(draft.order, asked.conditions)
    return {
        "title": title,
        "query": write_filter(asked.conditions),
        "icon": draft.icon if draft.icon in ICONS else "eye",
        "order": str(draft.order),
        "hidden": [part for part in ViewPart.values if part in set(draft.hidden)],
    }


def _check_order(order: str, conditions: Collection[Condition]) -> None:
    """The history has no order of priority or of waiting; only what is at work does."""
    if order not in (ViewOrder.PRIORITY, ViewOrder.WAITING):
        return
    states = {c.value for c in conditions if c.field == "state" and not c.is_negated}
    waits = any(c.value == "unanswered" or c.field == "waiting" for c in conditions)
    wanted = _AT_WORK if order == ViewOrder.PRIORITY else {"open"}
    if (states or not waits) and not (states and states <= wanted):
        raise BadView(_("This order is for what is open: add the condition is:open."))


def _audience(draft: Draft, owner: Agent) -> dict[str, Any]:
    is_shared = draft.for_all or draft.team is not None
    return {
        "owner": None if is_shared else owner,
        "team": None if draft.for_all else draft.team,
    }
