"""Unions: two customers become one, with the facts that win; and two again, when that was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext, pgettext

from rapport.conversations.listing_people import look_up_people
from rapport.customers.comparing import dismiss_likeness, restore_likeness
from rapport.customers.locking import Refusal
from rapport.customers.merging import (
    BothVerified,
    both_verified,
    facts_of,
    landing_of,
    merge_customers,
)
from rapport.customers.models import Attribute, Customer, CustomerMerge, Likeness, Organisation
from rapport.customers.parting import part_customers
from rapport.web.inbox.about import about, say_language, say_value
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import show_person
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs

FOUND = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One fact of both: which of them wins is asked where they differ."""

    name: str
    label: str
    ours: str
    theirs: str

    @property
    def differs(self) -> bool:
        return bool(self.ours and self.theirs and self.ours != self.theirs)


def show(request: SignedIn, number: int) -> HttpResponse:
    """Whom to merge with; with somebody chosen, the two side by side."""
    customer = customer_for(request, number)
    other = _other(request, request.GET.get("with", ""), customer)
    if other is not None:
        return _compare(request, customer, other)
    words = request.GET.get("q", "").strip()[:200]
    found = look_up_people(request.user, words, limit=FOUND).people if words else []
    context = {
        "customer": customer,
        "q": words,
        "people": [one for one in found if one.id != customer.pk],
        "about": about(number, agent=request.user),
    }
    return render(request, "inbox/customers/merge.html", context)


def create(request: SignedIn, number: int) -> HttpResponse:
    """Merge the other one into this one; across proved addresses only where it is meant."""
    customer = customer_for(request, number)
    other = _other(request, request.POST.get("with", ""), customer)
    if other is None:
        raise Http404
    meant, by = request.POST.get("sure") == "on", request.user.actor
    take = [name for name in request.POST.getlist("take") if len(name) < 200]
    try:
        merge = merge_customers(other, into=customer, by=by, take=take, across_verified=meant)
    except BothVerified as refusal:
        return _compare(request, customer, other, fault=str(refusal))
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    else:
        said = gettext("{name} was merged into this customer").format(name=_name(other))
        flash(request, said, undo=f"/inbox/unions/{merge.pk}", seconds=20)
    return HttpResponseRedirect(f"/inbox/customers/{number}")


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """The two were two people after all."""
    merge = get_object_or_404(CustomerMerge.objects.select_related("source", "target"), pk=number)
    landing = landing_of(merge.target)
    customer_for(request, landing.pk)
    try:
        source = part_customers(merge, by=request.user.actor)
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    else:
        flash(request, gettext("{name} is somebody else again").format(name=_name(source)))
    target = f"/inbox/customers/{landing.pk}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": target, "HX-Reswap": "none"})
    return HttpResponseRedirect(target)


def dismiss(request: SignedIn, number: int) -> HttpResponse:
    """They are two people; it is not proposed again."""
    found, here = _likeness_for(request, number)
    dismiss_likeness(found, by=request.user.actor)
    said, undo = gettext("They stay two people."), f"/inbox/likenesses/{number}"
    flash(request, said, undo=undo, method="post", fields={"here": str(here.pk)})
    return show_person(request, here)


def propose(request: SignedIn, number: int) -> HttpResponse:
    """They may be one after all."""
    found, here = _likeness_for(request, number)
    restore_likeness(found, by=request.user.actor)
    return show_person(request, here)


def _likeness_for(request: SignedIn, number: int) -> tuple[Likeness, Customer]:
    """The proposal, if both may be known, and the one in whose pane it stands."""
    found: Likeness = get_object_or_404(Likeness, pk=number)
    people = {pk: customer_for(request, pk) for pk in (found.one_id, found.other_id)}
    here = request.POST.get("here", "")
    return found, people.get(int(here) if here.isdigit() else 0, people[found.one_id])


def _other(request: SignedIn, given: str, customer: Customer) -> Customer | None:
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        return None
    other = customer_for(request, int(given))
    return None if other.pk == customer.pk else landing_of(other)


def _compare(
    request: SignedIn, customer: Customer, other: Customer, *, fault: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "customer": customer,
        "other": other,
        "pairs": _pairs(customer, other),
        "addresses": [list(one.identities.order_by("kind", "pk")) for one in (customer, other)],
        "is_risky": both_verified(customer, other),
        "fault": fault,
    }
    return render(request, "inbox/customers/compare.html", context)


def _pairs(customer: Customer, other: Customer) -> list[Pair]:
    ours, theirs = facts_of(customer), facts_of(other)
    labels = dict(Attribute.objects.values_list("key", "label"))
    numbers = [facts.get("organisation_id") or 0 for facts in (ours, theirs)]
    houses = dict(Organisation.objects.filter(pk__in=numbers).values_list("pk", "name"))
    return [
        Pair(name, _label(name, labels), _said(name, ours, houses), _said(name, theirs, houses))
        for name in dict.fromkeys([*ours, *theirs])
    ]


def _label(name: str, labels: dict[str, str]) -> str:
    plain = {
        "name": pgettext("of a person", "Name"),
        "language": gettext("Language"),
        "time_zone": gettext("Time zone"),
        "organisation_id": gettext("Works at"),
    }
    key = name.removeprefix("attributes.")
    return plain.get(name) or labels.get(key, key)


def _said(name: str, facts: dict[str, Any], houses: dict[int, str]) -> str:
    value = facts.get(name)
    if value is None:
        return ""
    if name == "organisation_id":
        return houses.get(value, "")
    return say_language(value) if name == "language" else say_value(value)


def _name(customer: Customer) -> str:
    return customer.name or gettext("No name")


union = verbs(get=show, post=create)
undone = verbs(post=destroy, delete=destroy)
likeness = verbs(post=propose, delete=dismiss)
