"""Redactions: a secret was taken out of a message for good."""

from __future__ import annotations

from django.db import models

from rapport.kernel.facts import Fact


class Redaction(Fact):
    """Where and how much was taken out; never what."""

    message = models.ForeignKey("conversations.Message", models.CASCADE, related_name="redactions")
    length = models.PositiveIntegerField()
    places = models.JSONField(default=list)
