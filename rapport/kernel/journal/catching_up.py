"""Catching up: what a page is told that was behind, without the details: of whom something was said, and where."""

from __future__ import annotations

from typing import NamedTuple

from rapport.kernel.asking import Question
from rapport.kernel.journal.positions import SETTLED, Position

_NEWS = f"""
SELECT kind, subject_kind, subject_id, streams FROM journal_entry
WHERE (era, xid, id) > (%(era)s, %(xid)s, %(id)s) AND {SETTLED}
ORDER BY era, xid, id LIMIT {{limit}}
"""  # noqa: S608


class News(NamedTuple):
    """That something happened: to a conversation, a customer, a setting; spoken of on these streams."""

    kind: str
    subject_kind: str
    subject_id: int
    streams: str


def news_question(since: Position, *, limit: int) -> Question:
    """The rows of the `News` behind a position, in the order of their transactions."""
    return Question(_NEWS.format(limit=limit), since._asdict())
