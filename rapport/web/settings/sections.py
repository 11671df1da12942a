"""Sections: the list at the side of every page of the settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Address name, title, icon, and whether it is for admins only.
SECTIONS: tuple[tuple[str, str | Promise, str, bool], ...] = (
    ("profile", _("You"), "user", False),
    ("templates", _("Templates"), "book", False),
    ("company", _("Company"), "brand", True),
    ("people", _("People"), "users", True),
    ("teams", _("Teams"), "chat", True),
    ("brands", _("Brands"), "tag", True),
    ("channels", _("Channels"), "plug", True),
    ("attributes", _("Customer facts"), "user", True),
    ("cards", _("App cards"), "hook", True),
    ("tokens", _("API tokens"), "key", True),
    ("health", _("Health"), "heart", True),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A link to one part of the settings."""

    title: str | Promise
    icon: str
    href: str
    is_here: bool


def sections_for(request: HttpRequest) -> list[Section]:
    """What this reader may open."""
    is_admin = getattr(request.user, "is_admin", False)
    found = []
    for name, title, icon, is_for_admins in SECTIONS:
        href = reverse(f"settings:{name}")
        is_here = request.path == href or request.path.startswith(f"{href}/")
        if is_admin or not is_for_admins:
            found.append(Section(title, icon, href, is_here))
    return found
