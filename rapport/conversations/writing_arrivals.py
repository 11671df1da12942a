"""Writing arrivals: the rows and the news of a placed batch, in bulk."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.conversations.attaching import file_rows
from rapport.conversations.drafting_rows import NewConversation, NewMessage, NewParticipant
from rapport.conversations.events import (
    ConversationOpened,
    ConversationReopened,
    ConversationWoken,
    JoinProposed,
    MessageBounced,
    MessageReceived,
)
from rapport.conversations.inbound import Inbound, Received, copied_people, sent_time
from rapport.conversations.models import (
    Attachment,
    Conversation,
    JoinProposal,
    Message,
    Participant,
    Snooze,
    Solution,
    State,
)
from rapport.conversations.placing import Book, Placement, Thread
from rapport.conversations.reckoning import apply_inbound
from rapport.customers.identifying import Key, Person, normalise_address
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.copying import copy_rows, next_ids, update_rows
from rapport.kernel.text.detecting import detect_language

#: Columns of a conversation that an arrival may change, with their types.
CHANGED = {
    "state": "text",
    "preview": "text",
    "last_message_at": "timestamptz",
    "last_inbound_at": "timestamptz",
    "waiting_since": "timestamptz",
    "last_message_id": "bigint",
    "message_count": "integer",
}
#: What is told when a human's words end a rest.
ROUSING = {State.SOLVED.value: ConversationReopened, State.SNOOZED.value: ConversationWoken}


@dataclass(slots=True)
class _News:
    """An event that can only be made once its conversation has a number."""

    thread: Thread
    make: Any
    fields: dict[str, Any]


@dataclass(slots=True)
class ArrivalWriter:
    """Collects the rows of a batch and writes them once, parents first."""

    book: Book
    people: Mapping[Key, Person]
    count: int
    threads: dict[int, Thread] = field(default_factory=dict)
    messages: list[NewMessage] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    participants: list[tuple[Thread, int]] = field(default_factory=list)
    proposals: list[tuple[Thread, Placement]] = field(default_factory=list)
    ended: dict[str, list[Thread]] = field(default_factory=dict)
    news: list[_News] = field(default_factory=list)
    _ids: list[int] = field(default_factory=list)
    _now: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        self._ids = next_ids(Message, self.count)

    def take(self, arrival: Received, author: Person, placement: Placement) -> int:
        """Note everything that this arrival makes and changes; returns its message's id."""
        message_id = self._ids.pop(0)
        thread = placement.thread or self._open(arrival, author, placement)
        self.threads.setdefault(id(thread), thread)
        message = self._message(message_id, thread, arrival, author, placement)
        self.messages.append(message)
        self.files += file_rows(message_id, arrival.inbound.files)
        self._add_people(thread, arrival.inbound)
        self._rouse(thread, arrival, author)
        apply_inbound(thread.conversation, message)
        self._tell(thread, message, author)
        self._tell_bounces(thread, message, arrival.inbound)
        self.book.add(
            thread,
            message.external_id,
            channel_id=arrival.channel_id,
            matter=arrival.inbound.matter,
        )
        return message_id

    def _open(self, arrival: Received, author: Person, placement: Placement) -> Thread:
        inbound = arrival.inbound
        later = placement.continues
        conversation = NewConversation(
            subject=inbound.subject,
            customer_id=author.pk,
            brand_id=arrival.brand_id,
            team_id=arrival.team_id,
            channel_id=arrival.channel_id,
            channel_kind=arrival.channel_kind,
            language=detect_language(f"{inbound.subject} {inbound.text[:1000]}"),
            opened_at=sent_time(arrival),
            last_message_at=sent_time(arrival),
            continues_id=later.conversation.pk if later else None,
        )
        thread = Thread(conversation, {author.pk}, is_new=True)
        self.participants.append((thread, author.pk))
        if placement.hints:
            self.proposals.append((thread, placement))
        self.news.append(
            _News(
                thread,
                ConversationOpened,
                {
                    "by": author.actor,
                    "at": conversation.opened_at,
                    "customer": author.pk,
                    "channel": arrival.channel_id,
                    "continues": later.conversation.pk if later else None,
                },
            )
        )
        return thread

    def _message(
        self,
        message_id: int,
        thread: Thread,
        arrival: Received,
        author: Person,
        placement: Placement,
    ) -> NewMessage:
        inbound = arrival.inbound
        return NewMessage(
            id=message_id,
            conversation=thread.conversation,
            conversation_id=thread.conversation.pk,
            kind=inbound.kind,
            customer_id=author.pk,
            author_name=inbound.sender.name or author.name or inbound.sender.value,
            channel_id=arrival.channel_id,
            channel_kind=arrival.channel_kind,
            envelope_id=arrival.envelope_id,
            external_id=inbound.external_id,
            content_key=inbound.content_key,
            subject=inbound.subject,
            addresses=inbound.addresses,
            text=inbound.text,
            quoted=inbound.quoted,
            signature=inbound.signature,
            html=inbound.html,
            has_held_images=inbound.has_held_images,
            language=self._language(thread, inbound),
            sent_at=sent_time(arrival),
            recorded_at=self._now,
            why={"thread": placement.how, "proof": placement.proof, "kind": inbound.kind_why},
            extras={**inbound.extras, "matter": inbound.matter}
            if inbound.matter
            else inbound.extras,
        )

    @staticmethod
    def _language(thread: Thread, inbound: Inbound) -> str:
        """Detected once where the message opens the conversation: it is the same text."""
        if thread.is_new and not thread.conversation.message_count:
            return thread.conversation.language
        return detect_language(inbound.text[:1000]) or thread.conversation.language

    def _add_people(self, thread: Thread, inbound: Inbound) -> None:
        if thread.conversation.state == State.SIDE:  # whom an expert copies in was not asked
            return
        for sender in copied_people(inbound):
            customer = self.people[sender.kind, normalise_address(sender.kind, sender.value)]
            if customer.pk not in thread.people:
                thread.people.add(customer.pk)
                self.participants.append((thread, customer.pk))

    def _rouse(self, thread: Thread, arrival: Received, author: Person) -> None:
        """A human's words wake a snoozed conversation and reopen a solved one."""
        conversation = thread.conversation
        event = ROUSING.get(conversation.state)
        if event is None or arrival.inbound.kind != "human":
            return
        self.ended.setdefault(conversation.state, []).append(thread)
        conversation.state = State.OPEN.value
        fields = {"by": author.actor, "at": sent_time(arrival), "reason": "customer"}
        self.news.append(_News(thread, event, fields))

    def _tell(self, thread: Thread, message: NewMessage, author: Person) -> None:
        fields = {
            "by": author.actor,
            "at": message.sent_at,
            "message": message.id,
            "message_kind": message.kind,
            "customer": author.pk,
            "channel": message.channel_id,
        }
        self.news.append(_News(thread, MessageReceived, fields))

    def _tell_bounces(self, thread: Thread, message: NewMessage, inbound: Inbound) -> None:
        for report in inbound.bounces if message.why["thread"] == "report" else ():
            original = self.book.sent.get(report.external_id)
            if original is None or not original.went_to(report.address):
                continue
            fields = {
                "by": Actor.system("mail"),
                "at": message.sent_at,
                "message": original.message_id,
                "report": message.id,
                "address": report.address,
                "status": report.status,
                "diagnostic": report.diagnostic,
                "permanent": report.permanent,
            }
            self.news.append(_News(thread, MessageBounced, fields))

    def write(self) -> None:
        """Write conversations, messages and what hangs on them, end what conflicts, record the news."""
        conversations = [thread.conversation for thread in self.threads.values()]
        new = [one for one in conversations if isinstance(one, NewConversation)]
        old = [one for one in conversations if isinstance(one, Conversation)]
        self._number(new)
        copy_rows(new, model=Conversation)
        update_rows(old, tuple(CHANGED), casts=CHANGED)
        copy_rows(self.messages, model=Message)
        copy_rows(self.files, model=Attachment)
        self._write_participants()
        self._end_facts()
        self._propose()
        journal.record_all([self._event(item) for item in self.news])

    def _number(self, new: Sequence[NewConversation]) -> None:
        """Give new conversations their numbers, and the rows that were made before the same."""
        for conversation, number in zip(new, next_ids(Conversation, len(new)), strict=True):
            conversation.id = number
        for message in self.messages:
            message.conversation_id = message.conversation.pk

    def _write_participants(self) -> None:
        rows = [
            NewParticipant(thread.conversation.pk, customer, self._now)
            for thread, customer in self.participants
        ]
        if all(thread.is_new for thread, _ in self.participants):
            copy_rows(rows, model=Participant)
        else:
            models = [Participant(**dataclasses.asdict(row)) for row in rows]
            Participant.objects.bulk_create(models, ignore_conflicts=True)

    def _end_facts(self) -> None:
        system = Actor.system("customer wrote")
        for state, fact in ((State.SOLVED, Solution), (State.SNOOZED, Snooze)):
            threads = self.ended.get(state, ())
            if threads:
                rows = fact.objects.standing().filter(
                    conversation__in=[t.conversation.pk for t in threads]
                )
                rows.update(**fact.ended_now(system))

    def _propose(self) -> None:
        system = Actor.system("placing")
        rows = []
        for thread, placement in self.proposals:
            for hint in placement.hints:
                rows.append(
                    JoinProposal(
                        conversation_id=thread.conversation.pk,
                        other_id=hint.thread.conversation.pk,
                        reasons=[hint.reason],
                        **JoinProposal.done_by(system),
                    )
                )
                other = hint.thread.conversation.pk
                self.news.append(_News(thread, JoinProposed, {"by": system, "other": other}))
        JoinProposal.objects.bulk_create(rows, ignore_conflicts=True)

    def _event(self, item: _News) -> journal.Event:
        conversation = item.thread.conversation
        made: journal.Event = item.make(
            conversation=conversation.pk, team=conversation.team_id or 0, **item.fields
        )
        return made
