"""Listing people: the customers whom a colleague may know of, newest first, at a cost that does not grow.

Whoever sees few conversations among a million would make each page look at everybody: so a page looks at
a stretch of customers, and says where the next one begins even where it found nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rapport.accounts.models import Agent
from rapport.conversations.seeing import sight_of
from rapport.kernel.asking import Question, ask
from rapport.kernel.text.folding import fold, strip_accents

STRETCH = 1_000
COLUMNS = """
       u.id, u.name, u.language, coalesce(o.name, ''),
       (SELECT json_agg(coalesce(nullif(i.shown, ''), i.value) ORDER BY i.kind, i.id)::text
        FROM customers_identity i WHERE i.customer_id = u.id),
       c.id, c.subject, c.language, c.last_message_at
"""
BESIDE = """
LEFT JOIN customers_organisation o ON o.id = u.organisation_id
{join} JOIN LATERAL (
    SELECT c.id, c.subject, c.language, c.last_message_at FROM conversations_conversation c
    WHERE c.customer_id = u.id AND {seen} ORDER BY c.last_message_at DESC LIMIT 1
) c ON true
"""
NEWEST = """
SELECT {columns} FROM (
    SELECT * FROM customers_customer WHERE id < %(before)s AND merged_into_id IS NULL
    ORDER BY id DESC LIMIT {stretch}
) u {beside} ORDER BY u.id DESC LIMIT {limit}
"""
#: Where a stretch ends that gave less than a page.
STRETCHED = """
SELECT min(id), count(*) FROM (
    SELECT id FROM customers_customer WHERE id < %(before)s AND merged_into_id IS NULL
    ORDER BY id DESC LIMIT {stretch}
) u
"""
#: Those of whom something begins so; each word reads a bounded stretch of the index.
BEGINNING = """(SELECT customer_id FROM customers_mark WHERE kind = 'word'
    AND value >= %({key})s AND value < %({key})s || chr(1114111) LIMIT {most})"""
FOUND = """
SELECT {columns} FROM (
    SELECT x.* FROM (SELECT DISTINCT customer_id FROM ({beginnings}) each) met
    JOIN customers_customer x ON x.id = met.customer_id
    WHERE x.merged_into_id IS NULL ORDER BY x.id DESC LIMIT {candidates}
) u {beside} ORDER BY c.last_message_at DESC NULLS LAST, u.id DESC LIMIT {limit}
"""
#: So many are looked up for a word, and so many of those who have all words, the newest, are looked at.
BEGUN, CANDIDATES = 20_000, 200
MOST_WORDS = 6
PHONE = re.compile(r"[+0-9][0-9\s()./-]{3,}")
LAST = 2**62


class Somebody(NamedTuple):
    """A customer in a list, with the newest conversation of theirs that the reader may see."""

    id: int
    name: str
    language: str
    organisation: str
    addresses: Sequence[str]
    matter: int | None
    subject: str
    matter_language: str
    last_at: datetime | None


class PeoplePage(NamedTuple):
    """Some of them; `after` is where the next page begins, None at the end."""

    people: list[Somebody]
    after: int | None = None


def newest_people(agent: Agent, *, limit: int = 50, before: int | None = None) -> PeoplePage:
    """The customers whom the agent may know of, who came to be known last first; merged ones are left out."""
    if not agent.may_see:
        return PeoplePage([])
    found = [somebody(row) for row in ask(*people_question(agent, limit=limit, before=before))]
    if len(found) > limit:
        return PeoplePage(found[:limit], found[limit - 1].id)
    last, count = ask(STRETCHED.format(stretch=STRETCH), {"before": before or LAST})[0]
    return PeoplePage(found, last if count == STRETCH else None)


def look_up_people(agent: Agent, text: str, *, limit: int = 50) -> PeoplePage:
    """Those whose names, organisations, addresses or numbers begin with every word, last heard of first.

    Of what many have in common the newest are looked at: another word finds the others.
    """
    words = _words(text)
    if not agent.may_see or not words:
        return PeoplePage([])
    seen, parameters = sight_of(agent)
    beside = BESIDE.format(seen=seen, join="LEFT" if agent.is_lead else "")
    keys = {f"word_{number}": word for number, word in enumerate(words)}
    beginnings = " INTERSECT ".join(BEGINNING.format(key=key, most=BEGUN) for key in keys)
    statement = FOUND.format(
        columns=COLUMNS, beginnings=beginnings, beside=beside, candidates=CANDIDATES, limit=limit
    )
    found = ask(statement, {**parameters, **keys})
    return PeoplePage([somebody(row) for row in found])


def _words(text: str) -> list[str]:
    """What is looked for; a number is one word, however it is written."""
    if PHONE.fullmatch(text.strip()):
        digits = "".join(each for each in text if each.isdigit())
        return [digits.removeprefix("00").removeprefix("0")]
    folded = fold(text.replace("\x00", " "))
    words = (part if "@" in part else strip_accents(part) for part in folded.split())
    bare = (word.strip(".,;:()<>\"'") for word in words)
    return list(dict.fromkeys(part for word in bare for part in _parts(word)))[:MOST_WORDS]


def _parts(word: str) -> list[str]:
    if "@" in word or "." in word:
        return [word]
    return re.findall(r"[^\W_]+", word)


def people_question(agent: Agent, *, limit: int, before: int | None = None) -> Question:
    """What `newest_people` asks first."""
    seen, parameters = sight_of(agent)
    beside = BESIDE.format(seen=seen, join="LEFT" if agent.is_lead else "")
    statement = NEWEST.format(columns=COLUMNS, beside=beside, stretch=STRETCH, limit=limit + 1)
    return Question(statement, {**parameters, "before": before or LAST})


def somebody(row: tuple[Any, ...]) -> Somebody:
    """A row of COLUMNS."""
    number, name, language, organisation, addresses, matter, subject, spoken, last = row
    known = json.loads(addresses or "[]")
    return Somebody(
        number, name, language, organisation, known, matter, subject or "", spoken or "", last
    )
