"""The tags of a customer."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse

from rapport.customers.locking import Refusal
from rapport.customers.models import CustomerTag
from rapport.customers.tagging import tag_customer, untag_customer
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import change_person, show_form, show_person
from rapport.web.kit.verbs import SignedIn, verbs

MOST = 200


def show(request: SignedIn, number: int) -> HttpResponse:
    """The form, with the tags that there are."""
    return show_form(request, customer_for(request, number), "_tag_form", _names())


def create(request: SignedIn, number: int) -> HttpResponse:
    """Put a tag on."""
    customer = customer_for(request, number)
    try:
        tag_customer(customer, tag=request.POST.get("tag", ""), by=request.user.actor)
    except Refusal as refusal:
        context = {**_names(), "fault": str(refusal)}
        return show_form(request, customer, "_tag_form", context)
    return show_person(request, customer)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take a tag off."""
    customer, name = customer_for(request, number), request.POST.get("tag", "")
    do = partial(untag_customer, customer, tag=name, by=request.user.actor)
    return change_person(request, customer, do)


def _names() -> dict[str, object]:
    return {"names": CustomerTag.objects.order_by("name").values_list("name", flat=True)[:MOST]}


tags = verbs(get=show, post=create, delete=destroy)
