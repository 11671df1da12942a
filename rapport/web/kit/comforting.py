"""Comforting: what a reader chose for their comfort stands on the root of every page, before anything is painted.

Whoever is signed in has it in their profile. A cookie of the same words carries it to the pages that know nobody:
the sign-in, and the page of an error, which asks no database.
"""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString

from rapport.accounts.models import Agent

COOKIE = "comfort"
YEAR = 31_536_000
#: The words that change a page, and the attribute of the root that each belongs to. All others change nothing.
WORDS = {
    "light": "theme",
    "dark": "theme",
    "normal": "contrast",
    "high": "contrast",
    "reduced": "motion",
    "compact": "density",
    "small": "text",
    "large": "text",
    "largest": "text",
    "keyless": "hotkeys",
}
MOST = 80


def comfort_of(request: HttpRequest | None, *, words: str = "") -> SafeString:
    """The attributes for the page's root: the profile's for who is signed in, else the cookie's."""
    if request is None:
        return _attributes(words[:MOST])
    agent = getattr(request, "user", None) if request.COOKIES else None
    if isinstance(agent, Agent):
        return _attributes(words_of(agent))
    return _attributes(request.COOKIES.get(COOKIE, "")[:MOST])


def words_of(agent: Agent) -> str:
    """What a colleague chose, in the cookie's words."""
    keys = "" if agent.has_single_keys else "keyless"
    return ".".join(
        (agent.theme, agent.contrast, agent.motion, agent.density, agent.text_size, keys)
    )


def remember_comfort(response: HttpResponseBase, agent: Agent) -> None:
    """Let this browser's pages that know nobody look as the colleague likes them."""
    response.set_cookie(COOKIE, words_of(agent), max_age=YEAR, samesite="Lax")


@lru_cache(maxsize=512)
def _attributes(words: str) -> SafeString:
    chosen = {WORDS[word]: word for word in words.split(".") if word in WORDS}
    return SafeString("".join(f' data-{name}="{word}"' for name, word in chosen.items()))
