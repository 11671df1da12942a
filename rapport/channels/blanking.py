"""Blanking: the raw bytes of an arrival go when a secret was taken out of the message that it became."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from rapport.channels.models import Envelope
from rapport.channels.models.envelope import COPIES
from rapport.conversations.models import Message, Redaction


def blank_arrival(message_id: int) -> int:
    """Empty the envelope that the message was made from; what is parsed already stays. Returns how many."""
    envelopes = Message.objects.filter(pk=message_id, envelope_id__isnull=False)
    return Envelope.objects.filter(pk__in=envelopes.values("envelope_id")).update(
        raw=b"", headers={}
    )


def blank_copies(message_ids: Collection[int]) -> int:
    """Empty also the other arrivals of the same mail, and a mail of ours that came back."""
    return known_copies(message_ids).update(raw=b"", headers={})


def blank_late_copies(message_ids: Collection[int]) -> int:
    """The same for copies that come after the secret was taken out: its mail is known by content as ever."""
    redacted = Redaction.objects.filter(message_id__in=message_ids)
    late = set(redacted.values_list("message_id", flat=True))
    return blank_copies(late) if late else 0


def known_copies(message_ids: Collection[int]) -> QuerySet[Envelope]:
    """By the index of copies, which few arrivals are: a mail costs nothing for it."""
    return Envelope.objects.filter(message_id__in=message_ids, error__in=COPIES)
