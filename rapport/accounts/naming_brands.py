"""Naming brands: a name, a hue, a signature and a language that customers meet."""

from __future__ import annotations

from django.db import transaction

from rapport.accounts.access import check_admin
from rapport.accounts.events import BrandNamed
from rapport.accounts.models import Brand
from rapport.accounts.queueing import one_at_a_time
from rapport.accounts.refusing import NameTaken
from rapport.kernel import journal
from rapport.kernel.actors import Actor


def name_brand(
    brand: Brand | None,
    *,
    name: str,
    by: Actor,
    hue: int = 255,
    signature: str = "",
    language: str = "en",
) -> Brand:
    """Make a brand or change one; `hue` in degrees. Raises NameTaken, AdminsOnly."""
    name = " ".join(name.split())[:100]
    with transaction.atomic():
        check_admin(by)
        one_at_a_time("brand names")
        others = Brand.objects.filter(name__iexact=name).exclude(pk=brand.pk if brand else 0)
        if others.exists():
            raise NameTaken
        brand = brand or Brand()
        brand.name, brand.hue, brand.signature = name, hue % 360, signature
        brand.language = language
        brand.save()
        journal.record(BrandNamed(by=by, number=brand.pk, name=name))
    return brand
