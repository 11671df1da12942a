"""Bulks: one thing done to many conversations, step by step, so that it can be taken back step by step."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel.facts import Fact


class Deed(models.TextChoices):
    """What is done to each; all but the first six need no value."""

    AGENT = "agent", _("Give to somebody")
    TEAM = "team", _("Give to a team")
    TAG = "tag", _("Tag")
    UNTAG = "untag", _("Take a tag off")
    PRIORITY = "priority", _("Priority")
    SNOOZE = "snooze", _("Snooze")
    SOLVE = "solve", _("Solve")
    SPAM = "spam", _("Mark as spam")
    READ = "read", _("Mark as read")
    UNREAD = "unread", _("Mark as unread")


class StepState(models.TextChoices):
    """How a step has gone. What stood so already is none of ours: the undo leaves it."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    SAME = "same", _("Was so already")
    REFUSED = "refused", _("Not possible")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Could not be undone")


class Bulk(Fact):
    """One thing done to many conversations by one agent; the same key again is the same bulk."""

    deed = models.CharField(max_length=10, choices=Deed.choices)
    value = models.TextField(blank=True, default="")
    client_key = models.CharField(max_length=64)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["by_id", "client_key"], name="bulk_once")
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.pk}"


class BulkStep(models.Model):
    """One conversation of a bulk: what of it was so before and after, and why not where it was not done."""

    bulk = models.ForeignKey(Bulk, models.CASCADE, related_name="steps", db_index=False)
    conversation = models.ForeignKey("conversations.Conversation", models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=StepState.choices, default=StepState.WAITING)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bulk", "conversation"], name="bulk_step_once")
        ]
        indexes: ClassVar = [models.Index(fields=["bulk", "state", "id"], name="bulk_step_state")]

    def __str__(self) -> str:
        return f"{self.bulk_id}/{self.conversation_id} {self.state}"
