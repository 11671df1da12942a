"""Mailbox cursors: how far an IMAP folder has been read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class MailboxCursor(models.Model):
    """UIDVALIDITY and the last UID of one folder, and the two counts that must agree."""

    channel = models.ForeignKey("channels.Channel", models.CASCADE, related_name="cursors")
    folder = models.CharField(max_length=200, default="INBOX")
    #: Whose folder on which server it is: a channel pointed elsewhere must not go on in the middle.
    account = models.TextField(default="", db_default="")
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    #: Mails fetched from the folder, and those of them that are durable envelopes (new or known).
    fetched = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "folder"], name="mailbox_cursor_once")
        ]
