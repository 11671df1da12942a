"""Health: what needs somebody, and what does not; each with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.channels.models import Delivery, DeliveryState, Envelope, EnvelopeState
from rapport.kernel.checks import check_all, check_clock, check_database, check_disk
from rapport.kernel.journal.following import FOLLOWERS, read_after, rebuild
from rapport.kernel.journal.models import Cursor, Stumble
from rapport.kernel.journal.positions import START
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.faring import fares

#: Troubled deliveries that are listed; the rest is a number.
LISTED = 20
JOBS = """
SELECT count(*) FILTER (WHERE status = 'todo'
         AND coalesce(scheduled_at, 'epoch') < now() - interval '2 minutes'),
       count(*) FILTER (WHERE status = 'failed'),
       (SELECT count(*) FROM procrastinate_workers
        WHERE last_heartbeat > now() - interval '1 minute')
FROM procrastinate_jobs
"""


@dataclass(frozen=True, slots=True)
class FollowerState:
    """A reader of the journal: since when something waits for it, its error, what it set aside."""

    name: str
    waits_since: datetime | None
    error: str
    aside: int

    @property
    def is_well(self) -> bool:
        return not self.error and not self.aside


def show(request: SignedIn) -> HttpResponse:
    """The page."""
    troubled = Delivery.objects.filter(state__in=[DeliveryState.FAILED, DeliveryState.UNKNOWN])
    context = {
        "findings": list(check_all([check_database, check_disk, check_clock])),
        "followers": follower_states(),
        "parked": Envelope.objects.filter(state=EnvelopeState.PARKED).count(),
        "oldest_waiting": _oldest_waiting(),
        "jobs": _jobs(),
        "fares": [fare for fare in fares() if fare.verdict != "off"],
        "troubled": troubled.select_related("message__conversation", "channel").order_by("-id")[
            :LISTED
        ],
        "troubled_count": troubled.count(),
    }
    return pages.show(request, "health/show", context)


def follower_states() -> list[FollowerState]:
    """Every follower by name."""
    cursors = {cursor.name: cursor for cursor in Cursor.objects.all()}
    aside: dict[str, int] = {}
    for name in Stumble.objects.values_list("follower", flat=True):
        aside[name] = aside.get(name, 0) + 1
    states = []
    for name in sorted(FOLLOWERS):
        cursor = cursors.get(name)
        waiting = read_after(cursor.position if cursor else START, limit=1)
        since = waiting[0].recorded_at if waiting else None
        error = cursor.error if cursor and cursor.failures else ""
        states.append(FollowerState(name, since, error, aside.get(name, 0)))
    return states


def start_over(request: SignedIn, name: str) -> HttpResponse:
    """Let a follower read the journal again from row one."""
    if name not in FOLLOWERS:
        raise Http404
    rebuild(name)
    flash(request, _("“{name}” reads everything again from the beginning.").format(name=name))
    return HttpResponseRedirect(reverse("settings:health"))


def _oldest_waiting() -> datetime | None:
    waiting = Envelope.objects.filter(state=EnvelopeState.WAITING).order_by("id")
    return waiting.values_list("received_at", flat=True).first()


def _jobs() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        overdue, failed, workers = cursor.fetchone()
    return {"overdue": overdue, "failed": failed, "workers": workers}


health = for_admins(get=show)
follower = for_admins(post=start_over)
