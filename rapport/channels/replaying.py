"""Replaying: what was parked is tried again after a fix, one by one or all at once."""

from __future__ import annotations

from django.db import transaction

from rapport.channels.events import EnvelopeReplayed
from rapport.channels.models import Envelope, EnvelopeState
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def replay_envelope(envelope: Envelope, *, by: Actor) -> bool:
    """Put a parked envelope back into the road; one that is not parked stays as it is."""
    with transaction.atomic():
        fresh = Envelope.objects.select_for_update().only("id", "state").get(pk=envelope.pk)
        if fresh.state != EnvelopeState.PARKED:
            return False
        Envelope.objects.filter(pk=fresh.pk).update(state=EnvelopeState.WAITING, error="")
        journal.record(EnvelopeReplayed(by=by, envelope=fresh.pk))
    return True


def replay_all(*, by: Actor) -> int:
    """Put every parked envelope back; returns how many."""
    parked = Envelope.objects.filter(state=EnvelopeState.PARKED).only("id").order_by("id")
    return sum(replay_envelope(envelope, by=by) for envelope in parked.iterator(500))
