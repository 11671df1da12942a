"""The settings' front: admins begin with the company, everybody else with themselves."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from rapport.web.kit.verbs import SignedIn, verbs


def begin(request: SignedIn) -> HttpResponse:
    """To the part that this reader most likely wants."""
    name = "company" if request.user.is_admin else "profile"
    return HttpResponseRedirect(reverse(f"settings:{name}"))


index = verbs(get=begin)
