"""Gathering: everything that a batch of arrivals refers to, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from rapport.conversations.inbound import Received
from rapport.conversations.models import (
    Conversation,
    Direction,
    Message,
    Participant,
    Solution,
    State,
)
from rapport.conversations.placing import Book, SentMail, Thread, answers_something
from rapport.kernel import clock

#: How far a chain of merges is followed; a longer one is a defect, not a use.
MERGE_DEPTH = 10
#: Days for which a reply with the same subject is worth a proposal.
SUBJECT_DAYS = 30
SUBJECT_THREADS = 200


#: For each name the conversations of its newest messages, those of the writer first, and few: a system that
#: calls everything alike proves nothing by it.
NAMED = """
SELECT asked.channel_id, asked.name, held.conversation_id
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS asked (channel_id, name, customer_id)
CROSS JOIN LATERAL (
  SELECT m.conversation_id, max(m.id) AS newest, bool_or(m.customer_id = asked.customer_id) AS theirs
  FROM (
    SELECT id, conversation_id, customer_id FROM conversations_message
    WHERE extras ? 'matter' AND channel_id = asked.channel_id AND extras ->> 'matter' = asked.name
    ORDER BY id DESC LIMIT 500
  ) AS m GROUP BY m.conversation_id ORDER BY theirs DESC, newest DESC LIMIT 5
) AS held ORDER BY held.newest DESC
"""


def gather_book(arrivals: Sequence[Received], customer_of: Sequence[int]) -> Book:
    """Find and lock the conversations that these arrivals may belong to.

    `customer_of[i]` is the id of the customer who wrote `arrivals[i]`.
    """
    references = _references(arrivals)
    tokens = {number for a in arrivals for number in a.inbound.thread_tokens}
    matters = _matters(arrivals, customer_of)
    named = [*references.values(), *matters.values()]
    numbers = tokens | {number for numbers in named for number in numbers}
    similar = _similar(arrivals, customer_of)
    threads = _threads(numbers | {row.pk for row in similar})
    book = Book(by_number={number: threads[number] for number in tokens if number in threads})
    for external_id, found in references.items():
        book.by_reference[external_id] = _distinct(threads[n] for n in found if n in threads)
    for matter, found in matters.items():
        book.by_matter[matter] = _distinct(threads[n] for n in found if n in threads)
    for row in similar:
        book.by_customer.setdefault(row.customer_id, []).append(threads[row.pk])
    book.sent = _reported(arrivals)
    return book


def _references(arrivals: Sequence[Received]) -> dict[str, list[int]]:
    """The conversations in which each referred message id stands, newest first."""
    wanted = {r for a in arrivals for r in a.inbound.references if r}
    wanted |= {b.external_id for a in arrivals for b in a.inbound.bounces if b.external_id}
    if not wanted:
        return {}
    rows = (
        Message.objects.filter(external_id__in=wanted)
        .order_by("-id")
        .values_list("external_id", "conversation_id")
    )
    found: dict[str, list[int]] = {}
    for external_id, number in rows:
        found.setdefault(external_id, []).append(number)
    return found


def _matters(
    arrivals: Sequence[Received], customer_of: Sequence[int]
) -> dict[tuple[int, str], list[int]]:
    """The conversations that another system calls by these names, each on its own channel, newest first."""
    wanted = {
        (arrival.channel_id, arrival.inbound.matter, customer)
        for arrival, customer in zip(arrivals, customer_of, strict=True)
        if arrival.inbound.matter
    }
    if not wanted:
        return {}
    found: dict[tuple[int, str], list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [list(column) for column in zip(*wanted, strict=True)])
        for channel, name, number in cursor.fetchall():
            found.setdefault((channel, name), []).append(number)
    return found


def _reported(arrivals: Sequence[Received]) -> dict[str, SentMail]:
    """The messages of ours that delivery reports speak of."""
    wanted = {b.external_id for a in arrivals for b in a.inbound.bounces if b.external_id}
    if not wanted:
        return {}
    rows = Message.objects.filter(external_id__in=wanted, direction=Direction.OUT)
    return {row.external_id: SentMail(row.pk, _recipients(row.addresses)) for row in rows}


def _recipients(addresses: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        str(person.get("address", "")).casefold()
        for field in ("to", "cc", "bcc")
        for person in addresses.get(field) or ()
    )


def _similar(arrivals: Sequence[Received], customer_of: Sequence[int]) -> list[Conversation]:
    """Recent conversations of those who answered without saying to what."""
    people = {
        customer
        for arrival, customer in zip(arrivals, customer_of, strict=True)
        if answers_something(arrival.inbound.subject) and not arrival.inbound.thread_tokens
    }
    if not people:
        return []
    since = clock.now() - timedelta(days=SUBJECT_DAYS)
    rows = Conversation.objects.filter(customer__in=people, last_message_at__gte=since)
    return list(rows.in_state(State.OPEN, State.SNOOZED, State.SOLVED)[:SUBJECT_THREADS])


def _threads(numbers: set[int]) -> dict[int, Thread]:
    """Lock the conversations in the order of their ids; merged ones lead to where they went."""
    if not numbers:
        return {}
    leads = _follow_merges(numbers)
    held = _lock(set(leads.values()))
    for _step in range(MERGE_DEPTH):
        if not any(row.state == State.MERGED for row in held.values()):
            break
        # Somebody merged it while we waited for its lock: what comes now goes where it went.
        leads = _follow_merges(numbers)
        held = _lock(set(leads.values()))
    threads = {row.pk: Thread(row) for row in held.values()}
    for number, customer in Participant.objects.filter(conversation__in=threads).values_list(
        "conversation_id", "customer_id"
    ):
        threads[number].people.add(customer)
    for thread in threads.values():
        if thread.conversation.state != State.SIDE:  # the customer has no part in it
            thread.people.add(thread.conversation.customer_id)
    _add_solutions(threads)
    return {number: threads[lead] for number, lead in leads.items() if lead in threads}


def _lock(numbers: set[int]) -> dict[int, Conversation]:
    rows = Conversation.objects.select_for_update(of=("self",)).order_by("pk")
    return {row.pk: row for row in rows.filter(pk__in=numbers)}


def _follow_merges(numbers: set[int]) -> dict[int, int]:
    leads = {number: number for number in numbers}
    for _step in range(MERGE_DEPTH):
        merged = dict(
            Conversation.objects.filter(pk__in=set(leads.values()), state=State.MERGED)
            .exclude(merged_into=None)
            .values_list("pk", "merged_into_id")
        )
        if not merged:
            break
        leads = {number: merged.get(lead, lead) for number, lead in leads.items()}
    return leads


def _add_solutions(threads: dict[int, Thread]) -> None:
    solved = [n for n, thread in threads.items() if thread.conversation.state == State.SOLVED]
    if not solved:
        return
    standing = Solution.objects.standing().filter(conversation__in=solved)
    for number, at in standing.values_list("conversation_id", "at"):
        threads[number].solved_at = at


def _distinct(threads: Iterable[Thread]) -> list[Thread]:
    return list({id(thread): thread for thread in threads}.values())
