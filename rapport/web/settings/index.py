"""The settings' front: everybody begins with themselves."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from rapport.web.kit.verbs import SignedIn, verbs


def begin(request: SignedIn) -> HttpResponse:
    """To the part that this reader most likely wants."""
    return HttpResponseRedirect(reverse("settings:profile"))


index = verbs(get=begin)
