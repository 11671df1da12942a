"""Redacting: a secret that should never have been written is taken out wherever the conversation shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.conversations.events import MessageRedacted
from rapport.conversations.indexing import index_messages
from rapport.conversations.keeping_files import defer_discarding
from rapport.conversations.locking import Refusal, locked
from rapport.conversations.models import Attachment, Conversation, Message, Redaction
from rapport.conversations.reckoning import reckon
from rapport.kernel import journal
from rapport.kernel.actors import Actor

BLOCK = "████"
SHORTEST, LONGEST = 4, 1000
#: What may stand between two characters of a secret in a text: a line break and the marks of a quotation.
BETWEEN = r"(?:[ \t]*\r?\n[ \t>]*)?"
#: In HTML, also tags, soft hyphens and zero-width characters.
BETWEEN_IN_HTML = r"(?:\s|<[^<>]*>|&nbsp;|&#160;|&shy;|\u00ad|\u200b|\u200c|\u200d|\u2060)*"
TEXTS = ("subject", "text", "quoted", "signature", "author_name")
JSONS = ("addresses", "extras", "why")


class BadSecret(Refusal):
    """So few characters stand everywhere by chance; so many are no secret."""

    message = _("Mark between four and a thousand characters.")


class NothingToRedact(Refusal):
    """The words do not stand in this conversation."""

    message = _("These words do not stand in this conversation.")


def redact_secret(message: Message, *, secret: str, by: Actor) -> list[Redaction]:
    """Take `secret` out of the message and of every other one of its conversation, for good.

    Also where it is broken over lines, quoted, or interrupted by tags; also out of subject, preview, names of
    files and the search. The raw arrivals of these messages are redacted by whoever keeps them, upon
    MessageRedacted. Once done it finds nothing again: raises NothingToRedact; BadSecret.
    """
    secret = secret.strip()
    if not SHORTEST <= len(secret) <= LONGEST:
        raise BadSecret
    blotter = Blotter(secret)
    with locked(message.conversation, by=by) as fresh:
        rows = list(fresh.messages.prefetch_related("attachments").order_by("pk"))
        redacted = {row.pk: places for row in rows if (places := _redact(row, blotter))}
        heading = _redact_headings(fresh, blotter)
        if heading:
            redacted.setdefault(message.pk, []).append("conversation")
        if not redacted:
            raise NothingToRedact
        made = [
            Redaction.objects.create(
                message_id=number, length=len(secret), places=places, **Redaction.done_by(by)
            )
            for number, places in redacted.items()
        ]
        reckon(fresh)
        _make_known(fresh, made, by=by)
    message.refresh_from_db()
    return made


def redact_file(file: Attachment, *, by: Actor) -> Redaction | None:
    """Take a file away for good: its name and size stay; None where it had gone before.

    Its content goes within seconds, unless another message has the same.
    """
    message = file.message
    if message is None:
        raise NothingToRedact
    with locked(message.conversation, by=by) as fresh:
        kept = Attachment.objects.select_for_update().get(pk=file.pk)
        if not kept.stored_name:
            return None
        stored_name, kept.stored_name = kept.stored_name, ""
        kept.sha256, kept.refused = "", str(_("Taken out by %(name)s.") % {"name": by.name})
        kept.save(update_fields=["stored_name", "sha256", "refused"])
        made = Redaction.objects.create(
            message=message, length=kept.size, places=["file"], **Redaction.done_by(by)
        )
        defer_discarding([stored_name])
        _make_known(fresh, [made], by=by)
    file.refresh_from_db()
    return made


def _make_known(fresh: Conversation, made: Sequence[Redaction], *, by: Actor) -> None:
    """The search forgets in this very commit; the rest of the house hears of it."""
    index_messages([redaction.message_id for redaction in made])
    journal.record_all(
        [
            MessageRedacted(
                by=by,
                conversation=fresh.pk,
                team=fresh.team_id or 0,
                message=redaction.message_id,
                length=redaction.length,
            )
            for redaction in made
        ]
    )


class Blotter:
    """Finds a secret in texts, HTML and JSON, however it was broken up, and puts a block in its place."""

    def __init__(self, secret: str) -> None:
        self.starts = [secret[:n] for n in range(len(secret) - 1, SHORTEST - 2, -1)]
        words = [[re.escape(c) for c in word] for word in secret.split()]
        self.in_text = re.compile(r"[\s>]+".join(BETWEEN.join(word) for word in words))
        letters = [_in_html(c) for c in secret if not c.isspace()]
        self.in_html = re.compile(BETWEEN_IN_HTML.join(letters))

    def text(self, value: str) -> str:
        """The text without the secret."""
        return self.in_text.sub(BLOCK, value)

    def line(self, value: str) -> str:
        """A line that was cut off: the beginning of the secret at its end goes, too."""
        start = next((start for start in self.starts if value.endswith(start)), "")
        return self.text(value).removesuffix(start) + (BLOCK if start else "")

    def markup(self, value: str) -> str:
        """The HTML without the secret; tags that stood inside it stay, so that it remains whole."""
        return self.in_html.sub(lambda found: BLOCK + "".join(TAG.findall(found[0])), value)

    def json(self, value: Any) -> Any:
        """The same structure with every text in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.json(item) for key, item in value.items()}
        return value


TAG = re.compile(r"<[^<>]*>")


def _in_html(character: str) -> str:
    """The character itself, or any of the ways to write it in HTML."""
    number = ord(character)
    ways = {
        re.escape(character),
        re.escape(html.escape(character)),
        rf"&#0*{number};?",
        rf"&#[xX]0*(?i:{number:x});?",
    }
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"


def _redact(row: Message, blotter: Blotter) -> list[str]:
    """Redact a message and the names of its files; returns where it stood."""
    ways: dict[str, Callable[[Any], Any]] = dict.fromkeys(TEXTS, blotter.text)
    ways |= dict.fromkeys(JSONS, blotter.json) | {"html": blotter.markup}
    clean = {name: way(getattr(row, name)) for name, way in ways.items()}
    places = [name for name, value in clean.items() if value != getattr(row, name)]
    for name in places:
        setattr(row, name, clean[name])
    if places:
        row.save(update_fields=places)
    if _redact_file_names(row, blotter):
        places.append("files")
    return places


def _redact_file_names(row: Message, blotter: Blotter) -> bool:
    changed = [file for file in row.attachments.all() if blotter.text(file.name) != file.name]
    for file in changed:
        file.name = blotter.text(file.name)
    Attachment.objects.bulk_update(changed, ["name"])
    return bool(changed)


def _redact_headings(fresh: Conversation, blotter: Blotter) -> bool:
    """Subject and preview, also of what was merged into it."""
    changed = False
    for row in [fresh, *Conversation.objects.filter(merged_into=fresh)]:
        subject, preview = blotter.text(row.subject), blotter.line(row.preview)
        if (subject, preview) != (row.subject, row.preview):
            row.subject, row.preview = subject, preview
            row.save(update_fields=["subject", "preview"])
            changed = True
    return changed
