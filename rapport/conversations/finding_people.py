"""Finding people: customers by the beginning of a name or by a whole address, as far as the agent may see them.

A customer is seen by whoever may see a conversation of theirs. The names are compared by their bytes, small
letters of ASCII apart, so that an index answers on any PostgreSQL; other letters are tried in both sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rapport.accounts.models import Agent
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import Question, ask

#: So many of a name are looked at; whoever means another one writes more of it.
CANDIDATES = 200
LONGEST = 80
LAST = "\U0010ffff"
NAME = 'lower(name COLLATE "C")'
FAMILY = "lower(regexp_replace(name, '^.*\\s', '') COLLATE \"C\")"
FIND = """
SELECT u.id, u.name, coalesce((SELECT coalesce(nullif(i.shown, ''), i.value) FROM customers_identity i
                               WHERE i.customer_id = u.id ORDER BY i.id LIMIT 1), ''), c.id
FROM ({found}) u
CROSS JOIN LATERAL (
    SELECT c.id, c.last_message_at FROM conversations_conversation c
    WHERE c.customer_id = u.id AND c.state <> 'merged' AND {seen}
    ORDER BY c.last_message_at DESC LIMIT 1) c
ORDER BY c.last_message_at DESC, c.id DESC LIMIT {limit}
"""
BY_NAME = """(SELECT id, name FROM customers_customer
    WHERE {name} >= %({key})s AND {name} < %({key}_end)s LIMIT {candidates})"""
BY_ADDRESS = """SELECT x.id, x.name FROM customers_identity y JOIN customers_customer x ON x.id = y.customer_id
    WHERE y.kind = 'email' AND y.value = %(address)s"""


class Met(NamedTuple):
    """A customer, how they are reached first, and the newest conversation with them that may be seen."""

    id: int
    name: str
    address: str
    conversation: int


def find_people(agent: Agent, text: str, *, limit: int = 5) -> list[Met]:
    """Customers whose name or family name begins so, or whose address it is; the latest to write first."""
    sought = text.strip()[:LONGEST].replace("\0", "")
    return [Met(*row) for row in ask(*_question(agent, sought, limit))] if sought else []


def _question(agent: Agent, sought: str, limit: int) -> Question:
    seen, parameters = sight_of(agent)
    if "@" in sought:
        parameters["address"] = sought.lower()
        return Question(FIND.format(found=BY_ADDRESS, seen=seen, limit=limit), parameters)
    parts: list[str] = []
    for number, spelt in enumerate(_spellings(sought)):
        key = f"begins_{number}"
        parameters |= {key: spelt, f"{key}_end": spelt + LAST}
        parts += [BY_NAME.format(name=n, key=key, candidates=CANDIDATES) for n in (NAME, FAMILY)]
    return Question(FIND.format(found=" UNION ".join(parts), seen=seen, limit=limit), parameters)


def _spellings(sought: str) -> Iterator[str]:
    """As it is typed, and with a great letter at each word, as names have it; always two."""
    for spelt in (sought, sought.title()):
        yield "".join(sign.lower() if sign.isascii() else sign for sign in spelt)
