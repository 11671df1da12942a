"""Drafts: words that an agent has not sent yet, on whatever device they were begun."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class DraftKind(models.TextChoices):
    """What it will be when it is sent."""

    REPLY = "reply", _("Reply")
    ALL = "all", _("Reply to all")
    FORWARD = "forward", _("Forward")
    NOTE = "note", _("Note")


class Draft(models.Model):
    """What one agent writes in one conversation, one of each kind; nobody else ever reads it.

    `heads` holds what was typed into the lines above the words: to, cc, subject. `forwards` is the id of the
    message that is passed on, 0 for the newest. Files that wait for it name it (`Attachment.draft`).
    `version` is drawn anew at each change, `device` is the page that made it: who saves must be that page,
    or name the version that it saw.
    """

    agent = models.ForeignKey("accounts.Agent", models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=8, choices=DraftKind.choices)
    text = models.TextField(blank=True, default="")
    heads = models.JSONField(default=dict)
    #: When it shall leave, as it was typed; empty for at once.
    later = models.CharField(max_length=40, blank=True, default="")
    forwards = models.BigIntegerField(default=0)
    #: The key under which it will be sent: one message, from however many devices.
    client_key = models.CharField(max_length=64)
    version = models.CharField(max_length=16)
    device = models.CharField(max_length=16, blank=True, default="")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["agent", "-changed_at"], name="draft_of_agent"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "agent", "kind"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
