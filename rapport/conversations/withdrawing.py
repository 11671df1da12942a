"""Withdrawing: a message that has not left the house yet is taken back."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import MessageWithdrawn
from rapport.conversations.locking import Refusal, locked
from rapport.conversations.models import Attachment, Direction, Message
from rapport.conversations.reckoning import reckon
from rapport.conversations.uploading import copy_attachments
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor


class TooLateToWithdraw(Refusal):
    """It has begun to leave. Whoever carries messages raises this from its companion of MessageWithdrawn."""

    message = _("It is too late: the message is already on its way.")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The message that was taken back, and its files, waiting with the agent for another try."""

    message: Message
    uploads: list[Attachment] = field(default_factory=list)


def withdraw_message(message: Message, *, by: Actor) -> Withdrawn:
    """Take it back, as though it had not been sent; twice is once. Raises TooLateToWithdraw."""
    with locked(message.conversation, by=by) as fresh:
        message.refresh_from_db(fields=["withdrawn_at", "conversation"])
        if message.withdrawn_at is not None:
            return Withdrawn(message)
        if message.direction != Direction.OUT:
            raise TooLateToWithdraw
        message.withdrawn_at = clock.now()
        message.save(update_fields=["withdrawn_at"])
        uploads = copy_attachments(message, onto=None, by=by) if by.kind == "agent" else []
        reckon(fresh)
        journal.record(
            MessageWithdrawn(
                by=by, conversation=fresh.pk, team=fresh.team_id or 0, message=message.pk
            )
        )
    return Withdrawn(message, uploads)
