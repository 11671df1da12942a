"""Filling: the variables of a template get what is known of this customer, agent and conversation.

`{{customer.first_name}}` is filled, `{{customer.first_name|there}}` has a word for where nothing is known.
What stays unfilled stands as it was, so that the writer sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.accounts.models import Agent
from rapport.conversations.models import Conversation
from rapport.customers.models import Identity

VARIABLE = re.compile(r"\{\{\s*(\w[\w .-]{0,80}?)\s*(?:\|([^{}|\n]{0,80}))?\}\}")
#: Signs that mean something in Markdown: a name must not become a link or an emphasis.
_SIGNS = re.compile(r"([\\`*_\[\]<>{}])")
ATTRIBUTE = "customer."
LONGEST = 500

#: What can be filled in, with what it is; besides these every attribute of the customer by its name.
VARIABLES = {
    "customer.name": _("the customer's name"),
    "customer.first_name": _("the customer's first name; the whole name where there is no other"),
    "customer.email": _("the customer's first e-mail address"),
    "customer.organisation": _("the organisation that the customer belongs to"),
    "conversation.ref": _("the number of the conversation"),
    "conversation.subject": _("the subject of the conversation"),
    "agent.name": _("your name"),
    "agent.first_name": _("your first name"),
    "brand.name": _("the brand that the customer wrote to"),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The words, and the variables in them for which nothing is known."""

    text: str
    missing: Sequence[str] = ()


def fill_template(text: str, *, conversation: Conversation, agent: Agent) -> Filled:
    """Fill in what is known; nothing of what is filled in is read as a variable or as Markdown."""
    missing: list[str] = []

    def fill(found: re.Match[str]) -> str:
        name, otherwise = found[1].strip(), found[2]
        value = _value(name, conversation, agent)
        if not value and otherwise is None:
            missing.append(name)
            return found[0]
        return _SIGNS.sub(r"\\\1", value) if value else str(otherwise).strip()

    return Filled(VARIABLE.sub(fill, text), tuple(dict.fromkeys(missing)))


def unfilled_in(text: str) -> Sequence[str]:
    """The variables that still stand in these words, each once."""
    return tuple(dict.fromkeys(found[1].strip() for found in VARIABLE.finditer(text)))


def _value(name: str, conversation: Conversation, agent: Agent) -> str:
    if known := KNOWN.get(name):
        return " ".join(known(conversation, agent).split())[:LONGEST]
    if name.startswith(ATTRIBUTE):
        value: Any = conversation.customer.attributes.get(name.removeprefix(ATTRIBUTE))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return " ".join(str(value).split())[:LONGEST]
    return ""


def _name(conversation: Conversation) -> str:
    """Whoever only has an address has no name to be called by."""
    name = conversation.customer.name
    return "" if "@" in name else name


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""


def _email(conversation: Conversation) -> str:
    known = conversation.customer.known_address
    if known is not None:
        return known
    found = Identity.objects.filter(customer=conversation.customer_id, kind="email").order_by("pk")
    return next((each.shown or each.value for each in found[:1]), "")


def _organisation(conversation: Conversation) -> str:
    organisation = conversation.customer.organisation
    return organisation.name if organisation else ""


KNOWN: dict[str, Callable[[Conversation, Agent], str]] = {
    "customer.name": lambda conversation, _agent: _name(conversation),
    "customer.first_name": lambda conversation, _agent: _first(_name(conversation)),
    "customer.email": lambda conversation, _agent: _email(conversation),
    "customer.organisation": lambda conversation, _agent: _organisation(conversation),
    "conversation.ref": lambda conversation, _agent: conversation.ref,
    "conversation.subject": lambda conversation, _agent: conversation.subject,
    "agent.name": lambda _conversation, agent: agent.name,
    "agent.first_name": lambda _conversation, agent: _first(agent.name),
    "brand.name": lambda conversation, _agent: (
        conversation.brand.name if conversation.brand else ""
    ),
}
