"""You: name, language, time zone, comfort, the way one signs in, and one's own API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.accounts.changing_profiles import COMFORT, FIELDS, change_profile
from rapport.accounts.models import Agent, ApiToken
from rapport.web.kit.comforting import remember_comfort
from rapport.web.kit.flashing import flash
from rapport.web.kit.fragments import is_partial
from rapport.web.kit.verbs import SignedIn, verbs
from rapport.web.settings.forms import ComfortForm, ProfileForm


def show(request: SignedIn) -> HttpResponse:
    """The page with the form as it stands."""
    return _page(request)


def change(request: SignedIn) -> HttpResponse:
    """Save what was changed, and say so in the language just chosen."""
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    agent = request.user
    change_profile(agent, form.cleaned_data, by=agent.actor)
    with translation.override(agent.language):
        flash(request, _("Your settings are saved."))
    return HttpResponseRedirect(reverse("settings:profile"))


def change_comfort(request: SignedIn) -> HttpResponse:
    """Save how the screens are to be; from the menu of any page one thing alone, without leaving it."""
    agent, alone = request.user, is_partial(request)
    said = request.POST.dict()
    form = ComfortForm(_chosen(agent, COMFORT) | said if alone else said)
    if not form.is_valid():
        return _page(request, comfort=form)
    change_profile(agent, form.cleaned_data, by=agent.actor)
    response = HttpResponse(status=204)
    if not alone:
        flash(request, _("Your settings are saved."))
        response = HttpResponseRedirect(f"{reverse('settings:profile')}#comfort")
    remember_comfort(response, agent)
    return response


def _chosen(agent: Agent, fields: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in fields}


def _page(
    request: SignedIn, form: ProfileForm | None = None, comfort: ComfortForm | None = None
) -> HttpResponse:
    """The page; 422 with the form that has a fault."""
    agent = request.user
    context: dict[str, Any] = {
        "form": form or ProfileForm(initial=_chosen(agent, FIELDS)),
        "comfort": comfort or ComfortForm(initial=_chosen(agent, COMFORT)),
        "second_steps": set(
            Authenticator.objects.filter(user=request.user).values_list("type", flat=True)
        ),
        "token_count": ApiToken.objects.filter(agent=request.user, ended_at=None).count(),
    }
    return render(
        request, "settings/profile/show.html", context, status=422 if form or comfort else 200
    )


profile = verbs(get=show, post=change)
comfort = verbs(post=change_comfort)
