"""Brands: a look, a tone and channels under one name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Brand(models.Model):
    """A name that customers know; `hue` is the one number its look changes (0 to 360)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    hue = models.PositiveSmallIntegerField(_("hue"), default=255)
    signature = models.TextField(_("signature"), blank=True, default="")
    language = models.CharField(_("language"), max_length=12, default="en")

    def __str__(self) -> str:
        return self.name
