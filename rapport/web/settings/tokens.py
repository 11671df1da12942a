"""API tokens: one's own, and for admins everybody's. The text of a token is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.access import check_self_or_admin
from rapport.accounts.granting_tokens import grant_token, revoke_token
from rapport.accounts.models import ApiToken
from rapport.kernel import clock
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import TokenForm


def show_mine(request: SignedIn) -> HttpResponse:
    """One's own tokens and the form for another."""
    return pages.show(request, "tokens/mine", _mine(request, TokenForm()))


def create(request: SignedIn) -> HttpResponse:
    """Grant one; its text is shown this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return pages.show(request, "tokens/mine", _mine(request, form))
    given, agent = form.cleaned_data, request.user
    ends = clock.now() + timedelta(days=int(given["days"])) if given["days"] else None
    token, text = grant_token(
        agent, name=given["name"], scopes=given["scopes"], by=agent.actor, expires_at=ends
    )
    return pages.show(request, "tokens/granted", {"token": token, "text": text}, status=201)


def show_all(request: SignedIn) -> HttpResponse:
    """Every standing token of everybody."""
    tokens = ApiToken.objects.filter(ended_at=None).select_related("agent").order_by("-pk")
    return pages.show(request, "tokens/index", {"tokens": tokens, "now": clock.now()})


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """End one at once: one's own, or as an admin anybody's."""
    found = get_object_or_404(ApiToken.objects.select_related("agent"), pk=number)
    check_self_or_admin(request.user.actor, found.agent)
    revoke_token(found, by=request.user.actor)
    flash(request, _("The token {name} is ended.").format(name=found.name))
    is_mine = found.agent_id == request.user.pk
    return HttpResponseRedirect(reverse("settings:my_tokens" if is_mine else "settings:tokens"))


def _mine(request: SignedIn, form: TokenForm) -> dict[str, Any]:
    tokens = ApiToken.objects.filter(agent=request.user, ended_at=None).order_by("-pk")
    return {"tokens": tokens, "form": form, "now": clock.now()}


my_tokens = verbs(get=show_mine, post=create)
tokens = for_admins(get=show_all)
token = verbs(delete=destroy)
