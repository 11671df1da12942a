"""Transferring: messages go from one conversation to another, and nothing of them changes but where they stand."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Left, StrIndex

from rapport.conversations.models import Conversation, Message

#: Two conversations may know the same client key; who comes in with a taken one carries this mark for a while.
MARK = "~moved~"


def transfer_messages(
    ids: Collection[int], *, source: Conversation, target: Conversation
) -> list[int]:
    """Put those of the messages that stand in `source` into `target`; both are locked. Returns their ids."""
    standing = Message.objects.filter(pk__in=ids, conversation=source)
    moving = sorted(standing.values_list("pk", flat=True))
    messages = Message.objects.filter(pk__in=moving)
    taken = Message.objects.filter(conversation=target).exclude(client_key="")
    clash = messages.filter(client_key__in=list(taken.values_list("client_key", flat=True)))
    clash.update(client_key=Concat(Left("client_key", 30), Value(MARK), Cast("pk", CharField())))
    messages.update(conversation=target)
    _unmark(moving, target)
    return moving


def _unmark(ids: Collection[int], target: Conversation) -> None:
    """Give marked messages their own key again where nobody else has it."""
    marked = Message.objects.filter(pk__in=ids, client_key__contains=MARK)
    for message in marked.annotate(own=Left("client_key", StrIndex("client_key", Value(MARK)) - 1)):
        own = message.own
        if not Message.objects.filter(conversation=target, client_key=own).exists():
            Message.objects.filter(pk=message.pk).update(client_key=own)
