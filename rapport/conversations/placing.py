"""Placing: in which conversation does a message belong? Decided by proof, explained, and undoable.

Proof is a token that we issued, a reference to a message that we know, or the other system's own name of the
conversation on the same channel, *and* a sender who belongs to that conversation. Anything less opens a new
conversation, with a proposal to join where there is a hint. A subject or
an empty id alone never places anything. Pure: it reads a `Book` that was gathered before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.conversations.addressing import bare_subject
from rapport.conversations.drafting_rows import NewConversation
from rapport.conversations.inbound import Inbound
from rapport.conversations.models import Conversation, State


@dataclass(slots=True, eq=False)
class Thread:
    """A conversation as placing sees it: its row and the customers who belong to it."""

    conversation: Conversation | NewConversation
    people: set[int] = field(default_factory=set)
    solved_at: datetime | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message of ours that a delivery report may be about, and to whom it went."""

    message_id: int
    recipients: frozenset[str]

    def went_to(self, address: str) -> bool:
        """A report about an address that we never wrote to is forged or confused."""
        return not address or address.casefold() in self.recipients


@dataclass(slots=True)
class Book:
    """What is known about the messages that a batch refers to; grows as the batch is placed."""

    by_number: dict[int, Thread] = field(default_factory=dict)
    by_reference: dict[str, list[Thread]] = field(default_factory=dict)
    #: By channel and the other system's name of the conversation.
    by_matter: dict[tuple[int, str], list[Thread]] = field(default_factory=dict)
    by_customer: dict[int, list[Thread]] = field(default_factory=dict)
    sent: dict[str, SentMail] = field(default_factory=dict)

    def add(self, thread: Thread, external_id: str, *, channel_id: int, matter: str) -> None:
        """Let later messages of the batch find this thread by what names its newest message."""
        if external_id and thread not in self.by_reference.setdefault(external_id, []):
            self.by_reference[external_id].append(thread)
        if matter and thread not in self.by_matter.setdefault((channel_id, matter), []):
            self.by_matter[channel_id, matter].append(thread)


@dataclass(frozen=True, slots=True)
class Hint:
    """A conversation that may be the same matter, and why."""

    thread: Thread
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where it goes: into `thread`, or (None) into a new one that may go on from `continues`.

    `how` is one of token, reference, matter, report, own, new, later; `proof` the token's number, the id or
    the name that matched.
    """

    thread: Thread | None
    how: str
    proof: str = ""
    continues: Thread | None = None
    hints: tuple[Hint, ...] = ()


def place_message(
    inbound: Inbound,
    *,
    channel_id: int,
    customer_id: int,
    book: Book,
    now: datetime,
    reopen_days: int,
) -> Placement:
    """Decide where a message that came by this channel goes."""
    if inbound.kind == "bounce":
        return _place_report(inbound, book)
    hints: dict[int, Hint] = {}
    for thread, how, proof in _candidates(inbound, channel_id, book):
        if customer_id in thread.people:
            return _joined(thread, how, proof, now=now, reopen_days=reopen_days)
        if thread.conversation.state == State.SIDE:  # to no stranger's mail is it so much as named
            continue
        hints.setdefault(id(thread), Hint(thread, f"{how}_of_stranger"))
    for thread in _same_subject(inbound, book.by_customer.get(customer_id, ())):
        hints.setdefault(id(thread), Hint(thread, "same_person_and_subject"))
    return Placement(None, "new", hints=tuple(hints.values()))


def _candidates(inbound: Inbound, channel_id: int, book: Book) -> list[tuple[Thread, str, str]]:
    found = [
        (book.by_number[number], "token", str(number))
        for number in inbound.thread_tokens
        if number in book.by_number
    ]
    for reference in inbound.references:
        threads = book.by_reference.get(reference, ()) if reference else ()
        found += [(thread, "reference", reference) for thread in threads]
    named = book.by_matter.get((channel_id, inbound.matter), ()) if inbound.matter else ()
    return found + [(thread, "matter", inbound.matter) for thread in named]


def _joined(thread: Thread, how: str, proof: str, *, now: datetime, reopen_days: int) -> Placement:
    solved = thread.conversation.state == State.SOLVED
    since = thread.solved_at or thread.conversation.last_message_at
    if solved and now - since > timedelta(days=reopen_days):
        return Placement(None, "later", proof, continues=thread)
    return Placement(thread, how, proof)


def _place_report(inbound: Inbound, book: Book) -> Placement:
    """A delivery report belongs to the message that it is about, whoever sent it."""
    for report in inbound.bounces:
        for thread in book.by_reference.get(report.external_id, ()) if report.external_id else ():
            return Placement(thread, "report", report.external_id)
    return Placement(None, "new")


def _same_subject(inbound: Inbound, threads: list[Thread] | tuple[()]) -> list[Thread]:
    if not answers_something(inbound.subject):
        return []
    subject = bare_subject(inbound.subject)
    return [t for t in threads if subject and bare_subject(t.conversation.subject) == subject]


def answers_something(subject: str) -> bool:
    """Whether a mailer put its "Re:" (AW:, Odp:, 回覆: …) before the subject."""
    return bare_subject(subject) != " ".join(subject.split())
