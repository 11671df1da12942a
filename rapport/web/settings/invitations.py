"""Invitations: a link that lets a colleague in, shown once, and mailed where the deployment sends mail."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.inviting import invite, revoke_invitation
from rapport.accounts.mailing import queue_mail
from rapport.accounts.models import Company, Invitation
from rapport.accounts.refusing import AlreadyHere
from rapport.kernel.config import config
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins
from rapport.web.settings.forms import InviteForm
from rapport.web.settings.people import people_context


def create(request: SignedIn) -> HttpResponse:
    """Invite, and show the link this once."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return pages.show(request, "people/index", people_context(form))
    try:
        invitation, secret = invite(**form.cleaned_data, by=request.user.actor)
    except AlreadyHere as refusal:
        pages.refuse(form, refusal, field="email")
        return pages.show(request, "people/index", people_context(form))
    link = config().public_url.rstrip("/") + reverse("join", args=[secret])
    is_mailed = _mail(request, invitation, link)
    context = {"invitation": invitation, "link": link, "is_mailed": is_mailed}
    return pages.show(request, "people/invited", context, status=201)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Take an invitation back."""
    revoke_invitation(get_object_or_404(Invitation, pk=number), by=request.user.actor)
    flash(request, _("The invitation is taken back; its link opens nothing any more."))
    return HttpResponseRedirect(reverse("settings:people"))


def _mail(request: SignedIn, invitation: Invitation, link: str) -> bool:
    company = Company.objects.values_list("name", flat=True).first() or "Rapport"
    context = {"company": company, "inviter": request.user.name, "link": link}
    words = render_to_string("sign_in/mails/invited.txt", context)
    subject, _blank, text = words.partition("\n\n")
    return queue_mail(to=invitation.email, subject=subject, text=text.strip() + "\n")


invitations = for_admins(post=create)
invitation = for_admins(delete=destroy)
