"""The cards of a customer: what the company's own systems say of them, each by itself so that nothing waits."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from rapport.customers.asking_cards import ask_card
from rapport.customers.models import Card, CardKind
from rapport.web.inbox.loading import customer_for
from rapport.web.inbox.showing_people import show_form
from rapport.web.kit.moments import say_span
from rapport.web.kit.verbs import SignedIn, verbs

FAULTS = {
    "forbidden": _(
        "The address leads inside a network. An operator can allow it (RAPPORT_NET_ALLOW)."
    ),
    "unreachable": _("The system cannot be reached."),
    "slow": _("The system did not answer in time."),
    "nonsense": _("The answer was nothing that a card can show."),
    "unknown": _("Too little is known of this customer to ask."),
    "rests": _("The system did not answer a moment ago. It is asked again in a few seconds."),
    "secret": _("The secret of this card cannot be read. An admin can make another one."),
}


def show(request: SignedIn, number: int, card: int) -> HttpResponse:
    """One card, out of what is kept or asked now."""
    customer = customer_for(request, number)
    found = get_object_or_404(Card, pk=card, kind=CardKind.JSON)
    fresh = request.GET.get("fresh") == "1" and request.user.may_work
    shown = ask_card(found, customer, by=request.user.actor, fresh=fresh)
    context = {
        "card": found,
        "shown": shown,
        "fault": FAULTS.get(shown.fault, ""),
        "age": say_span(shown.age) if shown.age is not None else "",
    }
    return show_form(request, customer, "_card", context)


card = verbs(get=show)
