"""Changes: what happened to a conversation, one sentence each, out of the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from rapport.accounts.models import Agent, Team
from rapport.conversations.models import MessageKind, Priority
from rapport.kernel.journal.models import Entry
from rapport.web.kit.moments import say_exactly, say_moment


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence and its time."""

    id: int
    at: datetime
    words: str
    when: str
    when_exact: str

    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the agents and teams that some entries speak of."""

    agents: dict[int, str]
    teams: dict[int, str]


def changes_of(entries: Sequence[Entry], *, now: datetime) -> list[Change]:
    """The sentences of some journal entries, in their order."""
    told = [entry for entry in entries if entry.kind in SENTENCES]
    names = _names(told) if told else Names({}, {})
    found = ((entry, sentence_of(entry, names)) for entry in told)
    return [
        Change(entry.id, entry.at, words, say_moment(entry.at, now=now), say_exactly(entry.at))
        for entry, words in found
        if words
    ]


def _names(entries: Sequence[Entry]) -> Names:
    """Only of those who are spoken of, and only where somebody is."""
    given = [entry.details for entry in entries if entry.kind == "conversations.assigned"]
    agents = {details.get("agent") for details in given} - {None}
    teams = {details.get("team") for details in given if not details.get("agent")} - {None, 0}
    named = Agent.objects.filter(pk__in=agents).values_list("id", "name") if agents else ()
    named_teams = Team.objects.filter(pk__in=teams).values_list("id", "name") if teams else ()
    return Names(dict(named), dict(named_teams))


def sentence_of(entry: Entry, names: Names) -> str:
    """What happened in this reader's language; nothing for a kind that has no sentence."""
    tell = SENTENCES.get(entry.kind)
    if tell is None:
        return ""
    sentence = tell({**entry.details, "conversation": entry.subject_id}, names)
    return sentence.format(who=entry.by_name or _nobody(entry.by_kind))


def _nobody(kind: str) -> str:
    if kind == "customer":
        return gettext("The customer")
    return gettext("Rapport")


def _opened(details: dict[str, Any], _names: Names) -> str:
    if number := details.get("continues"):
        return gettext("{who} started this, going on from C-%(number)s") % {"number": number}
    return gettext("{who} started this")


def _assigned(details: dict[str, Any], names: Names) -> str:
    agent, team = details.get("agent"), details.get("team")
    if agent:
        return gettext("{who} gave this to %(name)s") % {"name": _safe(names.agents.get(agent))}
    if team and team != details.get("before_team"):
        return gettext("{who} gave this to the team %(name)s") % {
            "name": _safe(names.teams.get(team))
        }
    return gettext("{who} put this back for everybody")


def _reopened(details: dict[str, Any], _names: Names) -> str:
    if details.get("reason") == "customer":
        return gettext("{who} wrote again, so this is open again")
    return gettext("{who} opened this again")


def _snoozed(details: dict[str, Any], _names: Names) -> str:
    until = parse_datetime(str(details.get("until", "")))
    said = say_moment(until) if until else ""
    return gettext("{who} put this to sleep until %(when)s") % {"when": said}


def _woken(details: dict[str, Any], _names: Names) -> str:
    if details.get("reason") == "time":
        return gettext("The snooze is over")
    return gettext("{who} woke this up")


def _prioritised(details: dict[str, Any], _names: Names) -> str:
    label = str(Priority(details.get("priority", Priority.NORMAL)).label)
    return gettext("{who} set the priority to %(priority)s") % {"priority": label}


def _judged(details: dict[str, Any], _names: Names) -> str:
    if details.get("judged") == MessageKind.HUMAN:
        return gettext("{who} says that a person wrote a message")
    return gettext("{who} says that a machine wrote a message")


def _safe(name: object) -> str:
    """A name that may hold braces, ready for a sentence that is formatted once more."""
    return str(name or "?").replace("{", "{{").replace("}", "}}")


#: What has no sentence has a bubble of its own, or is nobody's news.
SENTENCES: dict[str, Callable[[dict[str, Any], Names], str]] = {
    "conversations.opened": _opened,
    "conversations.assigned": _assigned,
    "conversations.asked_aside": lambda details, names: gettext(
        "{who} asked aside; the customer does not see it"
    ),
    "conversations.answered_aside": lambda details, names: gettext("{who} answered aside"),
    "conversations.solved": lambda details, names: gettext("{who} solved this"),
    "conversations.reopened": _reopened,
    "conversations.snoozed": _snoozed,
    "conversations.woken": _woken,
    "conversations.prioritised": _prioritised,
    "conversations.tagged": lambda details, names: (
        gettext("{who} tagged this %(tag)s") % {"tag": _safe(details.get("tag"))}
    ),
    "conversations.untagged": lambda details, names: (
        gettext("{who} took off the tag %(tag)s") % {"tag": _safe(details.get("tag"))}
    ),
    "conversations.merged": lambda details, names: (
        gettext("{who} merged C-%(conversation)s into C-%(target)s") % details
    ),
    "conversations.unmerged": lambda details, names: (
        gettext("{who} took C-%(conversation)s out of C-%(target)s again") % details
    ),
    "conversations.split": lambda details, names: (
        gettext("{who} moved messages to C-%(number)s") % {"number": details.get("made")}
    ),
    "conversations.rejoined": lambda details, names: (
        gettext("{who} brought the messages back from C-%(number)s")
        % {"number": details.get("made")}
    ),
    "conversations.marked_spam": lambda details, names: gettext("{who} marked this as spam"),
    "conversations.unmarked_spam": lambda details, names: gettext("{who} says this is no spam"),
    "conversations.message_withdrawn": lambda details, names: gettext(
        "{who} took a message back before it left"
    ),
    "conversations.message_moved": lambda details, names: (
        gettext("{who} moved a message here from C-%(number)s") % {"number": details.get("source")}
    ),
    "conversations.message_redacted": lambda details, names: gettext(
        "{who} took a secret out of a message"
    ),
    "conversations.message_judged": _judged,
    "conversations.join_proposed": lambda details, names: (
        gettext("This may belong to C-%(number)s") % {"number": details.get("other")}
    ),
    "conversations.join_declined": lambda details, names: (
        gettext("{who} says this does not belong to C-%(number)s")
        % {"number": details.get("other")}
    ),
}
