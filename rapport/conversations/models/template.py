"""Templates: words that are written once and used in many answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rapport.kernel import clock


class Template(models.Model):
    """Markdown with variables, `{{customer.name}}`, in one language or several (`texts`, by language).

    For everybody, or for one team, or for its owner alone.
    """

    title = models.CharField(max_length=100)
    #: What is typed behind "/" to find it at once; may be empty.
    shortcut = models.CharField(max_length=30, blank=True, default="")
    texts = models.JSONField(default=dict)
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, related_name="+")
    owner = models.ForeignKey("accounts.Agent", models.CASCADE, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(team=None) | Q(owner=None), name="template_of_team_or_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.title
