"""The second step of the set-up: the first mailbox, tried before it is kept; it may be skipped."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.mailboxes import attempt, begin_form


def show(request: SignedIn) -> HttpResponse:
    """The address first, then the servers that it most likely has."""
    address = request.GET.get("address", "").strip()
    context = {"is_wide": True, "address": address}
    try:
        validate_email(address)
    except ValidationError as fault:
        told = {**context, "fault": fault.messages[0] if address else ""}
        return render(request, "sign_in/setup/address.html", told, status=422 if address else 200)
    return render(request, "sign_in/setup/mailbox.html", {**context, "form": begin_form(address)})


def create(request: SignedIn) -> HttpResponse:
    """Try it and keep it, then off to the inbox."""
    tried = attempt(request.POST, by=request.user.actor)
    if tried.channel is None:
        context = {"is_wide": True, "form": tried.form, "tried": tried}
        return render(request, "sign_in/setup/mailbox.html", context, status=422)
    flash(request, _("All is set up. Mail comes in from now on."))
    return HttpResponseRedirect("/")


mailbox = for_admins(get=show, post=create)
