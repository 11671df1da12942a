"""The desk: what stands at the side of every page of a signed-in colleague."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.web.inbox.counting import Counts, counts_for
from rapport.web.inbox.shelves import SHELVES

#: Places for leads, by the name of their address; those that are not served are left out.
PLACES = (
    ("inbox:parked", _("Parked mail"), "warn"),
    ("settings:index", _("Settings"), "gear"),
)
OWN_LINKS = (("settings:profile", _("Your profile"), "user"),)


@dataclass(frozen=True, slots=True)
class Link:
    """A link at the side: where it leads, whether we are there, and how much waits behind it."""

    name: str
    title: str
    icon: str
    href: str
    is_here: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some links under a title, or under none."""

    title: str | Promise
    views: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Desk:
    """Company, shelves, groups of further links, the colleague's own links."""

    company: str = ""
    shelves: Sequence[Link] = field(default_factory=tuple)
    groups: Sequence[Group] = field(default_factory=tuple)
    links: Sequence[Link] = field(default_factory=tuple)
    sign_out: str = ""
    theme: str = "auto"


def desk(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor: `desk`, made only where a template asks for it."""
    return {"desk": SimpleLazyObject(lambda: make_desk(request))}


def make_desk(request: HttpRequest) -> Desk:
    """The desk of whoever is signed in."""
    agent = request.user
    if not isinstance(agent, Agent):
        return Desk()
    counts = counts_for(request, agent)
    return Desk(
        company=counts.company or "Rapport",
        shelves=shelf_links(counts, here=shelf_of(request)),
        groups=[Group(_("More"), _links(PLACES, request))] if agent.is_lead else [],
        links=_links(OWN_LINKS, request),
        sign_out=_address("account_logout"),
        theme=theme if (theme := request.COOKIES.get("theme")) in ("dark", "light") else "auto",
    )


def shelf_links(counts: Counts, *, here: str) -> list[Link]:
    """The links to all shelves with their counts."""
    base = _address("inbox:index")
    return [
        Link(
            name,
            str(shelf.title),
            shelf.icon,
            base + name,
            name == here,
            counts.shelves.get(name, ""),
        )
        for name, shelf in SHELVES.items()
    ]


def shelf_of(request: HttpRequest) -> str:
    """The shelf that a request is about: in its path for a list, in its query for a conversation."""
    match = request.resolver_match
    named = match.kwargs.get("shelf") if match else None
    return str(named or request.GET.get("shelf", ""))


def _links(places: Sequence[tuple[str, str | Promise, str]], request: HttpRequest) -> list[Link]:
    addresses = ((name, title, icon, _address(name)) for name, title, icon in places)
    return [
        Link(name.replace(":", "_"), str(title), icon, href, request.path.startswith(href))
        for name, title, icon, href in addresses
        if href
    ]


@lru_cache(maxsize=32)
def _address(name: str) -> str:
    """The address of this name; nothing where this deployment does not serve it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
