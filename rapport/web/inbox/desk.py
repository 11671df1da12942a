"""The desk: what stands at the side of every page of a signed-in colleague."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.web.inbox.bell import ShownBell, shown_bell
from rapport.web.inbox.counting import Counts, counts_for
from rapport.web.inbox.saved import Saved
from rapport.web.inbox.shelves import SHELVES

Offered = tuple[str, str | Promise, str]
#: One of them, its address, and whether we are there.
Place = tuple[Offered, str, bool]
#: Places for leads, by the name of their address; those that are not served are left out.
PLACES = (
    ("inbox:parked", _("Parked mail"), "warn"),
    ("settings:index", _("Settings"), "gear"),
)
#: The keys that lead to a list or a page, pressed one after the other.
KEYS = {
    "mine": "g i",
    "unassigned": "g u",
    "waiting": "g w",
    "open": "g o",
    "mentions": "g m",
    "watched": "g v",
    "drafts": "g f",
    "snoozed": "g s",
    "solved": "g d",
    "all": "g a",
    "spam": "g x",
    "inbox:customers": "g c",
    "inbox:parked": "g p",
    "settings:index": "g ,",
}
#: Places for everybody.
SHARED = (("inbox:customers", _("Customers"), "users"),)
OWN_LINKS = (
    ("inbox:views", _("Saved views"), "eye"),
    ("settings:profile", _("Your profile"), "user"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link at the side: where it leads, whether we are there, and how much waits behind it."""

    name: str
    title: str
    icon: str
    href: str
    is_here: bool = False
    count: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some links under a title, or under none."""

    title: str
    views: Sequence[Link]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Shelves, groups of further links, the colleague's own links; the same for the same colleague and counts."""

    shelves: Sequence[Link] = field(default_factory=tuple)
    saved: Sequence[Group] = field(default_factory=tuple)
    groups: Sequence[Group] = field(default_factory=tuple)
    links: Sequence[Link] = field(default_factory=tuple)
    sign_out: str = ""
    name: str = ""
    theme: str = "auto"


@dataclass(frozen=True, slots=True)
class Desk:
    """The company, and what stands at the side."""

    company: str = ""
    side: Side = field(default_factory=Side)
    bell: ShownBell = field(default_factory=ShownBell)


def desk(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor: `desk`, made only where a template asks for it."""
    return {"desk": lru_cache(maxsize=1)(partial(make_desk, request))}


def make_desk(request: HttpRequest) -> Desk:
    """The desk of whoever is signed in."""
    agent = request.user
    if not isinstance(agent, Agent):
        return Desk()
    counts = counts_for(request, agent)
    here = shelf_of(request)
    side = _side(
        get_language(),
        tuple(counts.shelves.items()),
        tuple(counts.saved),
        here=here if here in SHELVES or here in counts.lists else "",
        name=agent.name,
        places=_places((*SHARED, *PLACES) if agent.is_lead else SHARED, request),
        own=_places(OWN_LINKS, request),
        theme=agent.theme,
    )
    return Desk(counts.company or "Rapport", side, shown_bell(request, agent))


@lru_cache(maxsize=512)
def _side(
    _language: str | None,
    counts: tuple[tuple[str, str], ...],
    saved: tuple[Saved, ...],
    *,
    here: str,
    name: str,
    places: tuple[Place, ...],
    own: tuple[Place, ...],
    theme: str,
) -> Side:
    return Side(
        shelves=_shelves(dict(counts), here),
        saved=_saved(saved, dict(counts), here),
        groups=[Group(gettext("More"), _links(places))] if places else [],
        links=_links(own),
        sign_out=_address("account_logout"),
        name=name,
        theme=theme,
    )


def lists_beside(counts: Counts, *, here: str) -> Side:
    """The links to all lists with their counts, as far as they change while a page stands open."""
    return Side(
        shelves=_shelves(counts.shelves, here), saved=_saved(counts.saved, counts.shelves, here)
    )


def _saved(saved: Sequence[Saved], counts: Mapping[str, str], here: str) -> Sequence[Group]:
    """The saved views: one's own, each team's, everybody's."""
    groups: dict[str, list[Link]] = {}
    base = _address("inbox:index")
    for view in saved:
        title = gettext("My views") if view.is_private else view.team or gettext("Views for all")
        link = Link(
            view.name,
            view.title,
            view.icon,
            base + view.name,
            view.name == here,
            counts.get(view.name, ""),
        )
        groups.setdefault(title, []).append(link)
    return [Group(title, links) for title, links in groups.items()]


def _shelves(counts: Mapping[str, str], here: str) -> Sequence[Link]:
    base = _address("inbox:index")
    return [
        Link(
            name,
            str(shelf.title),
            shelf.icon,
            base + name,
            name == here,
            counts.get(name, ""),
            KEYS.get(name, ""),
        )
        for name, shelf in SHELVES.items()
    ]


def shelf_of(request: HttpRequest) -> str:
    """The shelf that a request is about: in its path for a list, in its query for a conversation."""
    match = request.resolver_match
    named = match.kwargs.get("shelf") if match else None
    return str(named or request.GET.get("shelf", ""))


def _places(places: Sequence[Offered], request: HttpRequest) -> tuple[Place, ...]:
    """Those that are served, and whether we are there."""
    addresses = ((each, _address(each[0])) for each in places)
    return tuple((each, href, request.path.startswith(href)) for each, href in addresses if href)


def _links(places: Sequence[Place]) -> Sequence[Link]:
    return [
        Link(name.replace(":", "_"), str(title), icon, href, is_here, key=KEYS.get(name, ""))
        for (name, title, icon), href, is_here in places
    ]


@lru_cache(maxsize=32)
def _address(name: str) -> str:
    """The address of this name; nothing where this deployment does not serve it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
