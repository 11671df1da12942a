"""What channels do upon the news of others: a reply gets its way out in the very commit that made it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rapport.channels.blanking import blank_arrival, blank_copies
from rapport.channels.deferring import defer_delivery, defer_sent_copy
from rapport.channels.events import DeliveryAccepted, DeliveryFailed, DeliveryUnknown
from rapport.channels.explaining import coded
from rapport.channels.models import Channel, Delivery, DeliveryState
from rapport.channels.receiving import own_addresses
from rapport.channels.settling import fail_delivery, move
from rapport.conversations.addressing import register_own_addresses
from rapport.conversations.events import (
    MessageBounced,
    MessageRedacted,
    MessageSent,
    MessageWithdrawn,
)
from rapport.conversations.models import Conversation, Message, NotificationKind
from rapport.conversations.notifying import Call, notify
from rapport.conversations.withdrawing import TooLateToWithdraw
from rapport.kernel import clock, journal
from rapport.kernel.journal.models import Entry

register_own_addresses(own_addresses)


@journal.accompany(MessageSent)
def queue_delivery(event: MessageSent) -> None:
    """A message that goes by a channel gets its delivery and the job that carries it."""
    if event.channel is None:
        return
    due_at = datetime.fromisoformat(event.due_at) if event.due_at else clock.now()
    delivery, is_new = Delivery.objects.get_or_create(
        message_id=event.message,
        only_to="",
        defaults={"channel_id": event.channel, "due_at": due_at},
    )
    if is_new:
        defer_delivery(delivery)


@journal.accompany(DeliveryAccepted)
def queue_sent_copy(event: DeliveryAccepted) -> None:
    """Mail servers that keep no copy of what they send get one filed, whether that works or not."""
    channel = Channel.objects.get(pk=event.channel)
    if event.only_to:
        return
    if channel.kind == "email" and channel.config.get("sent_folder"):
        defer_sent_copy(event.delivery)


@journal.accompany(MessageWithdrawn)
def take_back_delivery(event: MessageWithdrawn) -> None:
    """Only what has not begun to leave can be taken back; raises TooLateToWithdraw."""
    whole = Delivery.objects.whole().select_for_update()
    delivery = whole.filter(message_id=event.message).first()
    if delivery is None or delivery.state == DeliveryState.WITHDRAWN:
        return
    if delivery.state != DeliveryState.QUEUED:
        raise TooLateToWithdraw
    move(delivery, DeliveryState.WITHDRAWN)


@journal.accompany(MessageBounced)
def mark_bounced(event: MessageBounced) -> None:
    """A report that it did not arrive makes it failed; a report of a delay changes nothing."""
    if not event.permanent:
        return
    found = Delivery.objects.of_recipient(event.message, event.address)
    found = found.select_related("message__conversation").select_for_update(of=("self",))
    delivery = found.first()
    if delivery is None:
        return
    words = " ".join(part for part in (event.address, event.status, event.diagnostic) if part)
    delivery.refused = {**delivery.refused, event.address: event.diagnostic or event.status}
    if not fail_delivery(delivery, by=event.by, error=coded("bounced", words)):
        delivery.save(update_fields=["refused"])


@journal.accompany(MessageRedacted)
def blank_redacted(event: MessageRedacted) -> None:
    """What was taken out of a message goes out of the raw bytes that it came in, in the same commit."""
    blank_arrival(event.message)


@journal.follow("channels.blanking", MessageRedacted, batch=5_000, rest=1.0)
def blank_redacted_copies(entries: Sequence[Entry]) -> None:
    """The same mail may have arrived by other doors, too."""
    blank_copies({entry.details["message"] for entry in entries})


@journal.follow("channels.failures", DeliveryFailed, DeliveryUnknown)
def notify_writers(entries: Sequence[Entry]) -> None:
    """Whoever wrote a message that did not arrive, or perhaps did not, hears of it."""
    numbers = {entry.details["message"] for entry in entries}
    writers = dict(Message.objects.filter(pk__in=numbers).values_list("pk", "agent_id"))
    conversations = Conversation.objects.in_bulk({entry.subject_id for entry in entries})
    calls = [
        Call(writer, NotificationKind.FAILED, entry)
        for entry in entries
        if (writer := writers.get(entry.details["message"])) and entry.subject_id in conversations
    ]
    notify(calls, conversations=conversations)
