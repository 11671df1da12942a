"""Rehomings: what of conversations followed a person who was merged into another."""

from __future__ import annotations

from django.db import models


class Rehoming(models.Model):
    """For one merge of people: the conversations, messages and places in conversations that went over."""

    merge = models.OneToOneField(
        "customers.CustomerMerge", models.CASCADE, primary_key=True, related_name="rehoming"
    )
    moved = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"rehoming {self.merge_id}"
