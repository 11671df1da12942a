"""Tagging: the team's own words on a conversation."""

from __future__ import annotations

import unicodedata

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import ConversationTagged, ConversationUntagged
from rapport.conversations.locking import Refusal, check_not_merged, locked
from rapport.conversations.models import Conversation, Tag, Tagging
from rapport.kernel import journal
from rapport.kernel.actors import Actor

LONGEST = 60


class BadTag(Refusal):
    """No word, or too long a one."""

    message = _("A tag is a word or a few, at most 60 characters.")


def tag_conversation(conversation: Conversation, *, tag: str, by: Actor) -> Tagging:
    """Put a tag on, made if it is new; its case does not matter; twice is once. Raises BadTag."""
    name = tidy_name(tag)
    with locked(conversation, by=by) as fresh:
        check_not_merged(fresh)
        row = tag_named(name)
        tagging, made = Tagging.objects.get_or_create(
            conversation=fresh, tag=row, defaults=Tagging.done_by(by)
        )
        if made:
            journal.record(
                ConversationTagged(
                    by=by, conversation=fresh.pk, team=fresh.team_id or 0, tag=row.name
                )
            )
    return tagging


def untag_conversation(conversation: Conversation, *, tag: str, by: Actor) -> bool:
    """Take a tag off; False where it was not on. The tag itself stays for others."""
    name = tidy_name(tag)
    with locked(conversation, by=by) as fresh:
        tagging = fresh.taggings.filter(tag__in=_named(name)).select_related("tag").first()
        if tagging is None:
            return False
        tagging.delete()
        journal.record(
            ConversationUntagged(
                by=by, conversation=fresh.pk, team=fresh.team_id or 0, tag=tagging.tag.name
            )
        )
    return True


def tag_named(name: str) -> Tag:
    """The tag of this name, made where there is none, also when two make it at once."""
    Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
    return _named(name).get()


def tidy_name(tag: str) -> str:
    """The name as it is kept: composed characters, single blanks, no # in front. Raises BadTag."""
    name = " ".join(unicodedata.normalize("NFC", tag).split()).lstrip("#").strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BadTag
    return name


def _named(name: str) -> QuerySet[Tag]:
    return Tag.objects.alias(folded=Lower("name")).filter(folded=Lower(Value(name)))
