"""Customer facts: what the company keeps of each customer, with a name and a type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.customers.defining_attributes import define_attribute, drop_attribute
from rapport.customers.locking import Refusal
from rapport.customers.models import Attribute, AttributeType
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins


class AttributeForm(forms.Form):
    """One fact."""

    label = forms.CharField(label=_("What people read"), max_length=100)
    key = forms.CharField(
        label=_("Key for programs"),
        max_length=100,
        help_text=_("Small letters, digits and _. It stays what it is first."),
    )
    type = forms.ChoiceField(label=_("Kind"), choices=AttributeType.choices)
    choices = forms.CharField(
        label=_("What can be chosen"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line, for a list."),
    )


def show_all(request: SignedIn) -> HttpResponse:
    """All of them."""
    return pages.show(request, "attributes/index", {"attributes": Attribute.objects.all()})


def begin(request: SignedIn) -> HttpResponse:
    """An empty form."""
    return pages.show(request, "attributes/show", {"form": AttributeForm()})


def create(request: SignedIn) -> HttpResponse:
    """A new one."""
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One of them."""
    attribute = get_object_or_404(Attribute, pk=number)
    initial: dict[str, Any] = {"label": attribute.label, "key": attribute.key}
    initial |= {"type": attribute.type, "choices": "\n".join(attribute.choices)}
    context = {"attribute": attribute, "form": AttributeForm(initial=initial)}
    return pages.show(request, "attributes/show", context)


def change(request: SignedIn, number: int) -> HttpResponse:
    """Another label or type."""
    return _save(request, get_object_or_404(Attribute, pk=number))


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """It has no name any longer; the values stay."""
    attribute = get_object_or_404(Attribute, pk=number)
    drop_attribute(attribute, by=request.user.actor)
    flash(request, gettext("{name} is no longer defined. The values stay.").format(name=attribute))
    return HttpResponseRedirect(reverse("settings:attributes"))


def _save(request: SignedIn, attribute: Attribute | None) -> HttpResponse:
    form = AttributeForm(request.POST)
    if form.is_valid():
        given = {**form.cleaned_data, "choices": form.cleaned_data["choices"].splitlines()}
        try:
            saved = define_attribute(attribute, by=request.user.actor, **given)
        except Refusal as refusal:
            pages.refuse(form, refusal, field="key")
        else:
            flash(request, gettext("{name} is saved.").format(name=saved.label))
            return HttpResponseRedirect(reverse("settings:attributes"))
    return pages.show(request, "attributes/show", {"attribute": attribute, "form": form})


attributes = for_admins(get=show_all, post=create)
new_attribute = for_admins(get=begin)
attribute = for_admins(get=show_one, post=change, delete=destroy)
