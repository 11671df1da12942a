"""`/conversations/{id}/notes`: words for us alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from rapport.conversations.noting import write_note
from rapport.web.api.loading import conversation_for
from rapport.web.api.messages import Key
from rapport.web.api.repeating import asked_once, made_message
from rapport.web.api.shapes import MessageShape, NoteShape
from rapport.web.api.signing_in import caller

router = Router(tags=["notes"])


@router.post(
    "/{int:number}/notes", response={201: MessageShape}, operation_id="write_note", by_alias=True
)
def post_note(request: HttpRequest, number: int, body: NoteShape, key: Key = None) -> Any:
    """Write a note."""
    agent = caller(request, "messages:write")
    note = write_note(
        conversation_for(agent, number),
        by=agent.actor,
        text=body.text,
        attachments=body.attachments,
        **asked_once(request, key, operation="note", body=body),
    )
    return Status(201, made_message(note))
