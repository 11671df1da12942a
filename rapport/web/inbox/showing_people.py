"""Showing people: a customer's facts after a change, in the pane or on a page of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from rapport.customers.locking import Refusal
from rapport.customers.models import Customer
from rapport.web.inbox.about import about
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import Fragment, answer, fragments, is_partial
from rapport.web.kit.verbs import SignedIn

#: The place for one form at a time, above the facts; live updates leave it alone.
EDIT = "person_edit"


def person_fragments(request: SignedIn, number: int) -> list[Fragment]:
    """What is known of a customer, as it stands now."""
    context = {"person": {"about": about(number, agent=request.user)}}
    return [
        Fragment("inbox/customers/_who.html", context, into="person_who"),
        Fragment("inbox/customers/_known.html", context, into="person_known"),
    ]


def show_person(request: SignedIn, customer: Customer, *others: Fragment) -> HttpResponse:
    """The facts afresh, and the form gone; without scripts the customer's page."""
    closed = Fragment("", into=EDIT, swap="innerHTML")
    parts = [*person_fragments(request, customer.pk), closed, *others]
    return answer(request, *parts, otherwise=f"/inbox/customers/{customer.pk}")


def change_person(
    request: SignedIn,
    customer: Customer,
    do: Callable[[], object],
    *,
    said: str = "",
    undo: str = "",
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Call one ability; say what was done and how to take it back, or why it could not be."""
    try:
        do()
    except Refusal as refusal:
        flash(request, str(refusal), bad=True)
    else:
        if said:
            flash(request, said, undo=undo, method="post", fields=fields)
    return show_person(request, customer)


def show_form(
    request: SignedIn, customer: Customer, name: str, context: Mapping[str, Any]
) -> HttpResponse:
    """A form: into its place in the pane, or on a page of its own."""
    template = f"inbox/customers/{name}.html"
    whole = {**context, "customer": customer, "form_template": template}
    if is_partial(request):
        return fragments(request, Fragment(template, whole))
    return render(request, "inbox/customers/step.html", whole)
