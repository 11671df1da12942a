"""Blanking: the raw bytes of an arrival go when a secret was taken out of the message that it became."""

from __future__ import annotations

from collections.abc import Collection

from rapport.channels.models import Envelope
from rapport.conversations.models import Message


def blank_arrival(message_id: int) -> int:
    """Empty the envelope that the message was made from; what is parsed already stays. Returns how many."""
    envelopes = Message.objects.filter(pk=message_id, envelope_id__isnull=False)
    return Envelope.objects.filter(pk__in=envelopes.values("envelope_id")).update(
        raw=b"", headers={}
    )


def blank_copies(message_ids: Collection[int]) -> int:
    """Empty also the other arrivals of the same mail; reads all envelopes, so that it is done afterwards."""
    return Envelope.objects.filter(message_id__in=message_ids).update(raw=b"", headers={})
