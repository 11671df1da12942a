"""Opening: an agent writes first, and a conversation begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rapport.accounts.models import Agent, Brand, Team
from rapport.conversations.access import check_may_start
from rapport.conversations.addressing import check_recipients, customer_address
from rapport.conversations.belonging import add_participants, meet_recipients
from rapport.conversations.events import ConversationOpened
from rapport.conversations.models import Assignment, Conversation, Direction, Message
from rapport.conversations.repeating import Asked, check_same
from rapport.conversations.replying import Someone
from rapport.conversations.sending import Draft, check_words, send_message
from rapport.customers.models import Customer
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def open_conversation(
    customer: Customer,
    *,
    by: Actor,
    channel_id: int,
    channel_kind: str,
    text: str,
    subject: str = "",
    to: Someone | None = None,
    cc: Someone = (),
    bcc: Someone = (),
    attachments: Sequence[int] = (),
    assignee: Agent | None = None,
    team: Team | None = None,
    brand: Brand | None = None,
    client_key: str = "",
    due_at: datetime | None = None,
    undo: bool = True,
) -> Message:
    """Begin a conversation with a first message to the customer; returns the message.

    The same `client_key` again is the same conversation. Without `to` it goes to the customer's first
    address. Raises NotAllowed, EmptyMessage, BadRecipient, TooManyRecipients, NoRecipient, UploadGone, KeyTaken.
    """
    check_may_start(by)
    check_words(text, attachments)
    recipients = check_recipients(customer_address(customer) if to is None else to, cc, bcc)
    with transaction.atomic():
        meet_recipients((*recipients.to, *recipients.cc))
        # Whoever clicks twice waits here for the first click.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        standing = _first_with_key(customer, client_key)
        if standing:
            check_same(standing, Asked(client_key), text=text)
            return standing
        fresh = Conversation.objects.create(
            customer=customer,
            subject=" ".join(subject.split()),
            channel_id=channel_id,
            channel_kind=channel_kind,
            assignee=assignee,
            team=team,
            brand=brand,
            language=customer.language,
        )
        note_beginning(fresh, by=by)
        draft = Draft(
            text=text,
            subject=subject,
            recipients=recipients,
            attachments=attachments,
            client_key=client_key,
            channel_id=channel_id,
            channel_kind=channel_kind,
            due_at=due_at,
            undo=undo,
        )
        return send_message(fresh, draft, by=by)


def note_beginning(fresh: Conversation, *, by: Actor) -> None:
    """The facts and the news of a conversation that has just been made."""
    add_participants(fresh, [fresh.customer_id])
    if fresh.assignee_id or fresh.team_id:
        Assignment.objects.create(
            conversation=fresh, agent=fresh.assignee, team=fresh.team, **Assignment.done_by(by)
        )
    journal.record(
        ConversationOpened(
            by=by,
            conversation=fresh.pk,
            team=fresh.team_id or 0,
            customer=fresh.customer_id,
            channel=fresh.channel_id,
            continues=fresh.continues_id,
        )
    )


def _first_with_key(customer: Customer, client_key: str) -> Message | None:
    if not client_key:
        return None
    return Message.objects.filter(
        conversation__customer=customer, client_key=client_key, direction=Direction.OUT
    ).first()
