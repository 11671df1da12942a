"""Invitations: a one-time link that lets a colleague in."""

from __future__ import annotations

from django.db import models

from rapport.accounts.models.agent import Role
from rapport.kernel.facts import Fact


class Invitation(Fact):
    """Who was asked in, as what; only the hash of the link's secret is kept."""

    email = models.EmailField()
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.AGENT)
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
