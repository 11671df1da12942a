"""Retaining: the raw bytes of arrivals that became messages go after the days that the company has set."""

from __future__ import annotations

from datetime import timedelta

from rapport.accounts.models import Company
from rapport.channels.models import Envelope, EnvelopeState
from rapport.kernel import clock


def forget_old_raw(*, limit: int = 5000) -> int:
    """Empty the envelopes of finished arrivals past their days; what is parked or waiting stays whole.

    Without days set (`Company.keep_raw_days`) everything is kept. Returns how many were emptied, `limit` at a
    time: each look begins behind the last one, so that all of them together read the table once.
    """
    company = Company.objects.order_by("pk").first()
    if company is None or company.keep_raw_days is None:
        return 0
    before = clock.now() - timedelta(days=company.keep_raw_days)
    old = Envelope.objects.filter(state=EnvelopeState.DONE, received_at__lt=before)
    full = old.exclude(raw=b"").order_by("pk").values_list("pk", flat=True)
    emptied, last = 0, 0
    while numbers := list(full.filter(pk__gt=last)[:limit]):
        emptied += Envelope.objects.filter(pk__in=numbers).update(raw=b"", headers={})
        last = numbers[-1]
    return emptied
