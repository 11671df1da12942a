"""The books after a crash: what came in and what went out, each exactly once and in its order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from tests.proof.conftest import Desk
from tests.proof.stand import Stand

UNSETTLED = "SELECT count(*) FROM channels_delivery WHERE state IN ('queued', 'sending', 'handing')"
WAITING = "SELECT count(*) FROM channels_envelope WHERE state = 'waiting'"
RECEIVED = """
SELECT m.external_id, count(e.id), count(s.message_id), m.conversation_id
FROM conversations_message m
LEFT JOIN journal_entry e ON e.kind = 'conversations.message_received'
     AND (e.details ->> 'message')::bigint = m.id
LEFT JOIN conversations_searchtext s ON s.message_id = m.id
WHERE m.direction = 'in' GROUP BY m.id ORDER BY m.id
"""
SENT = """
SELECT m.text, d.state, count(e.id) FROM conversations_message m
JOIN channels_delivery d ON d.message_id = m.id
LEFT JOIN journal_entry e ON e.kind = 'conversations.message_sent'
     AND (e.details ->> 'message')::bigint = m.id
WHERE m.direction = 'out' GROUP BY m.id, d.id ORDER BY m.id
"""
BEHIND = """
SELECT count(*) FROM journal_cursor WHERE (era, xid, entry) <
    (SELECT era, xid, id FROM journal_entry ORDER BY era DESC, xid DESC, id DESC LIMIT 1)
"""
ANSWER = re.compile(r"Answer (\d+) to customer (\d+)\.")


def await_quiet(stand: Stand) -> None:
    """Wait until nothing is under way any more."""
    stand.await_true(lambda: not stand.number(WAITING), "all is taken in")
    stand.await_true(lambda: not stand.number(UNSETTLED), "all has left or is asked")
    stand.await_true(lambda: not stand.number(BEHIND), "all followers have read all")


def check_what_came_in(stand: Stand, counts: dict[int, int]) -> None:
    """So many mails of each customer (by number): once, in order, in one conversation, told once, found."""
    order: dict[int, list[int]] = defaultdict(list)
    places: dict[int, set[int]] = defaultdict(set)
    for external_id, told, found, conversation in stand.ask(RECEIVED):
        assert (told, found) == (1, 1), external_id
        customer, number = map(int, external_id.partition("@")[0].split("."))
        order[customer].append(number)
        places[customer].add(conversation)
    ours = {customer: order[customer] for customer in counts}
    assert ours == {customer: list(range(count)) for customer, count in counts.items()}
    assert {len(places[customer]) for customer in counts} == {1}
    kept = stand.ask("SELECT state, count(*) FROM channels_envelope GROUP BY 1")
    assert kept == [("done", sum(map(len, order.values())))]
    assert stand.ask("SELECT follower FROM journal_stumble") == []


def check_what_went_out(desk: Desk, counts: dict[int, int]) -> None:
    """So many answers to each customer: at most one mail each, one unless it is asked about, in order."""
    rows = [row for row in desk.stand.ask(SENT) if _customer_of(row[0]) in counts]
    taken = [found[0] for words in desk.sink.words() if (found := ANSWER.search(words))]
    arrived = Counter(taken)
    wanted = {f"Answer {n} to customer {c}." for c, count in counts.items() for n in range(count)}
    assert sorted(text for text, _, _ in rows) == sorted(wanted)
    assert [text for text, count in arrived.items() if count > 1] == []
    assert {(state, told) for _, state, told in rows} <= {("accepted", 1), ("unknown", 1)}
    assert [row for row in rows if row[1] == "accepted" and not arrived[row[0]]] == []
    assert sum(row[1] == "unknown" for row in rows) <= len(rows) / 2
    for customer in counts:
        numbers = [
            int(ANSWER.findall(text)[0][0]) for text in taken if _customer_of(text) == customer
        ]
        assert numbers == sorted(numbers)


def _customer_of(text: str) -> int:
    found = ANSWER.search(text)
    return int(found[2]) if found else -1
