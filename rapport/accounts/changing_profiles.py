"""Changing profiles: how somebody is called, in which language and zone they read, and what is comfortable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from rapport.accounts.access import check_self_or_admin
from rapport.accounts.events import ProfileChanged
from rapport.accounts.models import Agent
from rapport.kernel import journal
from rapport.kernel.actors import Actor

#: How the screens look and how they are worked with.
COMFORT = ("theme", "contrast", "motion", "density", "text_size", "has_single_keys")
FIELDS = ("name", "language", "time_zone", *COMFORT)


def change_profile(agent: Agent, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Change name, language, time zone or comfort; what is the same already is no news. Raises AdminsOnly."""
    with transaction.atomic():
        fresh = Agent.objects.select_for_update().get(pk=agent.pk)
        check_self_or_admin(by, fresh)
        wanted = {field: changes[field] for field in FIELDS if field in changes}
        changed = [field for field, value in wanted.items() if getattr(fresh, field) != value]
        for field in changed:
            setattr(fresh, field, wanted[field])
            setattr(agent, field, wanted[field])
        if changed:
            fresh.save(update_fields=changed)
            journal.record(ProfileChanged(by=by, agent=fresh.pk, changed=tuple(changed)))
