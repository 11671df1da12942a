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
from rapport.kernel.journal.following import FOLLOWERS, read_after
from rapport.kernel.journal.models import Cursor, Stumble
from rapport.kernel.journal.positions import START
from rapport.kernel.journal.rereading import Rereading, rebuild, rereadings
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer
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
    """A reader of the journal: since when something waits for it, its error, what it set aside.

    `again` is how far it is where it reads everything once more.
    """

    name: str
    waits_since: datetime | None
    error: str
    aside: int
    again: Rereading | None = None

    @property
    def dom_id(self) -> str:
        """Its place on the page."""
        return f"follower_{self.name.replace('.', '_')}"

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
    states, going = [], rereadings()
    for name in sorted(FOLLOWERS):
        cursor = cursors.get(name)
        waiting = read_after(cursor.position if cursor else START, limit=1)
        since = waiting[0].recorded_at if waiting else None
        again = going.get(name)
        error = (cursor.error if cursor and cursor.failures else "") or (
            again.error if again else ""
        )
        states.append(FollowerState(name, since, error, aside.get(name, 0), again))
    return states


def start_over(request: SignedIn, name: str) -> HttpResponse:
    """Let a follower read the journal again from row one."""
    if name not in FOLLOWERS:
        raise Http404
    is_new = rebuild(name)
    begins = _("“{name}” reads everything again from the beginning.")
    goes_on = _("“{name}” is reading everything again already.")
    flash(request, (begins if is_new else goes_on).format(name=name))
    return HttpResponseRedirect(reverse("settings:health"))


def progress(request: SignedIn, name: str) -> HttpResponse:
    """How far a follower is, for its line on the page."""
    found = next((state for state in follower_states() if state.name == name), None)
    if found is None:
        raise Http404
    line = Fragment("settings/health/_follower.html", {"follower": found})
    return answer(request, main=line, otherwise=reverse("settings:health"))


def _oldest_waiting() -> datetime | None:
    waiting = Envelope.objects.filter(state=EnvelopeState.WAITING).order_by("id")
    return waiting.values_list("received_at", flat=True).first()


def _jobs() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(JOBS)
        overdue, failed, workers = cursor.fetchone()
    return {"overdue": overdue, "failed": failed, "workers": workers}


health = for_admins(get=show)
follower = for_admins(get=progress, post=start_over)
