"""Marks: the normal forms by which people are found, and are found to be alike."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class MarkKind(models.TextChoices):
    """What it is made of; a `word` only finds people, the others may say that two are one."""

    WORD = "word"
    MAIL = "mail"
    PHONE = "phone"
    SIGNED = "signed"
    NAMED = "named"


class Mark(models.Model):
    """One normal form of one customer. Made by following the journal, so it can be made again."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=8, choices=MarkKind.choices)
    #: In the order of its code points, so that a beginning is a stretch of the index.
    value = models.CharField(max_length=200, db_collation="C")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "value", "customer"], name="customers_mark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
