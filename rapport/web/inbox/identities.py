"""The addresses of a customer."""

from __future__ import annotations

from functools import partial

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.customers.adding_identities import (
    IdentityTaken,
    add_identity,
    remove_identity,
    verify_identity,
)
from rapport.customers.locking import Refusal
from rapport.customers.models import Identity
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import change_person, show_form, show_person
from rapport.web.kit.verbs import SignedIn, verbs

KINDS = (("email", _("mail")), ("phone", _("phone")))


class AddressForm(forms.Form):
    """One more way to reach them."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    value = forms.CharField(label=_("Address"), max_length=512)
    proved = forms.BooleanField(label=_("It was proved to be theirs"), required=False)

    def __init__(self, data: object = None) -> None:
        super().__init__(data, auto_id="address_%s")  # type: ignore[arg-type]
        self.fields["value"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}


def begin(request: SignedIn, number: int) -> HttpResponse:
    """An empty form."""
    customer = customer_for(request, number)
    return show_form(request, customer, "_identity_form", {"form": AddressForm()})


def create(request: SignedIn, number: int) -> HttpResponse:
    """Add an address; whose it is already is said only to whom may know them."""
    customer, form = customer_for(request, number), AddressForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            add_identity(
                customer,
                kind=given["kind"],
                value=given["value"],
                is_verified=given["proved"],
                by=request.user.actor,
            )
            return show_person(request, customer)
        except IdentityTaken as taken:
            form.add_error("value", _whose(request, taken))
        except Refusal as refusal:
            form.add_error("value", str(refusal))
    return show_form(request, customer, "_identity_form", {"form": form})


def _whose(request: SignedIn, taken: IdentityTaken) -> str:
    try:
        other = customer_for(request, taken.customer.pk)
    except Http404:
        return str(taken)
    said = gettext("This address belongs to {name}. Merge the two if they are one person.")
    return said.format(name=other.name or other)


def show(request: SignedIn, number: int) -> HttpResponse:
    """What can be done with one."""
    identity = _identity_for(request, number)
    return show_form(request, identity.customer, "_identity", {"identity": identity})


def update(request: SignedIn, number: int) -> HttpResponse:
    """Say whether it was proved to be theirs."""
    identity, proved = _identity_for(request, number), request.POST.get("proved") == "yes"
    do = partial(verify_identity, identity, by=request.user.actor, is_verified=proved)
    return change_person(request, identity.customer, do)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """It is not theirs."""
    identity = _identity_for(request, number)
    again = {"kind": identity.kind, "value": identity.shown or identity.value}
    if identity.is_verified:
        again["proved"] = "on"
    return change_person(
        request,
        identity.customer,
        partial(remove_identity, identity, by=request.user.actor),
        said=gettext("The address was removed. Mail from it will be a new customer's."),
        undo=f"/inbox/customers/{identity.customer_id}/identities",
        fields=again if identity.kind in dict(KINDS) else None,
    )


def _identity_for(request: SignedIn, number: int) -> Identity:
    identity = Identity.objects.select_related("customer").filter(pk=number).first()
    if identity is None:
        raise Http404
    customer_for(request, identity.customer_id)
    return identity


identities = verbs(get=begin, post=create)
identity = verbs(get=show, post=update, delete=destroy)
