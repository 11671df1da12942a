"""About a customer: all that stands of a person beside their words, in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.meeting_people import met_as
from rapport.conversations.seeing import sight_of
from rapport.customers.asking_cards import attribute_facts
from rapport.customers.defining_cards import Unfilled, fill_url
from rapport.customers.guessing_zones import guess_zone
from rapport.customers.models import CardKind, MarkKind, VisitKind
from rapport.kernel import clock
from rapport.kernel.asking import Question, ask
from rapport.web.kit.moments import say_moment_briefly
from rapport.web.kit.reading import zone_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: So many notes stand in the pane; the customer's page has all.
NOTES, MOST_WORDS, MOST_ALIKE, TRAIL = 5, 600, 5, 6
ABOUT = """
SELECT u.name,
       coalesce(nullif(u.language, ''), (
           SELECT c.language FROM conversations_conversation c WHERE c.customer_id = u.id AND {seen}
           ORDER BY c.last_message_at DESC LIMIT 1), ''),
       u.time_zone, u.attributes::text, coalesce(o.name, ''),
       (SELECT json_agg(json_build_array(i.id, i.kind, coalesce(nullif(i.shown, ''), i.value), i.is_verified)
                        ORDER BY i.kind, i.id)::text
        FROM customers_identity i WHERE i.customer_id = u.id),
       ARRAY(SELECT t.name FROM customers_customertagging g JOIN customers_customertag t ON t.id = g.tag_id
             WHERE g.customer_id = u.id ORDER BY g.id),
       (SELECT json_agg(json_build_array(n.id, left(n.text, {words}), n.by_kind, n.by_id, n.by_name,
                                         coalesce(n.changed_at, n.at)) ORDER BY n.id DESC)::text
        FROM (SELECT * FROM customers_customernote n
              WHERE n.customer_id = u.id AND n.ended_at IS NULL ORDER BY n.id DESC LIMIT {notes}) n),
       (SELECT json_agg(json_build_array(a.key, a.label, a.type) ORDER BY a.label, a.id)::text
        FROM customers_attribute a),
       (SELECT json_agg(json_build_array(l.id, x.id, x.name, l.reasons) ORDER BY l.id)::text
        FROM customers_likeness l
        JOIN customers_customer x ON x.id = CASE WHEN l.one_id = u.id THEN l.other_id ELSE l.one_id END
        WHERE (l.one_id = u.id OR l.other_id = u.id) AND l.ended_at IS NULL AND {met}),
       (SELECT json_agg(json_build_array(m.id, x.name, m.by_name, m.at) ORDER BY m.id)::text
        FROM customers_customermerge m JOIN customers_customer x ON x.id = m.source_id
        WHERE m.target_id = u.id AND m.ended_at IS NULL),
       (SELECT json_agg(json_build_array(k.id, k.title, k.kind, k.url) ORDER BY k.title, k.id)::text
        FROM customers_card k),
       (SELECT json_agg(json_build_array(v.kind, v.title, v.url, v.at))::text
        FROM (SELECT * FROM customers_visit v WHERE v.customer_id = u.id
              ORDER BY v.at DESC, v.id DESC LIMIT {trail}) v)
FROM customers_customer u LEFT JOIN customers_organisation o ON o.id = u.organisation_id
WHERE u.id = %(customer)s
"""


TRAIL_ICONS: dict[str, str] = {
    VisitKind.PAGE: "eye",
    VisitKind.ARTICLE: "book",
    VisitKind.SEARCH: "find",
}
#: Why two may be one, by the kind of mark that they share.
REASONS: dict[str, StrOrPromise] = {
    MarkKind.MAIL: _("the same mail address but for dots, case or a plus"),
    MarkKind.PHONE: _("the same phone number"),
    MarkKind.SIGNED: _("a phone number in a signature"),
    MarkKind.NAMED: _("the same name at the same company"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """One way to reach a customer."""

    id: int
    kind: str
    shown: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """A note about the person, as it is shown to this reader."""

    id: int
    text: str
    who: str
    at: datetime
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is kept of them; `href` where it is a link."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the same person, and why."""

    likeness: int
    id: int
    name: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Union:
    """Somebody who was merged into this customer."""

    id: int
    name: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """One of the company's own systems: a link that is filled in, or (without) one that is asked."""

    id: int
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that they looked at."""

    icon: str
    said: str
    title: str
    href: str
    when: str
    at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """A person as the pane shows them; `hour` is the time there, `guessed` the zone where it is only a guess."""

    id: int
    name: str
    lang: str
    language: str
    hour: str
    guessed: str
    organisation: str
    identities: tuple[Reached, ...]
    facts: tuple[Told, ...]
    tags: tuple[str, ...]
    notes: tuple[Noted, ...]
    alike: tuple[Alike, ...]
    unions: tuple[Union, ...]
    cards: tuple[Beside, ...]
    trail: tuple[Step, ...]
    may_change: bool


def about_question(number: int, *, agent: Agent) -> Question:
    """What `about` asks."""
    seen, parameters = sight_of(agent)
    statement = ABOUT.format(
        words=MOST_WORDS, notes=NOTES, trail=TRAIL, seen=seen, met=met_as(seen, who="x")
    )
    return Question(statement, {**parameters, "customer": number})


def about(number: int, *, agent: Agent) -> About:
    """What is known of this customer; whether the reader may see them was asked before."""
    (row,) = ask(*about_question(number, agent=agent))
    name, language, zone, attributes, organisation, *lists = row
    identities, tags, notes, defined, alike, unions, cards, trail = lists
    reached = tuple(Reached(*each) for each in json.loads(identities or "[]"))
    hour, guessed = _hour(zone, language, reached)
    return About(
        number,
        name or gettext("No name"),
        language,
        say_language(language),
        hour,
        guessed,
        organisation,
        reached,
        tuple(_facts(json.loads(attributes), json.loads(defined or "[]"))),
        tuple(tags),
        tuple(_noted(each, agent) for each in json.loads(notes or "[]")),
        tuple(_alike(*each) for each in json.loads(alike or "[]")[:MOST_ALIKE]),
        tuple(_union(*each) for each in json.loads(unions or "[]")),
        tuple(_cards(json.loads(cards or "[]"), _holes(number, row, reached))),
        tuple(_step(*each) for each in reversed(json.loads(trail or "[]"))),
        agent.may_work,
    )


def _hour(zone: str, language: str, reached: tuple[Reached, ...]) -> tuple[str, str]:
    """The time where they are, and the zone where that is a guess."""
    phones = [each.shown for each in reached if each.kind == "phone"]
    guessed = "" if zone else guess_zone(phones=phones, language=language)
    if not zone and not guessed:
        return "", ""
    here = timezone.localtime(clock.now(), zone_of(zone or guessed))
    return f"{here:%H:%M}", guessed


def say_language(code: str) -> str:
    """The language's own name for itself; the code where nobody knows one."""
    try:
        return str(get_language_info(code.lower())["name_local"]) if code else ""
    except KeyError:
        return code


def _facts(attributes: Mapping[str, Any], defined: list[list[str]]) -> Iterator[Told]:
    """Those that are defined under their label, in its order; the others behind them."""
    known = {key: (label, type) for key, label, type in defined}
    free = sorted(attributes.keys() - known.keys())
    for key in [*(key for key in known if key in attributes), *free]:
        value = attributes[key]
        if value in ("", None):
            continue
        label, type = known.get(key, (key, "text"))
        said = say_value(value)
        yield Told(label, said, said if type == "link" and said.startswith("http") else "")


def say_value(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str | int | float):
        return str(value)[:MOST_WORDS]
    return json.dumps(value, ensure_ascii=False)[:MOST_WORDS]


def _noted(row: list[Any], agent: Agent) -> Noted:
    number, text, by_kind, by_id, by_name, at = row
    is_own = (by_kind, by_id) == ("agent", agent.pk)
    may_edit = agent.may_work and (is_own or agent.is_lead)
    return Noted(number, text, by_name, datetime.fromisoformat(at), may_edit)


def _alike(likeness: int, number: int, name: str, reasons: list[str]) -> Alike:
    said = ", ".join(str(REASONS[each]) for each in reasons if each in REASONS)
    return Alike(likeness, number, name or gettext("No name"), said)


def _union(number: int, name: str, who: str, at: str) -> Union:
    return Union(number, name or gettext("No name"), who, datetime.fromisoformat(at))


def _step(kind: str, title: str, url: str, at: str) -> Step:
    moment = datetime.fromisoformat(at)
    brief = say_moment_briefly(moment)
    said = str(VisitKind(kind).label)
    return Step(TRAIL_ICONS[kind], said, title, url, brief, moment)


def _holes(number: int, row: tuple[Any, ...], reached: tuple[Reached, ...]) -> dict[str, str]:
    """What may stand in the address of a card."""
    name, language, _zone, attributes, *_ = row
    holes = {"id": str(number), "name": name, "language": language}
    for each in sorted(reached, key=lambda one: not one.is_verified):
        holes.setdefault(each.kind, each.shown)
    return holes | attribute_facts(json.loads(attributes))


def _cards(cards: list[list[Any]], holes: Mapping[str, str]) -> Iterator[Beside]:
    """Links whose holes cannot be filled are left out."""
    for number, title, kind, url in cards:
        if kind == CardKind.JSON:
            yield Beside(number, title, "")
            continue
        with suppress(Unfilled):
            yield Beside(number, title, fill_url(url, holes))
