"""Lending: a file of ours that is too large for a message is fetched by a link, for a while.

The link carries its own proof: who has it may fetch the one file, and nobody can make another. It ends with
its time, when the message is taken back, and when the file is taken out.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from django.db import transaction

from rapport.conversations.models import Attachment, Direction, Message
from rapport.kernel import clock
from rapport.kernel.secrets import derive_key

LENT_FOR = timedelta(days=30)
#: An attempt that finds less than this left lends the files anew.
LEAST_LEFT = timedelta(days=7)
_TOKEN = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,10})-([A-Za-z0-9_-]{43})")


def lend_files(message: Message) -> datetime:
    """Until when the files of a message of ours can be fetched: the same at each attempt to send it."""
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        known = row.extras.get("lent_until")
        until = datetime.fromisoformat(known) if known else None
        if until is None or until < clock.now() + LEAST_LEFT:
            until = (clock.now() + LENT_FOR).replace(microsecond=0)
            row.extras = {**row.extras, "lent_until": until.isoformat()}
            row.save(update_fields=["extras"])
    message.extras = row.extras
    return until


def loan_token(file: Attachment, *, until: datetime) -> str:
    """What stands in the link to this file."""
    ends = int(until.timestamp())
    return f"{file.pk}-{ends}-{_proof(file.pk, ends)}"


def find_lent_file(token: str) -> Attachment | None:
    """The file that may be fetched by this token now; None for all others, whatever the reason."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    number, ends = int(found[1]), int(found[2])
    if not hmac.compare_digest(_proof(number, ends), found[3]):
        return None
    if ends < clock.now().timestamp():
        return None
    lent = Attachment.objects.exclude(stored_name="").filter(
        pk=number, message__direction=Direction.OUT, message__withdrawn_at=None
    )
    return lent.first()


def _proof(number: int, ends: int) -> str:
    digest = hmac.new(_key(), f"{number}-{ends}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@functools.cache
def _key() -> bytes:
    return derive_key("files lent")
