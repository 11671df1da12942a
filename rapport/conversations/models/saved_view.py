"""Saved views: a filter that somebody keeps under a name, for themselves, a team or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rapport.kernel.facts import PassingFact, PassingQuerySet

if TYPE_CHECKING:
    from rapport.accounts.models import Agent


class ViewOrder(models.TextChoices):
    """What stands on top."""

    NEWEST = "newest", _("Newest first")
    OLDEST = "oldest", _("Oldest first")
    WAITING = "waiting", _("Longest waiting first")
    PRIORITY = "priority", _("Most pressing first")


class ViewPart(models.TextChoices):
    """What a row may show beside who wrote and about what."""

    PREVIEW = "preview", _("First words")
    WAITING = "waiting", _("How long the customer waits")
    PRIORITY = "priority", _("Priority")
    TAGS = "tags", _("Tags")
    OWNER = "owner", _("Owner")


ICONS = (
    *("eye", "tag", "flag", "clock", "heart", "chat"),
    *("mail", "user", "users", "bell", "book", "warn"),
)


class SavedViewQuerySet(PassingQuerySet):
    """Words that read when chained."""

    def of(self, agent: Agent, team_ids: list[int]) -> Self:
        """Those that this agent has at the side: their own, their teams', everybody's."""
        return self.filter(Q(owner=agent) | Q(team__in=team_ids) | Q(owner=None, team=None))

    def in_order(self) -> Self:
        return self.order_by("place", "id")


class SavedView(PassingFact):
    """`query` is the filter as text, its names settled. One of `owner` and `team` says whose; neither is all's."""

    title = models.CharField(max_length=60)
    icon = models.CharField(max_length=16, default="eye")
    query = models.TextField(blank=True, default="")
    owner = models.ForeignKey(
        "accounts.Agent", models.CASCADE, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "accounts.Team", models.CASCADE, null=True, related_name="+", db_index=False
    )
    order = models.CharField(max_length=8, choices=ViewOrder.choices, default=ViewOrder.NEWEST)
    #: What its rows do not show.
    hidden = models.JSONField(default=list)
    #: Where it stands among those for the same people.
    place = models.IntegerField(default=0)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["owner"], condition=Q(ended_at=None, owner__isnull=False), name="view_owner"
            ),
            models.Index(
                fields=["team"], condition=Q(ended_at=None, team__isnull=False), name="view_team"
            ),
            models.Index(
                fields=["place"],
                condition=Q(ended_at=None, owner=None, team=None),
                name="view_for_all",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(team=None), name="view_has_one_audience"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """Its place in addresses."""
        return f"view-{self.pk}"
