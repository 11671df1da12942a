"""Dividing: which files of an answer go along with the mail, and which are fetched by a link.

Mail servers take 10 to 25 MB. What fits goes along, in the order in which it was attached; the rest is lent.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.utils import formats, translation
from django.utils.translation import gettext as _

from rapport.channels.linking import can_be_reached, link_to
from rapport.conversations.lending import lend_files, loan_token
from rapport.conversations.models import Attachment, Message
from rapport.kernel.mail.rendering import LinkedFile, Links


def divide_files(
    message: Message, *, most_bytes: int
) -> tuple[Sequence[Attachment], Sequence[Attachment]]:
    """Those that go along, at most `most_bytes` together, and those that are lent.

    Pictures in the text go first; where nobody outside could follow a link, all go along.
    """
    files = list(message.attachments.exclude(stored_name="").order_by("-is_inline", "pk"))
    if not can_be_reached():
        return sorted(files, key=lambda file: file.pk), []
    along, lent, total = [], [], 0
    for file in files:
        if total + file.size <= most_bytes:
            total += file.size
            along.append(file)
        else:
            lent.append(file)
    return sorted(along, key=lambda file: file.pk), lent


def link_files(message: Message, files: Sequence[Attachment]) -> Links | None:
    """The links to `files` in the customer's language, with the day on which they end; None for none."""
    if not files:
        return None
    until = lend_files(message)
    language = message.conversation.language or (translation.get_language() or "en")
    with translation.override(language.lower()):
        heading = _("Too large for a mail, to be fetched until %(day)s:") % {
            "day": formats.date_format(until, "DATE_FORMAT")
        }
        linked = [
            LinkedFile(file.name, filesizeformat(file.size), link_to(loan_token(file, until=until)))
            for file in files
        ]
    return Links(heading, linked)
