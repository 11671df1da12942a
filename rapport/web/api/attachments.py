"""`/attachments`: files up and down."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from ninja import File, Router, Status
from ninja.files import UploadedFile

from rapport.conversations.models import Attachment
from rapport.conversations.uploading import keep_upload
from rapport.kernel.storage import open_file
from rapport.web.api.loading import message_for, one_of
from rapport.web.api.shapes import ANSWERS_A_FILE, AttachmentShape
from rapport.web.api.signing_in import caller

router = Router(tags=["attachments"])


@router.post("", response={201: AttachmentShape}, operation_id="upload")
def upload(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Keep a file for a message to come; name its id in the reply."""
    agent = caller(request, "messages:write")
    kept = keep_upload(
        file.read(),
        name=(file.name or "file").replace("\x00", ""),
        content_type=file.content_type or "",
        by=agent.actor,
    )
    return Status(201, AttachmentShape.of(kept))


@router.get("/{int:number}", operation_id="download", openapi_extra=ANSWERS_A_FILE)
def download(request: HttpRequest, number: int) -> Any:
    """The file itself, always as a download."""
    agent = caller(request, "messages:read")
    attachment: Attachment = one_of(Attachment.objects.all(), number)
    if attachment.message_id is None:
        if attachment.uploaded_by_id != agent.pk:
            raise Http404
    else:
        message_for(agent, attachment.message_id)
    if not attachment.stored_name:
        raise Http404
    return FileResponse(
        open_file(attachment.stored_name),
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
