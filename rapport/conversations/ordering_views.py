"""Ordering views: which stands above which at the side."""

from __future__ import annotations

from django.db import transaction

from rapport.conversations.events import ViewPlaced
from rapport.conversations.keeping_views import about, check_keeper, check_may_keep
from rapport.conversations.models import SavedView
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def place_view(view: SavedView, *, before: SavedView | None, by: Actor) -> bool:
    """Put it right before another of its like, or last; False where it stands there. Raises NotAllowed."""
    with transaction.atomic():
        agent = check_keeper(by)
        alike = SavedView.objects.standing().filter(owner=view.owner, team=view.team)
        rows = list(alike.select_for_update(of=("self",)).order_by("pk"))
        rows.sort(key=lambda row: (row.place, row.pk))
        moved = next((row for row in rows if row.pk == view.pk), None)
        if moved is None:
            return False
        check_may_keep(agent, owner=moved.owner, team=moved.team)
        others = [row for row in rows if row.pk != view.pk]
        places = [row.pk for row in others]
        at = places.index(before.pk) if before and before.pk in places else len(others)
        wanted = [*others[:at], moved, *others[at:]]
        if wanted == rows:
            return False
        for place, row in enumerate(wanted, 1):
            if row.place != place:
                SavedView.objects.filter(pk=row.pk).update(place=place)
        after = wanted[at + 1].pk if at + 1 < len(wanted) else None
        journal.record(ViewPlaced(by=by, before=after, **about(moved)))
    return True
