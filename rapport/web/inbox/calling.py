"""Calling: how a note shows whom it calls by name, and whom it does not reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

#: A tag, what stands in code, or words between them.
_PARTS = re.compile(r"<code\b.*?</code>|<[^>]*>|[^<]+", re.DOTALL)
MARKED = '<strong class="call">{}</strong>'


def mark_calls(html: SafeString, extras: Mapping[str, Any]) -> SafeString:
    """The drawn words of a note with the names that it calls marked, but for those in code."""
    said = {escape(f"@{words}") for _, words in _mentions(extras).get("reached", ())}
    if not said:
        return html
    longest_first = sorted(said, key=len, reverse=True)
    call = re.compile("|".join(map(re.escape, longest_first)))

    def mark(part: re.Match[str]) -> str:
        if part[0].startswith("<"):
            return part[0]
        return call.sub(lambda found: MARKED.format(found[0]), part[0])

    return mark_safe(_PARTS.sub(mark, html))  # noqa: S308 - names as they stand in it, escaped


def unreached(extras: Mapping[str, Any]) -> Iterator[str]:
    """A sentence each about those who do not hear of the note."""
    mentions = _mentions(extras)
    if names := mentions.get("unreached"):
        said = ngettext(
            "{names} may not see this conversation and does not hear of it.",
            "{names} may not see this conversation and do not hear of it.",
            len(names),
        )
        yield said.format(names=_joined(names))
    if words := mentions.get("unclear"):
        said = gettext("{names} could mean several colleagues: none of them hears of it.")
        yield said.format(names=_joined([f"@{each}" for each in words]))


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names)


def _mentions(extras: Mapping[str, Any]) -> Mapping[str, Any]:
    found = extras.get("mentions")
    return found if isinstance(found, dict) else {}
