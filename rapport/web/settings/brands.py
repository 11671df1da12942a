"""Brands: names, colours and signatures that customers meet."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.models import Brand
from rapport.accounts.naming_brands import name_brand
from rapport.accounts.refusing import NameTaken
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import BrandForm


def show_all(request: SignedIn) -> HttpResponse:
    """Every brand with how many channels it has."""
    brands = Brand.objects.annotate(channel_count=Count("channels")).order_by("name")
    return pages.show(request, "brands/index", {"brands": brands})


def begin(request: SignedIn) -> HttpResponse:
    """An empty form."""
    return pages.show(request, "brands/show", {"form": BrandForm(), "hue": 255})


def create(request: SignedIn) -> HttpResponse:
    """A new brand."""
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One brand, with a sample of how it looks."""
    brand = get_object_or_404(Brand, pk=number)
    initial = {name: getattr(brand, name) for name in BrandForm.base_fields}
    context = {"brand": brand, "form": BrandForm(initial=initial), "hue": brand.hue}
    return pages.show(request, "brands/show", context)


def change(request: SignedIn, number: int) -> HttpResponse:
    """Another name, hue, language or signature."""
    return _save(request, get_object_or_404(Brand, pk=number))


def _save(request: SignedIn, brand: Brand | None) -> HttpResponse:
    form = BrandForm(request.POST)
    if form.is_valid():
        try:
            saved = name_brand(brand, by=request.user.actor, **form.cleaned_data)
        except NameTaken as refusal:
            pages.refuse(form, refusal, field="name")
        else:
            flash(request, _("The brand {name} is saved.").format(name=saved.name))
            return HttpResponseRedirect(reverse("settings:brands"))
    hue = brand.hue if brand else 255
    return pages.show(request, "brands/show", {"brand": brand, "form": form, "hue": hue})


brands = for_admins(get=show_all, post=create)
new_brand = for_admins(get=begin)
brand = for_admins(get=show_one, post=change)
