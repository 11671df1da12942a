"""What conversations do upon their own news, in the same commit: whoever writes has read."""

from __future__ import annotations

from rapport.conversations.events import MessageSent, NoteWritten
from rapport.conversations.marking_read import move_mark
from rapport.kernel import journal


@journal.accompany(MessageSent)
def read_by_sender(event: MessageSent) -> None:
    """Whoever answers a conversation has read it."""
    _read_by_writer(event)


@journal.accompany(NoteWritten)
def read_by_note_taker(event: NoteWritten) -> None:
    """And so has whoever writes a note in it."""
    _read_by_writer(event)


def _read_by_writer(event: MessageSent | NoteWritten) -> None:
    if event.by.kind == "agent" and event.by.id is not None:
        move_mark(event.conversation, agent=event.by.id, up_to=event.message)
