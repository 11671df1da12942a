"""Templates: answers that are written once. Everybody has some of their own; leads write those for all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import team_ids
from rapport.conversations.filling import VARIABLES
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Template
from rapport.conversations.templating import (
    may_change,
    save_template,
    templates_for,
    throw_away_template,
)
from rapport.web.kit.flashing import flash
from rapport.web.kit.verbs import SignedIn, verbs
from rapport.web.settings import pages
from rapport.web.settings.forms import TemplateForm


def show_all(request: SignedIn) -> HttpResponse:
    """Those that the reader may use."""
    found = templates_for(request.user).select_related("team")
    return pages.show(request, "templates/index", {"templates": found})


def begin(request: SignedIn) -> HttpResponse:
    """An empty form."""
    form = TemplateForm(whose=_whose(request.user), initial={"whose": "me"})
    return _page(request, form, None)


def create(request: SignedIn) -> HttpResponse:
    """A new one; who only reads conversations writes no answers."""
    if not request.user.may_work:
        raise PermissionDenied
    return _save(request, None)


def show_one(request: SignedIn, number: int) -> HttpResponse:
    """One template; only to be read by who may not change it."""
    template = _found(request, number)
    texts = {f"text_{code}": text for code, text in template.texts.items()}
    whose = "me" if template.owner_id else f"team:{template.team_id}" if template.team_id else "all"
    initial = {"title": template.title, "shortcut": template.shortcut, "whose": whose, **texts}
    return _page(request, TemplateForm(whose=_whose(request.user), initial=initial), template)


def change(request: SignedIn, number: int) -> HttpResponse:
    """Other words, another name, for others."""
    template = _found(request, number)
    if not may_change(template, agent=request.user):
        raise PermissionDenied
    return _save(request, template)


def destroy(request: SignedIn, number: int) -> HttpResponse:
    """Throw it away."""
    throw_away_template(_found(request, number), by=request.user.actor)
    flash(request, _("The template is thrown away."))
    return HttpResponseRedirect(reverse("settings:templates"))


def _found(request: SignedIn, number: int) -> Template:
    template = templates_for(request.user).filter(pk=number).first()
    if template is None:
        raise Http404
    return template


def _whose(agent: Agent) -> list[tuple[str, str]]:
    """For whom this colleague may write."""
    teams = Team.objects.order_by("name")
    mine = teams if agent.is_lead else teams.filter(pk__in=team_ids(agent))
    choices = [("me", _("Only me")), *((f"team:{team.pk}", team.name) for team in mine)]
    return [*choices, ("all", pgettext("of a template", "Everybody"))] if agent.is_lead else choices


def _page(request: SignedIn, form: TemplateForm, template: Template | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "template": template, "variables": VARIABLES.items()}
    context["may_change"] = template is None or may_change(template, agent=request.user)
    return pages.show(request, "templates/show", context)


def _save(request: SignedIn, template: Template | None) -> HttpResponse:
    form = TemplateForm(request.POST, whose=_whose(request.user))
    if not form.is_valid():
        return _page(request, form, template)
    said, number = form.cleaned_data, form.cleaned_data["whose"].partition(":")[2]
    try:
        saved = save_template(
            template,
            title=said["title"],
            texts=form.texts,
            shortcut=said["shortcut"],
            team=Team.objects.filter(pk=number).first() if number else None,
            is_private=said["whose"] == "me",
            by=request.user.actor,
        )
    except Refusal as refusal:
        pages.refuse(form, refusal)
        return _page(request, form, template)
    flash(request, _("The template {name} is saved.").format(name=saved.title))
    return HttpResponseRedirect(reverse("settings:templates"))


templates = verbs(get=show_all, post=create)
new_template = verbs(get=begin)
template = verbs(get=show_one, post=change, delete=destroy)
