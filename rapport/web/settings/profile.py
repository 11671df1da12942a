"""You: name, language, time zone, look, the way one signs in, and one's own API tokens."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.accounts.changing_profiles import FIELDS, change_profile
from rapport.accounts.models import ApiToken
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs
from rapport.web.settings.forms import ProfileForm

YEAR = 31_536_000


def show(request: SignedIn) -> HttpResponse:
    """The page with the form as it stands."""
    agent = request.user
    return _page(request, ProfileForm(initial={name: getattr(agent, name) for name in FIELDS}))


def change(request: SignedIn) -> HttpResponse:
    """Save what was changed, and say so in the language just chosen."""
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    agent = request.user
    change_profile(agent, form.cleaned_data, by=agent.actor)
    with translation.override(agent.language):
        flash(request, _("Your settings are saved."))
    response = HttpResponseRedirect(reverse("settings:profile"))
    response.set_cookie("theme", agent.theme, max_age=YEAR, samesite="Lax")
    return response


def _page(request: SignedIn, form: ProfileForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "second_steps": set(
            Authenticator.objects.filter(user=request.user).values_list("type", flat=True)
        ),
        "token_count": ApiToken.objects.filter(agent=request.user, ended_at=None).count(),
    }
    return render(request, "settings/profile/show.html", context, status=status)


profile = verbs(get=show, post=change)
