"""Teams: groups of agents that share conversations."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.joining_teams import name_team, set_members
from rapport.accounts.models import Team
from rapport.accounts.refusing import NameTaken
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import TeamForm


def show_all(request: SignedIn) -> HttpResponse:
    """Every team with how many belong to it."""
    members = Count("agents", filter=Q(agents__is_active=True))
    teams = Team.objects.annotate(member_count=members).order_by("name")
    return pages.show(request, "teams/index", {"teams": teams})


def begin(request: SignedIn) -> HttpResponse:
    """An empty form."""
    return pages.show(request, "teams/show", {"form": TeamForm()})


def create(request: SignedIn) -> HttpResponse:
    """A new team."""
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One team with its members."""
    team = get_object_or_404(Team, pk=number)
    initial = {"name": team.name, "agents": list(team.agents.values_list("pk", flat=True))}
    return pages.show(request, "teams/show", {"team": team, "form": TeamForm(initial=initial)})


def change(request: SignedIn, number: int) -> HttpResponse:
    """Another name, other members."""
    return _save(request, get_object_or_404(Team, pk=number))


def _save(request: SignedIn, team: Team | None) -> HttpResponse:
    form, by = TeamForm(request.POST), request.user.actor
    if form.is_valid():
        try:
            saved = name_team(team, name=form.cleaned_data["name"], by=by)
        except NameTaken as refusal:
            pages.refuse(form, refusal, field="name")
        else:
            set_members(saved, form.cleaned_data["agents"], by=by)
            flash(request, _("The team {name} is saved.").format(name=saved.name))
            return HttpResponseRedirect(reverse("settings:teams"))
    return pages.show(request, "teams/show", {"team": team, "form": form})


teams = for_admins(get=show_all, post=create)
new_team = for_admins(get=begin)
team = for_admins(get=show_one, post=change)
