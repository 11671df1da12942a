"""Notifications: what an agent should hear of, and by which ways each of them wants to hear."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel.facts import Fact


class NotificationKind(models.TextChoices):
    """Why somebody is told."""

    MENTION = "mention", _("Somebody calls me by name")
    GIVEN = "given", _("I am given a conversation")
    ANSWERED = "answered", _("A customer writes in a conversation of mine")
    FAILED = "failed", _("A message of mine does not arrive")
    WOKEN = "woken", _("A conversation of mine wakes up")
    WATCHED = "watched", _("There is news in a conversation that I watch")


class Way(models.TextChoices):
    """By which way."""

    DESK = "desk", _("Bell")
    BROWSER = "browser", _("Browser")
    MAIL = "mail", _("Mail")


#: For whoever has chosen nothing yet.
USUAL: dict[str, list[str]] = {
    NotificationKind.MENTION: [Way.DESK, Way.BROWSER, Way.MAIL],
    NotificationKind.GIVEN: [Way.DESK, Way.BROWSER, Way.MAIL],
    NotificationKind.ANSWERED: [Way.DESK, Way.BROWSER],
    NotificationKind.FAILED: [Way.DESK, Way.BROWSER, Way.MAIL],
    NotificationKind.WOKEN: [Way.DESK],
    NotificationKind.WATCHED: [Way.DESK],
}
HOUR = 60


class NotificationChoice(models.Model):
    """What an agent has chosen; `mail_minutes` is how long something is unread until a mail tells, 0 is never."""

    agent = models.OneToOneField(
        "accounts.Agent", models.CASCADE, primary_key=True, related_name="notification_choice"
    )
    ways = models.JSONField(default=dict)
    mail_minutes = models.PositiveIntegerField(default=HOUR)
    has_words = models.BooleanField(default=False)

    def ways_of(self, kind: str) -> list[str]:
        """By which ways this kind is told."""
        chosen: list[str] = self.ways.get(kind, USUAL.get(kind, []))
        return chosen


class Notification(Fact):
    """An agent should hear of something in a conversation; more of the same kind joins what is unread.

    `at` and the actor are of the newest, `times` is how many there were, `message_id` what it is about.
    Where it was read from the journal stands in `era`, `xid` and `entry`, so that nobody hears twice.
    """

    agent = models.ForeignKey(
        "accounts.Agent", models.CASCADE, related_name="notifications", db_index=False
    )
    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=12)
    message_id = models.BigIntegerField(null=True)
    times = models.PositiveIntegerField(default=1)
    era = models.BigIntegerField()
    xid = models.BigIntegerField()
    entry = models.BigIntegerField()
    on_desk = models.BooleanField()
    in_browser = models.BooleanField()
    by_mail = models.BooleanField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agent", "conversation", "kind"],
                condition=Q(read_at=None),
                name="notification_unread_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["agent", "conversation"], name="notification_of"),
            models.Index(fields=["agent", "-at"], name="notification_newest"),
            models.Index(fields=["at"], condition=Q(read_at=None), name="notification_waiting"),
        ]
