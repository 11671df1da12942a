"""Customers: whom we know, and one of them with everything they ever wrote about."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from rapport.conversations.listing_people import look_up_people, newest_people
from rapport.conversations.meeting_people import people_met_by
from rapport.conversations.searching import search_history
from rapport.customers.merging import landing_of
from rapport.customers.models import Customer
from rapport.kernel.asking import asked_together
from rapport.web.inbox.about import about, about_question
from rapport.web.inbox.counting import counts_question
from rapport.web.inbox.history import (
    STATES,
    Narrowing,
    channels_of,
    channels_question,
    days_of,
    history,
    history_question,
)
from rapport.web.inbox.live import live_of_customer
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.search import result_of
from rapport.web.inbox.showing_people import person_fragments, show_person
from rapport.web.kit.fragments import Fragment, fragments, is_partial
from rapport.web.kit.paging import Key
from rapport.web.kit.verbs import SignedIn, verbs

PAGE = 50


def show_all(request: SignedIn) -> HttpResponse:
    """The newest, or those who are found by a name, an address, a number."""
    words = request.GET.get("q", "").strip()[:200]
    after = request.GET.get("after", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    agent = request.user
    found = look_up_people(agent, words, limit=PAGE) if words else None
    page = found or newest_people(agent, limit=PAGE, before=before)
    context = {"people": page.people, "page": {"after": page.after or ""}, "q": words}
    if before is not None and is_partial(request):
        return fragments(request, Fragment("inbox/customers/_rows.html", context))
    return render(request, "inbox/customers/index.html", context)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """Who they are, and their history; further back as a fragment."""
    customer = _known_as(request, number)
    if customer.pk != number:
        return HttpResponseRedirect(f"/inbox/customers/{customer.pk}")
    agent, narrowing = request.user, Narrowing.read(request.GET)
    after = Key.parse(request.GET.get("after", ""))
    if after and is_partial(request):
        page = history(number, agent=agent, narrowing=narrowing, after=after)
        context: dict[str, Any] = {"page": page, "days": days_of(page)}
        return fragments(request, Fragment("inbox/customers/_history.html", context))
    questions = [
        counts_question(agent),
        about_question(number, agent=agent),
        history_question(number, agent=agent, narrowing=narrowing, after=after),
        channels_question(number, agent=agent),
    ]
    with asked_together(questions):
        page = history(number, agent=agent, narrowing=narrowing, after=after)
        context = {
            "customer": customer,
            "live": live_of_customer(request, number),
            "person": {"about": about(number, agent=agent)},
            "page": page,
            "days": days_of(page),
            "narrowing": narrowing,
            "states": STATES,
            "channels": channels_of(number, agent=agent),
        }
    return render(request, "inbox/customers/show.html", context)


def _known_as(request: SignedIn, number: int) -> Customer:
    """The customer, or whom they were merged into, if the reader may know them."""
    met = people_met_by(request.user).select_related("organisation").filter(pk=number).first()
    if met is not None and met.merged_into_id is None:
        return met
    return customer_for(request, landing_of(get_object_or_404(Customer, pk=number)).pk)


def show_pane(request: SignedIn, number: int) -> HttpResponse:
    """What is known of them as it stands, and no form."""
    return show_person(request, customer_for(request, number))


def show_updates(request: SignedIn, number: int) -> HttpResponse:
    """What is known of them as it stands, and the position for next time."""
    customer = customer_for(request, number)
    live = Fragment("inbox/_live.html", {"live": live_of_customer(request, number)}, into="live")
    return fragments(request, None, live, *person_fragments(request, customer.pk))


def search(request: SignedIn, number: int) -> HttpResponse:
    """What was said with them that holds all these words."""
    customer, words = customer_for(request, number), request.GET.get("q", "").strip()
    found = search_history(request.user, customer.pk, words, limit=PAGE)
    context = {
        "customer": customer,
        "q": words,
        "page": {"rows": [result_of(hit) for hit in found]},
        "most": PAGE,
    }
    return render(request, "inbox/customers/search.html", context)


customers = verbs(get=show_all)
updates = verbs(get=show_updates)
found = verbs(get=search)
customer = verbs(get=show_one)
pane = verbs(get=show_pane)
