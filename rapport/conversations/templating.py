"""Templating: answers that are written once, for oneself, for a team or for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent, Team
from rapport.conversations.access import NotAllowed, check_may_start, team_ids
from rapport.conversations.events import TemplateSaved, TemplateThrownAway
from rapport.conversations.locking import Refusal
from rapport.conversations.models import Template
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.text.folding import fold, strip_accents

#: Characters of one text; templates that are looked through, of which so many are offered.
LONGEST = 20_000
MOST = 2_000
OFFERED = 10


class TemplateIncomplete(Refusal):
    """Without a name or without words."""

    message = _("A template needs a name and words in at least one language.")


class TemplateTooLong(Refusal):
    """More than a template can hold."""

    message = _("This is too long for a template.")


class TooManyTemplates(Refusal):
    """The deployment's share is used up."""

    message = _("There are too many templates. Throw away some of them.")


def templates_for(agent: Agent) -> QuerySet[Template]:
    """Those that this agent may use: everybody's, those of the own teams (leads: of all), the own ones."""
    everybody = Q(team=None, owner=None)
    if not agent.may_see:
        return Template.objects.none()
    of_teams = Q(team__isnull=False) if agent.is_lead else Q(team__in=team_ids(agent))
    return Template.objects.filter(everybody | of_teams | Q(owner=agent)).order_by("title", "pk")


def may_change(template: Template, *, agent: Agent) -> bool:
    """One's own; those of a team for its members; everybody's for leads."""
    if not agent.may_work or template.owner_id not in (None, agent.pk):
        return False
    if template.owner_id or agent.is_lead:
        return True
    return template.team_id is not None and template.team_id in team_ids(agent)


def save_template(
    template: Template | None,
    *,
    title: str,
    texts: Mapping[str, str],
    by: Actor,
    shortcut: str = "",
    team: Team | None = None,
    is_private: bool = False,
) -> Template:
    """Make one or change it; `texts` are Markdown by language, empty ones are left out.

    Raises TemplateIncomplete, TemplateTooLong, TooManyTemplates, NotAllowed.
    """
    title, kept = " ".join(title.split())[:100], {k: t for k, t in texts.items() if t.strip()}
    if not title or not kept:
        raise TemplateIncomplete
    if any(len(text) > LONGEST for text in kept.values()):
        raise TemplateTooLong
    with transaction.atomic():
        agent = _checked(template, by=by)
        if template is None and Template.objects.count() >= MOST:
            raise TooManyTemplates
        saved = template or Template()
        saved.title, saved.texts, saved.changed_at = title, kept, clock.now()
        saved.shortcut = "".join(shortcut.split()).lstrip("/")[:30]
        saved.owner, saved.team = (agent, None) if is_private else (None, team)
        if not may_change(saved, agent=agent):
            raise NotAllowed(NotAllowed.__doc__)
        saved.save()
        journal.record(TemplateSaved(by=by, template=saved.pk))
    return saved


def throw_away_template(template: Template, *, by: Actor) -> None:
    """What was made of it stays. Twice is once. Raises NotAllowed."""
    with transaction.atomic():
        _checked(template, by=by)
        number = template.pk
        if Template.objects.filter(pk=number).delete()[0]:
            journal.record(TemplateThrownAway(by=by, template=number))


def find_templates(agent: Agent, *, begins: str, limit: int = OFFERED) -> Sequence[Template]:
    """Those whose shortcut or name holds these words, the ones whose shortcut begins so first."""
    asked = _bare(begins)
    held = templates_for(agent)[:MOST]
    at_once = [each for each in held if each.shortcut and _bare(each.shortcut).startswith(asked)]
    by_name = [each for each in held if each not in at_once and asked in _bare(each.title)]
    return [*at_once, *by_name][:limit]


def text_for(template: Template, *, language: str) -> str:
    """Its words in the reader's language; else in one that is written alike, in English, or in any."""
    texts: dict[str, str] = template.texts
    base = language.partition("-")[0]
    alike = (text for name, text in texts.items() if name.partition("-")[0] == base)
    return (
        texts.get(language) or next(alike, "") or texts.get("en") or next(iter(texts.values()), "")
    )


def _bare(words: str) -> str:
    return strip_accents(fold(words)).strip()


def _checked(template: Template | None, *, by: Actor) -> Agent:
    agent = check_may_start(by)
    if agent is None or (template is not None and not may_change(template, agent=agent)):
        raise NotAllowed(NotAllowed.__doc__)
    return agent
