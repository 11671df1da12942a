"""Telling: what happened to a conversation, out of the journal, for pages and programs to tell."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from rapport.conversations.events import ConversationMerged, ConversationUnmerged
from rapport.conversations.models import Conversation, Merge
from rapport.kernel.journal.models import Entry

MOST = 200
#: News of other conversations that is news of the one which they went into, too.
SHARED = (ConversationMerged.kind, ConversationUnmerged.kind)


def tell_happenings(
    conversation: Conversation,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    most: int = MOST,
) -> list[Entry]:
    """Its newest journal entries in their order, and those of the merges into it; always two queries.

    `since` is counted in, `before` is not; both are times of the outside world (`Entry.at`).
    """
    merged = Merge.objects.filter(target=conversation).order_by("-pk")
    sources = list(merged.values_list("source_id", flat=True)[:most])
    found = Entry.objects.filter(
        Q(subject_id=conversation.pk) | Q(kind__in=SHARED, details__target=conversation.pk),
        subject_kind="conversation",
        subject_id__in=[conversation.pk, *sources],
    )
    if since is not None:
        found = found.filter(at__gte=since)
    if before is not None:
        found = found.filter(at__lt=before)
    return list(found.order_by("-id")[:most])[::-1]
