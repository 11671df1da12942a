"""Attachments: files that came or go with a message."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel import clock


class Attachment(models.Model):
    """A file by its content hash, or the name of one that was refused and why.

    `stored_name` is empty where it was refused. Files are named by their SHA-256, so that storing twice
    is storing once and a crash between file and row leaves nothing wrong.
    """

    message = models.ForeignKey(
        "conversations.Message", models.CASCADE, null=True, related_name="attachments"
    )
    #: Who uploaded it, while it waits in a composer for its message.
    uploaded_by = models.ForeignKey("accounts.Agent", models.CASCADE, null=True, related_name="+")
    #: The draft that it waits for; it is then kept as long as the draft.
    draft = models.ForeignKey(
        "conversations.Draft", models.SET_NULL, null=True, related_name="uploads", db_index=False
    )
    name = models.TextField()
    content_type = models.CharField(max_length=200, default="application/octet-stream")
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    stored_name = models.CharField(max_length=200, blank=True, default="")
    content_id = models.TextField(blank=True, default="")
    is_inline = models.BooleanField(default=False)
    refused = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["stored_name"], name="attachment_stored_name"),
            models.Index(
                fields=["uploaded_by", "created_at"],
                condition=Q(message=None),
                name="attachment_waiting",
            ),
            models.Index(
                fields=["draft"], condition=Q(draft__isnull=False), name="attachment_of_draft"
            ),
        ]

    def __str__(self) -> str:
        return self.name
