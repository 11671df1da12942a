"""Joining: an invitation is followed, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from rapport.accounts.inviting import accept_invitation, invitation_for
from rapport.accounts.models import Invitation
from rapport.accounts.refusing import AccountRefusal, InvitationSpent
from rapport.web.sign_in.entering import enter
from rapport.web.sign_in.forms import JoinForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Asks for a name and a password; a spent link says so."""
    try:
        invitation = invitation_for(secret)
    except InvitationSpent:
        return render(request, "sign_in/join/spent.html", status=410)
    form = JoinForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        return _join(request, form, invitation, secret)
    context = {"form": form, "invitation": invitation}
    return render(request, "sign_in/join/show.html", context, status=422 if form.errors else 200)


def _join(
    request: HttpRequest, form: JoinForm, invitation: Invitation, secret: str
) -> HttpResponse:
    given = form.cleaned_data
    try:
        agent = accept_invitation(
            secret,
            name=given["name"],
            password=given["password"],
            language=translation.get_language() or "en",
        )
    except AccountRefusal as refusal:
        form.add_error(None, str(refusal))
        context = {"form": form, "invitation": invitation}
        return render(request, "sign_in/join/show.html", context, status=409)
    enter(request, agent, password=given["password"])
    return HttpResponseRedirect("/")
