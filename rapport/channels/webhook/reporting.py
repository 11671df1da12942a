"""Reporting: what the other system says later of a message of ours, and that a contact is typing."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_lazy as _

from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.channels.tracking import track_delivery
from rapport.channels.webhook.payload import Contact
from rapport.channels.webhook.reading import sender_of
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Conversation, Participant, State
from rapport.customers.identifying import normalise_address
from rapport.customers.models import Identity
from rapport.kernel.live.bus import whisper

STATES: dict[str, DeliveryState] = {
    "sent": DeliveryState.ACCEPTED,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


class NotSentYet(Refusal):
    """Nothing was handed over yet, so nothing can be said of it."""

    message = _("This message has not left yet.")


def report_status(
    channel: Channel,
    message_id: int,
    *,
    status: Literal["sent", "delivered", "read", "failed"],
    error: str = "",
    at: datetime | None = None,
) -> Delivery | None:
    """Take the word; it moves a delivery forward only. None where the channel carries no such message.

    Raises NotSentYet.
    """
    found = Delivery.objects.whole().filter(channel=channel, message_id=message_id)
    delivery = found.first()
    if delivery is None:
        return None
    if delivery.attempts == 0:
        raise NotSentYet
    track_delivery(delivery, STATES[status], error=error, at=at)
    delivery.refresh_from_db()
    return delivery


def report_typing(channel: Channel, contact: Contact, *, is_typing: bool) -> bool:
    """Let those who look at the contact's newest open conversation of this channel see it.

    Nobody keeps it. False where there is no such conversation.
    """
    sender = sender_of(contact, channel_public_id=str(channel.public_id), config=channel.config)
    value = normalise_address(sender.kind, sender.value)
    identity = Identity.objects.filter(kind=sender.kind, value=value).first()
    if identity is None:
        return False
    taking_part = Participant.objects.filter(customer=identity.customer_id)
    conversation = (
        Conversation.objects.filter(
            channel_id=channel.pk,
            state__in=[State.OPEN, State.SNOOZED],
            pk__in=taking_part.values("conversation_id"),
        )
        .order_by("-last_message_at")
        .first()
    )
    if conversation is None:
        return False
    doing = "typing" if is_typing else "nothing"
    name = identity.customer.name or sender.name
    # Agents are counted up from one: a customer's number must not be taken for one of theirs.
    whisper(f"conversation:{conversation.pk}", who=-identity.customer_id, name=name, doing=doing)
    return True
