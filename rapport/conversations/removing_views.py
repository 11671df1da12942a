"""Removing views: one leaves the side, and comes back where that was a mistake."""

from __future__ import annotations

from django.db import transaction

from rapport.conversations.events import ViewRemoved, ViewRestored
from rapport.conversations.keeping_views import about, check_keeper, check_may_keep
from rapport.conversations.models import SavedView
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def remove_view(view: SavedView, *, by: Actor) -> bool:
    """Remove it for all who have it; twice is once. Raises NotAllowed."""
    with transaction.atomic():
        fresh = _locked(view, by=by)
        if fresh.ended_at is not None:
            return False
        SavedView.objects.filter(pk=fresh.pk).update(**SavedView.ended_now(by))
        journal.record(ViewRemoved(by=by, **about(fresh)))
    return True


def restore_view(view: SavedView, *, by: Actor) -> bool:
    """Undo its removal; it stands where it stood. Raises NotAllowed."""
    with transaction.atomic():
        fresh = _locked(view, by=by)
        if fresh.ended_at is None:
            return False
        back = {"ended_at": None, "ended_by_kind": "", "ended_by_id": None, "ended_by_name": ""}
        SavedView.objects.filter(pk=fresh.pk).update(**back)
        journal.record(ViewRestored(by=by, **about(fresh)))
    return True


def _locked(view: SavedView, *, by: Actor) -> SavedView:
    agent = check_keeper(by)
    fresh: SavedView = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    check_may_keep(agent, owner=fresh.owner, team=fresh.team)
    return fresh
