"""Reading: the messages of a thread with their deliveries and files, in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rapport.conversations.models import Direction, Message, MessageKind
from rapport.kernel.asking import Question, ask
from rapport.web.kit.paging import Key

STATEMENT = """
SELECT m.id, m.direction, m.kind, m.author_name, m.channel_kind, m.text, m.quoted, m.signature, m.html,
       m.language, m.sent_at, m.withdrawn_at, m.addresses::text, m.why::text, m.extras::text,
       d.state, d.due_at, d.changed_at, d.error, d.refused::text,
       (SELECT json_agg(json_build_object('only_to', a.only_to, 'state', a.state, 'error', a.error,
                'changed_at', a.changed_at) ORDER BY a.id)::text
        FROM channels_delivery a WHERE a.message_id = m.id AND a.only_to <> ''),
       (SELECT json_agg(json_build_object('pk', f.id, 'name', f.name, 'content_type', f.content_type,
                'size', f.size, 'stored_name', f.stored_name, 'refused', f.refused,
                'content_id', f.content_id, 'is_inline', f.is_inline) ORDER BY f.id)::text
        FROM conversations_attachment f WHERE f.message_id = m.id)
FROM conversations_message m
LEFT JOIN channels_delivery d ON d.message_id = m.id AND d.only_to = ''
WHERE m.conversation_id = %(conversation)s {more}
ORDER BY m.sent_at {direction}, m.id {direction} LIMIT {limit}
"""
FIRST_UNREAD = """
SELECT id FROM conversations_message
WHERE conversation_id = %(conversation)s AND direction = 'in' AND id > %(read)s
ORDER BY sent_at, id LIMIT 1
"""
PLACE = """
SELECT sent_at FROM conversations_message
WHERE id = %(message)s AND conversation_id = %(conversation)s
"""


class File(NamedTuple):
    """A file that came or goes with a message; `stored_name` is empty where it was refused."""

    pk: int
    name: str
    content_type: str
    size: int
    stored_name: str
    refused: str
    content_id: str
    is_inline: bool


class Apart(NamedTuple):
    """How far a message has come on its way to one recipient alone."""

    only_to: str
    state: str
    error: str
    changed_at: datetime


class Spoken(NamedTuple):
    """A message as it is read: plain values, so that the same one is drawn once. JSON stands as text."""

    id: int
    direction: str
    kind: str
    author_name: str
    channel_kind: str
    text: str
    quoted: str
    signature: str
    html: str
    language: str
    sent_at: datetime
    withdrawn_at: datetime | None
    addresses_json: str
    why_json: str
    extras_json: str
    delivery_state: str | None
    due_at: datetime | None
    changed_at: datetime | None
    error: str | None
    refused_json: str | None
    apart_json: str | None
    files_json: str | None

    @property
    def key(self) -> Key:
        return Key(self.sent_at, self.id)

    @property
    def length(self) -> int:
        """How many characters strangers could have filled it with; those who keep drawings ask."""
        words = len(self.text) + len(self.quoted) + len(self.signature) + len(self.html)
        beside = len(self.addresses_json) + len(self.extras_json) + len(self.files_json or "")
        return words + beside

    @property
    def is_note(self) -> bool:
        return self.direction == Direction.NOTE

    @property
    def is_ours(self) -> bool:
        return self.direction == Direction.OUT

    @property
    def asks_for_an_answer(self) -> bool:
        """A person wrote it to us."""
        came = self.direction == Direction.IN and self.kind == MessageKind.HUMAN
        return came and self.withdrawn_at is None

    @property
    def can_be_followed_up(self) -> bool:
        """We wrote it to the customer, and did not pass somebody else's words on."""
        left = self.is_ours and self.withdrawn_at is None
        return left and "forwards" not in self.extras

    @property
    def addresses(self) -> dict[str, Any]:
        return _opened(self.addresses_json)

    @property
    def why(self) -> dict[str, Any]:
        return _opened(self.why_json)

    @property
    def extras(self) -> dict[str, Any]:
        return _opened(self.extras_json)

    @property
    def refused(self) -> dict[str, str]:
        """Addresses that the other side turned down, with its reasons."""
        return _opened(self.refused_json or "{}")

    @property
    def apart(self) -> list[Apart]:
        """Recipients with a delivery of their own: they were put off while others were taken."""
        found = json.loads(self.apart_json) if self.apart_json else []
        return [
            Apart(**{**each, "changed_at": datetime.fromisoformat(each["changed_at"])})
            for each in found
        ]

    @property
    def files(self) -> list[File]:
        found = json.loads(self.files_json) if self.files_json else []
        return [File(**each) for each in found]

    def as_message(self) -> Message:
        """As much of the row as is needed to say who would be answered."""
        return Message(pk=self.id, direction=self.direction, addresses=self.addresses)


def read_newest(conversation: int, *, limit: int, before: Key | None = None) -> Sequence[Spoken]:
    """The newest messages (before a key), the oldest of them first."""
    found = ask(*newest_question(conversation, limit=limit, before=before))
    return [Spoken(*values) for values in reversed(found)]


def newest_question(conversation: int, *, limit: int, before: Key | None = None) -> Question:
    """What `read_newest` asks."""
    more = "AND (m.sent_at, m.id) < (%(at)s, %(id)s)" if before else ""
    return _question(conversation, before, more=more, direction="DESC", limit=limit)


def read_since(conversation: int, *, since: Key, limit: int) -> Sequence[Spoken]:
    """The messages from a key on, that one included."""
    more = "AND (m.sent_at, m.id) >= (%(at)s, %(id)s)"
    found = ask(*_question(conversation, since, more=more, direction="ASC", limit=limit))
    return [Spoken(*values) for values in found]


def first_unread(conversation: int, *, read_up_to: int) -> int:
    """The first of a customer's messages behind the one that was read last; 0 where there is none."""
    found = ask(FIRST_UNREAD, {"conversation": conversation, "read": read_up_to})
    return int(found[0][0]) if found else 0


def key_of(conversation: int, *, message: int) -> Key | None:
    """The place of a message in its thread; None where it stands in another one."""
    found = ask(PLACE, {"conversation": conversation, "message": message})
    return Key(found[0][0], message) if found else None


def read_aside(sides: Sequence[int], *, limit: int) -> Sequence[Spoken]:
    """The newest messages of several threads together, the oldest of them first."""
    found = ask(*aside_question(sides, limit=limit))
    return [Spoken(*values) for values in reversed(found)]


def aside_question(sides: Sequence[int], *, limit: int) -> Question:
    """What `read_aside` asks."""
    statement = STATEMENT.replace("= %(conversation)s", "= ANY(%(sides)s::bigint[])")
    asked = statement.format(more="", direction="DESC", limit=limit)
    return Question(asked, {"sides": list(sides)})


def read_one(message: Message) -> Spoken:
    """One message."""
    key = Key(message.sent_at, message.pk)
    more = "AND m.id = %(id)s"
    question = _question(message.conversation_id, key, more=more, direction="ASC", limit=1)
    return Spoken(*ask(*question)[0])


def _question(
    conversation: int, key: Key | None, *, more: str, direction: str, limit: int
) -> Question:
    parameters: dict[str, Any] = {"conversation": conversation}
    if key:
        parameters |= {"at": key.at, "id": key.id}
    return Question(STATEMENT.format(more=more, direction=direction, limit=limit), parameters)


def _opened(text: str) -> dict[str, Any]:
    value = json.loads(text) if text not in ("{}", "null") else {}
    return value if isinstance(value, dict) else {}
