"""People: who works here, in what role and teams; who is invited; one colleague's own page."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.changing_addresses import change_address
from rapport.accounts.changing_profiles import change_profile
from rapport.accounts.changing_roles import change_role
from rapport.accounts.models import Agent, Invitation
from rapport.accounts.refusing import AccountRefusal, AlreadyHere
from rapport.kernel import clock
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import InviteForm, PersonForm


def people_context(form: InviteForm | None = None) -> dict[str, Any]:
    """Everybody and every invitation that waits, for the page and for a form that came back."""
    agents = Agent.objects.prefetch_related("teams").order_by("-is_active", "name", "pk")
    waiting = Invitation.objects.filter(accepted_at=None).order_by("-at")
    return {
        "agents": agents,
        "invitations": waiting,
        "form": form or InviteForm(),
        "now": clock.now(),
        "admin_count": sum(agent.is_admin for agent in agents),
    }


def show_all(request: SignedIn) -> HttpResponse:
    """The list, and the form that invites."""
    return pages.show(request, "people/index", people_context())


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One colleague."""
    agent = get_object_or_404(Agent, pk=number)
    initial = {"name": agent.name, "email": agent.email, "role": agent.role}
    return _page(request, agent, PersonForm(initial=initial))


def change(request: SignedIn, number: int) -> HttpResponse:
    """Name, address and role, all or nothing."""
    agent = get_object_or_404(Agent, pk=number)
    form, by = PersonForm(request.POST), request.user.actor
    if not form.is_valid():
        return _page(request, agent, form)
    given = form.cleaned_data
    try:
        with transaction.atomic():
            change_address(agent, email=given["email"], by=by)
            change_profile(agent, {"name": given["name"]}, by=by)
            change_role(agent, role=given["role"], by=by)
    except AccountRefusal as refusal:
        pages.refuse(form, refusal, field="email" if isinstance(refusal, AlreadyHere) else "role")
        return _page(request, get_object_or_404(Agent, pk=number), form)
    flash(request, _("Saved. It counts from now on."))
    return HttpResponseRedirect(reverse("settings:person", args=[number]))


def _page(request: SignedIn, agent: Agent, form: PersonForm) -> HttpResponse:
    context = {
        "agent": agent,
        "teams": agent.teams.order_by("name"),
        "form": form,
        "has_second_step": Authenticator.objects.filter(user=agent).exists(),
    }
    return pages.show(request, "people/show", context)


people = for_admins(get=show_all)
person = for_admins(get=show_one, post=change)
