"""Telling why: the sentence of a notification, without a word of the customer's."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext, ngettext

from rapport.conversations.models import NotificationKind


class Told(Protocol):
    """As much of a notification as its sentence is made of."""

    @property
    def kind(self) -> str: ...
    @property
    def by_name(self) -> str: ...
    @property
    def times(self) -> int: ...


def say_why(told: Told) -> str:
    """Why somebody is told, in the reader's language."""
    sentences = {
        NotificationKind.MENTION: gettext("{who} calls you by name"),
        NotificationKind.GIVEN: gettext("{who} gave you this conversation"),
        NotificationKind.ANSWERED: ngettext(
            "the customer has written", "the customer has written {n} times", told.times
        ),
        NotificationKind.FAILED: gettext("your message did not arrive"),
        NotificationKind.WOKEN: gettext("it is awake again"),
        NotificationKind.WATCHED: ngettext("there is news", "there is news, {n} times", told.times),
    }
    who = told.by_name or gettext("Somebody")
    words: str = sentences[NotificationKind(told.kind)]
    return words.format(who=who, n=told.times)
