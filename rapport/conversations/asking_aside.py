"""Asking aside: a colleague or somebody outside is asked about a conversation, and its customer never sees it.

Such a thread is a conversation of its own beside the other one, with its own people and its own token: mail
finds it by the rules of every thread. Its customer has no part in it, and whom an expert copies in gets none.
It stands on no list, is found by no search, and is seen by whoever sees the conversation that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.conversations.addressing import check_recipients, reply_subject
from rapport.conversations.belonging import add_participants, customers_of, meet_recipients
from rapport.conversations.events import AnsweredAside, AskedAside, MessageReceived, NoteWritten
from rapport.conversations.locking import Refusal, check_not_merged, locked
from rapport.conversations.models import Conversation, Direction, Message, Participant, State
from rapport.conversations.reckoning import COLUMNS, apply_note
from rapport.conversations.sending import Draft, check_words, send_message
from rapport.customers.models import Identity
from rapport.kernel import journal
from rapport.kernel.actors import Actor
from rapport.kernel.journal.models import Entry

MOST_SIDES = 50
Someone = Iterable[str | Mapping[str, str]]
Expert = dict[str, str]


class NotTheCustomer(Refusal):
    """Aside is what the customer does not see."""

    message = _("This customer takes part in the conversation itself. Ask somebody else aside.")


class TooManySides(Refusal):
    """More threads beside one conversation than anybody could read."""

    message = _("Enough is asked aside here. Go on in one of these threads.")


class NoMailbox(Refusal):
    """Mail to somebody outside needs a channel of mail."""

    message = _("There is no mailbox that this could be sent from.")


def ask_aside(
    conversation: Conversation,
    *,
    by: Actor,
    text: str,
    to: Someone = (),
    subject: str = "",
    channel_id: int | None = None,
    client_key: str = "",
) -> Message:
    """Begin a thread aside with a first message: a mail to experts, or without `to` a word to colleagues.

    `channel_id` is the mailbox that it leaves by. The same `client_key` again is the same thread. Raises
    NotTheCustomer, TooManySides, NoMailbox, EmptyMessage, BadRecipient, TooManyRecipients, MergedAway.
    """
    check_words(text, ())
    experts = check_recipients(to).to
    with transaction.atomic():
        meet_recipients(experts)
        with locked(conversation, by=by) as fresh:
            standing = _first_with_key(fresh, client_key)
            if standing:
                return standing
            _check_may_begin(fresh, experts, channel_id)
            side = _made(fresh, subject=subject, channel_id=channel_id if experts else None)
            add_participants(side, customers_of([each["address"] for each in experts]))
            news = AskedAside(
                by=by,
                conversation=fresh.pk,
                team=fresh.team_id or 0,
                side=side.pk,
                expert=bool(experts),
            )
            journal.record(news)
            return _said(side, experts, text=text, by=by, client_key=client_key)


def go_on_aside(side: Conversation, *, by: Actor, text: str, client_key: str = "") -> Message:
    """Say more to those who were asked, and to nobody else, whoever wrote to whom meanwhile.

    Raises EmptyMessage, NotAllowed.
    """
    check_words(text, ())
    with locked(side, by=by) as fresh:
        standing = _first_with_key(fresh, client_key, own=True)
        if standing:
            return standing
        return _said(
            fresh, experts_of([fresh.pk]).get(fresh.pk, []), text=text, by=by, client_key=client_key
        )


def experts_of(sides: Sequence[int]) -> dict[int, list[Expert]]:
    """Those outside who were asked in each of these threads, with the addresses by which we know them."""
    people = Participant.objects.filter(conversation__in=sides).order_by("pk")
    rows = list(people.select_related("customer"))
    known = Identity.objects.filter(kind="email", customer__in=[row.customer_id for row in rows])
    address = {each.customer_id: str(each) for each in known.order_by("-pk")}
    found: dict[int, list[Expert]] = {}
    for row in rows:
        if row.customer_id in address:
            expert = {"name": row.customer.name, "address": address[row.customer_id]}
            found.setdefault(row.conversation_id, []).append(expert)
    return found


def tell_of_answers(received: Iterable[int]) -> None:
    """Say beside these messages' threads, where they were asked aside, that an answer has come."""
    answers = Message.objects.filter(pk__in=list(received), conversation__state=State.SIDE)
    for answer in answers.select_related("conversation__beside").order_by("pk"):
        about = answer.conversation.beside
        if about is None:
            continue
        first = answer.conversation.messages.exclude(agent=None).order_by("pk").first()
        journal.record(
            AnsweredAside(
                by=Actor("customer", answer.customer_id, answer.author_name),
                conversation=about.pk,
                team=about.team_id or 0,
                side=answer.conversation_id,
                message=answer.pk,
                asker=first.agent_id if first else None,
            )
        )


@journal.follow("conversations.answers_aside", MessageReceived, rest=0.5)
def hear_answers(entries: Sequence[Entry]) -> None:
    """What comes into a thread aside is news of the conversation that it is about."""
    tell_of_answers(entry.details["message"] for entry in entries)


def _check_may_begin(
    fresh: Conversation, experts: Sequence[Mapping[str, str]], channel_id: int | None
) -> None:
    check_not_merged(fresh)
    if fresh.state == State.SIDE or fresh.sides.count() >= MOST_SIDES:
        raise TooManySides
    if experts and channel_id is None:
        raise NoMailbox
    asked = set(customers_of([each["address"] for each in experts]))
    people = fresh.participants.values_list("customer_id", flat=True)
    if asked & {fresh.customer_id, *people}:
        raise NotTheCustomer


def _made(fresh: Conversation, *, subject: str, channel_id: int | None) -> Conversation:
    return Conversation.objects.create(
        state=State.SIDE,
        beside=fresh,
        customer_id=fresh.customer_id,
        subject=" ".join(subject.split()) or fresh.subject,
        brand_id=fresh.brand_id,
        channel_id=channel_id,
        channel_kind="email" if channel_id else "",
    )


def _said(
    side: Conversation,
    experts: Sequence[dict[str, str]],
    *,
    text: str,
    by: Actor,
    client_key: str,
) -> Message:
    if not experts:
        return _noted(side, text=text, by=by, client_key=client_key)
    newest = side.messages.filter(direction=Direction.IN).order_by("-pk").first()
    draft = Draft(
        text=text,
        subject=reply_subject(side.subject) if side.message_count else side.subject,
        recipients=check_recipients(experts),
        client_key=client_key,
        channel_id=side.channel_id,
        channel_kind=side.channel_kind,
        in_reply_to=newest,
        undo=False,
    )
    return send_message(side, draft, by=by)


def _noted(side: Conversation, *, text: str, by: Actor, client_key: str) -> Message:
    note = Message.objects.create(
        conversation=side,
        direction=Direction.NOTE,
        agent_id=by.id if by.kind == "agent" else None,
        author_name=by.name,
        text=text,
        client_key=client_key,
    )
    apply_note(side, note)
    side.save(update_fields=COLUMNS)
    journal.record(NoteWritten(by=by, conversation=side.pk, message=note.pk))
    return note


def _first_with_key(here: Conversation, client_key: str, *, own: bool = False) -> Message | None:
    if not client_key:
        return None
    place = {"conversation": here} if own else {"conversation__beside": here}
    return Message.objects.filter(client_key=client_key, **place).first()
