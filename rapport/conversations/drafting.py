"""Drafting: what an agent writes is kept while it is written, for this agent alone, on every device.

A draft is nobody's news: nothing of it stands in the journal, and no role lets anybody read another's.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.access import NotAllowed, check_may_start, check_may_work
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Attachment, ClientRequest, Conversation, Draft, DraftKind
from rapport.kernel import clock
from rapport.kernel.actors import Actor
from rapport.kernel.asking import Question, ask
from rapport.kernel.pg.locking import lock_name

LOCK = "conversations.draft"

#: Characters of a draft's words, and of each line above them.
LONGEST_TEXT = 200_000
LONGEST_LINE = 20_000
LONGEST_TIME = 40
#: Drafts of one agent, and files of one draft.
MOST_DRAFTS = 1_000
MOST_FILES = 100

STATEMENT = """
SELECT d.kind, d.text, d.heads::text, d.later, d.forwards, d.client_key, d.version,
       (SELECT json_agg(json_build_object('pk', f.id, 'name', f.name, 'size', f.size,
                'content_type', f.content_type, 'content_id', f.content_id) ORDER BY f.id)::text
        FROM conversations_attachment f WHERE f.draft_id = d.id AND f.message_id IS NULL)
FROM conversations_draft d
WHERE d.conversation_id = %(conversation)s AND d.agent_id = %(agent)s
ORDER BY d.changed_at DESC, d.id DESC
"""


class DraftMoved(Refusal):
    """Another device has saved something else meanwhile: `standing` is that."""

    message = _("You wrote something else here on another device.")

    def __init__(self, standing: Draft) -> None:
        super().__init__(self.message)
        self.standing = standing


class DraftGone(Refusal):
    """It was sent or thrown away meanwhile; `was_sent` says which."""

    message = _("This was sent or thrown away on another device.")

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__(self.message)
        self.was_sent = was_sent


class DraftTooLong(Refusal):
    """More than a draft can hold."""

    message = _("This is too long to be kept as a draft. It stays in this browser.")


class TooManyDrafts(Refusal):
    """One agent's share is used up."""

    message = _("You have too many drafts. Send or throw away some of them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the composer: Markdown, lines as they were typed, ids of the writer's waiting files."""

    kind: str = DraftKind.REPLY
    text: str = ""
    heads: dict[str, str] = field(default_factory=dict)
    later: str = ""
    forwards: int = 0
    uploads: Sequence[int] = ()
    client_key: str = ""
    #: The page that it is written on, and the version that this page has seen; empty for none.
    device: str = ""
    version: str = ""

    @property
    def is_empty(self) -> bool:
        """People, a subject and a time are nothing without words or files."""
        return not self.text.strip() and not self.uploads


class Waiting(NamedTuple):
    """A file that waits with its uploader."""

    pk: int
    name: str
    size: int
    content_type: str
    content_id: str


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as its writer's page shows it."""

    kind: str
    text: str
    heads: dict[str, str]
    later: str
    forwards: int
    client_key: str
    version: str
    uploads: Sequence[Waiting]


def save_draft(conversation: Conversation, written: Written, *, by: Actor) -> Draft | None:
    """Keep it in the place of what was kept under its key or kind; None when it is empty and so is gone.

    Raises DraftMoved, DraftGone, DraftTooLong, TooManyDrafts, NotAllowed.
    """
    _check_size(written)
    with transaction.atomic():
        agent = _hold(conversation, by=by)
        key = written.client_key
        if key and ClientRequest.objects.filter(conversation=conversation, client_key=key).exists():
            raise DraftGone(was_sent=True)
        rows = list(_own(conversation, agent).select_for_update().order_by("pk"))
        by_key = next((row for row in rows if key and row.client_key == key), None)
        there = next((row for row in rows if row.kind == written.kind), None)
        standing = there or by_key
        _check_seen(standing, written)
        if by_key and standing is not by_key:
            by_key.delete()
        if written.is_empty:
            _drop(standing)
            return None
        return _kept(standing, conversation, written, agent=agent)


def take_draft(conversation: Conversation, client_key: str, *, by: Actor) -> None:
    """Its words go out as a message: the draft is gone in that message's commit."""
    if client_key and by.kind == "agent":
        mine = Draft.objects.filter(conversation=conversation, agent_id=by.id or 0)
        mine.filter(client_key=client_key).delete()


def check_newest(conversation: Conversation, written: Written, *, by: Actor) -> None:
    """Raise DraftMoved where another device went on writing what is about to be sent."""
    mine = Draft.objects.filter(conversation=conversation, agent_id=by.id or 0)
    standing = mine.filter(client_key=written.client_key).first()
    if standing and standing.text.strip() != written.text.strip():
        _check_seen(standing, written)


def discard_draft(conversation: Conversation, *, kind: str, by: Actor) -> None:
    """Throw it away; its files wait a week for another message. Throwing away twice is once."""
    Draft.objects.filter(conversation=conversation, agent_id=by.id or 0, kind=kind).delete()


def drafts_question(conversation: Conversation, *, agent: Agent) -> Question:
    """What `drafts_of` asks."""
    return Question(STATEMENT, {"conversation": conversation.pk, "agent": agent.pk})


def drafts_of(conversation: Conversation, *, agent: Agent) -> list[KeptDraft]:
    """The agent's own drafts here, the one written last first."""
    return [_read(row) for row in ask(*drafts_question(conversation, agent=agent))]


def _read(row: Sequence[Any]) -> KeptDraft:
    kind, text, heads, later, forwards, key, version, files = row
    uploads = [Waiting(**each) for each in json.loads(files or "[]")]
    return KeptDraft(kind, text, json.loads(heads), later, forwards, key, version, uploads)


def _own(conversation: Conversation, agent: Agent) -> Any:
    return Draft.objects.filter(conversation=conversation, agent=agent)


def _check_size(written: Written) -> None:
    is_too_long = len(written.text) > LONGEST_TEXT or len(written.later) > LONGEST_TIME
    is_too_long |= any(len(line) > LONGEST_LINE for line in written.heads.values())
    if is_too_long or len(written.uploads) > MOST_FILES:
        raise DraftTooLong


def _hold(conversation: Conversation, *, by: Actor) -> Agent:
    """Wait for a message that is being sent here, so that its draft does not come back."""
    agent = check_may_start(by)
    if agent is None:
        raise NotAllowed(NotAllowed.__doc__)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM conversations_conversation WHERE id = %s FOR KEY SHARE",
            [conversation.pk],
        )
        lock_name(cursor, LOCK, f"{conversation.pk}.{agent.pk}")
    conversation.refresh_from_db(fields=["team", "assignee"])
    check_may_work(by, conversation)
    return agent


def _check_seen(standing: Draft | None, written: Written) -> None:
    """Raise where the writer's page has not seen what stands; the same words once more are no quarrel."""
    if standing is None:
        if written.version:
            raise DraftGone(was_sent=False)
        return
    is_own = bool(written.device) and standing.device == written.device
    if not is_own and standing.version != written.version and not _is_same(standing, written):
        raise DraftMoved(standing)


def _is_same(standing: Draft, written: Written) -> bool:
    now = (written.kind, written.text, written.later, written.forwards, written.heads)
    before = (standing.kind, standing.text, standing.later, standing.forwards, standing.heads)
    return now == before


def _drop(standing: Draft | None) -> None:
    if standing is not None:
        standing.delete()


def _kept(
    standing: Draft | None, conversation: Conversation, written: Written, *, agent: Agent
) -> Draft:
    if standing is None and Draft.objects.filter(agent=agent).count() >= MOST_DRAFTS:
        raise TooManyDrafts
    draft = standing or Draft(conversation=conversation, agent=agent)
    draft.kind, draft.text, draft.heads = written.kind, written.text, dict(written.heads)
    draft.later, draft.forwards = written.later, written.forwards
    draft.client_key = written.client_key or draft.client_key or secrets.token_hex(16)
    draft.device = written.device
    draft.version, draft.changed_at = secrets.token_hex(6), clock.now()
    draft.save()
    mine = Attachment.objects.filter(message=None, uploaded_by=agent)
    mine.filter(draft=draft).exclude(pk__in=written.uploads).update(draft=None)
    mine.filter(pk__in=written.uploads).update(draft=draft)
    return draft
