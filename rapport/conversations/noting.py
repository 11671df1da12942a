"""Noting: a word among ourselves, beside the conversation. It never leaves the house."""

from __future__ import annotations

from collections.abc import Sequence

from rapport.conversations.drafting import take_draft
from rapport.conversations.events import NoteWritten
from rapport.conversations.locking import check_not_merged, locked
from rapport.conversations.mentioning import keep_mentions, read_mentions
from rapport.conversations.models import Conversation, Direction, Message
from rapport.conversations.reckoning import COLUMNS, apply_note
from rapport.conversations.repeating import Asked, keep_request, standing_message
from rapport.conversations.sending import EmptyMessage, check_words
from rapport.conversations.uploading import attach_uploads
from rapport.kernel import journal
from rapport.kernel.actors import Actor

__all__ = ["EmptyMessage", "write_note"]


def write_note(
    conversation: Conversation,
    *,
    by: Actor,
    text: str,
    attachments: Sequence[int] = (),
    client_key: str = "",
    fingerprint: str = "",
) -> Message:
    """Write a note (Markdown); the same `client_key` again is the same note.

    Whom it calls (`@Name`) is written down with it; whom it does not reach stands in its `extras`.
    Another `fingerprint` under that key is refused; `attachments` are ids of the writer's uploads.
    Raises EmptyMessage, UploadGone, MergedAway, KeyTaken.
    """
    asked = Asked(client_key, fingerprint)
    check_words(text, attachments)
    with locked(conversation, by=by) as fresh:
        standing = standing_message(fresh, asked, text=text, direction=Direction.NOTE)
        if standing:
            return standing
        check_not_merged(fresh)
        mentions = read_mentions(text, conversation=fresh)
        note = Message.objects.create(
            conversation=fresh,
            direction=Direction.NOTE,
            agent_id=by.id if by.kind == "agent" else None,
            author_name=by.name,
            text=text,
            client_key=client_key,
            extras=mentions.as_extras(),
        )
        mentioned = keep_mentions(note, mentions, by=by)
        keep_request(note, asked)
        take_draft(fresh, client_key, by=by)
        attach_uploads(note, attachments, by=by)
        apply_note(fresh, note)
        fresh.save(update_fields=COLUMNS)
        journal.record(
            NoteWritten(
                by=by,
                conversation=fresh.pk,
                team=fresh.team_id or 0,
                message=note.pk,
                mentioned=tuple(mentioned),
            )
        )
    return note
