"""The company whose deployment this is: one row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """Name, language and the rules that hold for all its brands."""

    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    #: Days in which a customer's later mail reopens a solved conversation; after them a linked one opens.
    reopen_days = models.PositiveSmallIntegerField(_("days to reopen"), default=14)
    #: Days for which raw arrivals are kept; None keeps them for good.
    keep_raw_days = models.PositiveIntegerField(_("days to keep raw mail"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
