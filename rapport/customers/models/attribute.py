"""Defined attributes: what the company keeps of each customer, with a name for people and a type."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock


class AttributeType(models.TextChoices):
    """What its values are."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    TRUTH = "truth", _("Yes or no")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One of a list")
    LINK = "link", _("Link")


class Attribute(models.Model):
    """One of them: `key` is its name in the data and for programs, `label` what people read."""

    key = models.CharField(max_length=100, unique=True)
    label = models.CharField(max_length=100)
    type = models.CharField(max_length=8, choices=AttributeType.choices, default=AttributeType.TEXT)
    #: What may be chosen, where the type is a choice.
    choices = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["label", "id"]

    def __str__(self) -> str:
        return self.label
