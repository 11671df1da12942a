"""Tracing visits: what somebody looked at before they wrote. Whoever serves pages to customers tells it here."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from rapport.customers.events import CustomerVisited
from rapport.customers.locking import Refusal, locked_customer
from rapport.customers.models import Customer, Visit, VisitKind
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor

#: So many are kept of each customer, the newest; the pane shows the last few.
MOST = 50


class BadVisit(Refusal):
    """It has no title, or its address is none of the web."""

    message = _(
        "A visit has a kind (page, article or search), a title of at most 200 characters, and perhaps an address "
        "that begins with https://."
    )


def trace_visit(
    customer: Customer,
    *,
    kind: str,
    title: str,
    by: Actor,
    url: str = "",
    at: datetime | None = None,
    key: str = "",
) -> Visit:
    """Keep that they looked at something, at some time (now unless told); the same `key` again is the same visit.

    Raises BadVisit, NotAllowed, MergedAway.
    """
    words, now = " ".join(title.split()), clock.now()
    if kind not in VisitKind.values or not 0 < len(words) <= 200 or not _is_fit(url):
        raise BadVisit
    with locked_customer(customer, by=by) as fresh:
        standing: Visit | None = fresh.visits.filter(key=key).first() if key else None
        if standing is not None:
            return standing
        seen_at = min(at or now, now)
        visit = Visit.objects.create(
            customer=fresh, kind=kind, title=words, url=url, key=key[:64], at=seen_at
        )
        newest = fresh.visits.order_by("-at", "-pk").values_list("pk", flat=True)
        fresh.visits.exclude(pk__in=list(newest[:MOST])).delete()
        journal.record(CustomerVisited(by=by, at=seen_at, customer=fresh.pk, visit=visit.pk))
    return visit


def _is_fit(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url and len(url) <= 2_000
    return not url or (plain and parts.scheme in ("https", "http") and bool(parts.netloc))
