"""Teams and who belongs to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A group of agents that shares conversations."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    agents = models.ManyToManyField("accounts.Agent", through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An agent belongs to a team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    agent = models.ForeignKey("accounts.Agent", models.CASCADE, related_name="memberships")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "agent"], name="accounts_membership_once")
        ]
