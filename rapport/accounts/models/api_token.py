"""API tokens: a program's key, with the scopes that it may use."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rapport.kernel.facts import PassingFact


class ApiToken(PassingFact):
    """Belongs to an agent, whose sight it has; only the hash of the secret is kept."""

    agent = models.ForeignKey("accounts.Agent", models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
