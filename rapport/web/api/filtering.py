"""Filtering by what is typed: the conditions that the inbox knows, for programs."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from rapport.accounts.models import Agent
from rapport.conversations.filtering import Asked, ask_filter
from rapport.conversations.stating_conditions import BadFilter
from rapport.web.api.problems import Problem

_NAMED = re.compile(r"%\((\w+)\)s")


def asked_by(agent: Agent, text: str) -> tuple[Asked | None, str]:
    """The conditions in a text, and its words. Raises Problem 400 for a condition that cannot be asked."""
    try:
        asked, words = ask_filter(text, agent=agent)
    except BadFilter as fault:
        raise Problem(400, "bad_filter", str(fault)) from None
    return (None if words == text.strip() else asked), words


def narrow_rows(rows: QuerySet[Any], text: str, *, agent: Agent) -> QuerySet[Any]:
    """Those conversations that meet the conditions. Raises Problem 400, also where words stand between them."""
    asked, words = asked_by(agent, text)
    if words or asked is None:
        raise Problem(
            400, "bad_filter", "This takes conditions such as is:open; look for words with /search."
        )
    values = [asked.parameters[name] for name in _NAMED.findall(asked.where)]
    where = _NAMED.sub("%s", asked.where)
    met = RawSQL(f"SELECT c.id FROM conversations_conversation c WHERE {where}", values)  # noqa: S608, S611
    return rows.filter(pk__in=met)
