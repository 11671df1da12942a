"""Access of one colleague: closing and opening the account, a link to a new password, the second step."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.changing_roles import deactivate_agent, reactivate_agent
from rapport.accounts.handing_out_links import make_password_path
from rapport.accounts.models import Agent
from rapport.accounts.refusing import LastAdmin
from rapport.accounts.taking_off_second_steps import take_off_second_step
from rapport.kernel.config import config
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn
from rapport.web.settings import pages
from rapport.web.settings.admittance import for_admins


def close(request: SignedIn, number: int) -> HttpResponse:
    """Close the account; sessions and tokens end at once."""
    agent = get_object_or_404(Agent, pk=number)
    try:
        deactivate_agent(agent, by=request.user.actor)
    except LastAdmin as refusal:
        flash(request, str(refusal), bad=True)
    else:
        words = _("{name} cannot sign in any more.").format(name=agent.name)
        flash(request, words, undo=reverse("settings:access", args=[number]), method="post")
    return HttpResponseRedirect(reverse("settings:person", args=[number]))


def open_again(request: SignedIn, number: int) -> HttpResponse:
    """Open it again."""
    agent = get_object_or_404(Agent, pk=number)
    reactivate_agent(agent, by=request.user.actor)
    flash(request, _("{name} can sign in again.").format(name=agent.name))
    return HttpResponseRedirect(reverse("settings:person", args=[number]))


def make_link(request: SignedIn, number: int) -> HttpResponse:
    """A link to a new password, shown this once."""
    agent = get_object_or_404(Agent, pk=number)
    link = config().public_url.rstrip("/") + make_password_path(agent, by=request.user.actor)
    return pages.show(request, "people/link", {"agent": agent, "link": link}, status=201)


def take_off(request: SignedIn, number: int) -> HttpResponse:
    """Take the second step off."""
    agent = get_object_or_404(Agent, pk=number)
    take_off_second_step(agent, by=request.user.actor)
    flash(request, _("The password alone lets {name} in now.").format(name=agent.name))
    return HttpResponseRedirect(reverse("settings:person", args=[number]))


access = for_admins(post=open_again, delete=close)
password_link = for_admins(post=make_link)
second_step = for_admins(delete=take_off)
