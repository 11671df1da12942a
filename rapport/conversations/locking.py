"""Locking: the first beat of every write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.conversations.access import check_may_work
from rapport.conversations.models import Conversation, State
from rapport.kernel.actors import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):
    """This cannot be done as things stand; its text is for people, in their language."""

    message: StrOrPromise = _("This cannot be done as things stand.")

    def __str__(self) -> str:
        return str(self.message)


class MergedAway(Refusal):
    """The conversation went into another one: `target` is where it goes on."""

    message = _("This conversation was merged into another one. Go on there, or undo the merge.")

    def __init__(self, target: Conversation | None) -> None:
        super().__init__(self.message)
        self.target = target


def check_not_merged(conversation: Conversation) -> None:
    """Raise MergedAway where the conversation has gone into another one."""
    if conversation.state == State.MERGED:
        raise MergedAway(conversation.merged_into)


@contextmanager
def locked(conversation: Conversation, *, by: Actor) -> Iterator[Conversation]:
    """Open a transaction, lock the row, read it afresh, check that the actor may work on it.

    Yields the fresh conversation and, after the block, brings the caller's object up to date as well.
    """
    with transaction.atomic():
        fresh = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        check_may_work(by, fresh)
        yield fresh
    if fresh is not conversation:
        conversation.__dict__.update(fresh.__dict__)


@contextmanager
def locked_pair(
    one: Conversation, other: Conversation, *, by: Actor
) -> Iterator[tuple[Conversation, Conversation]]:
    """Lock two conversations in the order of their ids, so that no two writers wait for each other."""
    with transaction.atomic():
        rows = {
            row.pk: row
            for row in Conversation.objects.select_for_update(of=("self",))
            .filter(pk__in=[one.pk, other.pk])
            .order_by("pk")
        }
        for row in rows.values():
            check_may_work(by, row)
        yield rows[one.pk], rows[other.pk]
    for row, caller in ((rows[one.pk], one), (rows[other.pk], other)):
        caller.__dict__.update(row.__dict__)
