"""App cards: which of the company's systems stand beside a customer."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.customers.defining_cards import define_card, drop_card, renew_secret
from rapport.customers.locking import Refusal
from rapport.customers.models import Card, CardKind
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins

FIELDS = ("title", "kind", "url", "seconds", "keep_seconds")


class CardForm(forms.Form):
    """One system."""

    title = forms.CharField(label=_("Title"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=CardKind.choices)
    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_(
            "In braces: {id}, {name}, {email}, {phone}, {external}, {language}, {attribute:key}."
        ),
    )
    seconds = forms.FloatField(
        label=_("How long the pane waits for it, in seconds"), min_value=0.1, max_value=5, initial=1
    )
    keep_seconds = forms.IntegerField(
        label=_("For how long an answer holds, in seconds"),
        min_value=0,
        max_value=86_400,
        initial=300,
    )


def show_all(request: SignedIn) -> HttpResponse:
    """All of them."""
    return pages.show(request, "cards/index", {"cards": Card.objects.all()})


def begin(request: SignedIn) -> HttpResponse:
    """An empty form."""
    return pages.show(request, "cards/show", {"form": CardForm()})


def create(request: SignedIn) -> HttpResponse:
    """A new one."""
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One of them; its secret is not shown again."""
    card = get_object_or_404(Card, pk=number)
    form = CardForm(initial={name: getattr(card, name) for name in FIELDS})
    return pages.show(request, "cards/show", {"card": card, "form": form})


def change(request: SignedIn, number: int) -> HttpResponse:
    """Another title, address or patience."""
    return _save(request, get_object_or_404(Card, pk=number))


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """It stands beside nobody any longer."""
    card = get_object_or_404(Card, pk=number)
    drop_card(card, by=request.user.actor)
    flash(request, gettext("The card {name} is deleted.").format(name=card.title))
    return HttpResponseRedirect(reverse("settings:cards"))


def renew(request: SignedIn, number: int) -> HttpResponse:
    """Another secret, shown this once."""
    card = get_object_or_404(Card, pk=number)
    secret = renew_secret(card, by=request.user.actor)
    return pages.show(request, "cards/secret", {"card": card, "secret": secret}, status=201)


def _save(request: SignedIn, card: Card | None) -> HttpResponse:
    form = CardForm(request.POST)
    if form.is_valid():
        try:
            saved, secret = define_card(card, by=request.user.actor, **form.cleaned_data)
        except Refusal as refusal:
            pages.refuse(form, refusal, field="url")
        else:
            if secret:
                context = {"card": saved, "secret": secret}
                return pages.show(request, "cards/secret", context, status=201)
            flash(request, gettext("{name} is saved.").format(name=saved.title))
            return HttpResponseRedirect(reverse("settings:cards"))
    return pages.show(request, "cards/show", {"card": card, "form": form})


cards = for_admins(get=show_all, post=create)
new_card = for_admins(get=begin)
card = for_admins(get=show_one, post=change, delete=destroy)
secret = for_admins(post=renew)
