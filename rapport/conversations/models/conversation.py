"""A conversation: fields, constraints, and words for queries. What can be done with it stands next door."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock

if TYPE_CHECKING:
    from rapport.accounts.models import Agent


class State(models.TextChoices):
    """Where a conversation stands; the fact behind it (a Solution, a Snooze …) says who and when."""

    OPEN = "open", _("Open")
    SNOOZED = "snoozed", _("Snoozed")
    SOLVED = "solved", _("Solved")
    SPAM = "spam", _("Spam")
    MERGED = "merged", _("Merged")
    SIDE = "side", _("Asked aside")


class Priority(models.IntegerChoices):
    """How pressing it is."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Words that read when chained; whose they are is `access.visible_to`."""

    def in_state(self, *states: str) -> Self:
        return self.filter(state__in=states)

    def open(self) -> Self:
        return self.filter(state=State.OPEN)

    def assigned_to(self, agent: Agent) -> Self:
        return self.filter(assignee=agent)

    def unassigned(self) -> Self:
        return self.filter(assignee=None)

    def newest_first(self) -> Self:
        return self.order_by("-last_message_at", "-id")

    def longest_waiting_first(self) -> Self:
        return self.exclude(waiting_since=None).order_by("waiting_since", "id")


class Conversation(models.Model):
    """One matter of one customer, over whatever channels it runs."""

    subject = models.TextField(blank=True, default="")
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="conversations", db_index=False
    )
    brand = models.ForeignKey(
        "accounts.Brand", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    #: The channel it began on. No foreign key: channels stand above this room.
    channel_id = models.BigIntegerField(null=True)
    channel_kind = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    assignee = models.ForeignKey(
        "accounts.Agent", models.SET_NULL, null=True, related_name="conversations", db_index=False
    )
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, related_name="conversations", db_index=False
    )
    language = models.CharField(max_length=12, blank=True, default="")
    #: A line of the newest message that a person wrote, for lists.
    preview = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField(default=clock.now)
    #: Provider time of the newest message, notes included: the order of every list.
    last_message_at = models.DateTimeField(default=clock.now)
    last_inbound_at = models.DateTimeField(null=True)
    #: The first customer message that nobody has answered yet.
    waiting_since = models.DateTimeField(null=True)
    #: Highest id among its messages: what a writer saw, for the guard against crossing replies.
    last_message_id = models.BigIntegerField(null=True)
    message_count = models.PositiveIntegerField(default=0)
    #: The older conversation that this one goes on from.
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="continued_by", db_index=False
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="merged_from", db_index=False
    )
    #: For what is asked aside: the conversation that it is about. Whoever sees that one sees this.
    beside = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="sides", db_index=False
    )
    tags = models.ManyToManyField(
        "conversations.Tag", through="conversations.Tagging", related_name="conversations"
    )

    objects: ClassVar = ConversationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index("last_message_at", "id", name="conv_newest"),
            models.Index("state", "last_message_at", "id", name="conv_state_newest"),
            models.Index("team", "state", "last_message_at", "id", name="conv_team_newest"),
            models.Index(
                "assignee",
                "last_message_at",
                "id",
                condition=Q(state__in=["open", "snoozed"]),
                name="conv_mine_newest",
            ),
            models.Index(
                "last_message_at",
                "id",
                condition=Q(state="open", assignee=None),
                name="conv_unassigned_newest",
            ),
            models.Index(
                "waiting_since",
                "id",
                condition=Q(state="open", waiting_since__isnull=False),
                name="conv_waiting",
            ),
            models.Index(
                "priority",
                "last_message_at",
                "id",
                condition=Q(state__in=["open", "snoozed"]),
                name="conv_pressing",
            ),
            models.Index("customer", "last_message_at", name="conv_customer"),
            # Few have one: whole, these two were written for every conversation.
            models.Index("continues", condition=Q(continues__isnull=False), name="conv_continues"),
            models.Index(
                "merged_into", condition=Q(merged_into__isnull=False), name="conv_merged_into"
            ),
            models.Index("beside", condition=Q(beside__isnull=False), name="conv_beside"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How people call it: C-1042."""
        return f"C-{self.pk}"

    @property
    def is_at_rest(self) -> bool:
        """Nobody needs to do anything: solved, spam or merged away."""
        return self.state in (State.SOLVED, State.SPAM, State.MERGED, State.SIDE)
