"""Fetching: one look into a mailbox. Every mail behind the cursor becomes an envelope, then the cursor moves.

The cursor is UIDVALIDITY and the last UID: no time, no \\Seen. When UIDVALIDITY changes everything is read
again, and what is known by its content is not stored twice. So it is where the channel was pointed at another
mailbox, whose UIDVALIDITY may be the same by chance.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.utils import DataError, IntegrityError
from imap_tools import BaseMailBox

from rapport.channels.contract import lane_of
from rapport.channels.email.arriving import arrival_of
from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.filing import file_away, file_stragglers
from rapport.channels.email.finding_place import account_of, find_place
from rapport.channels.email.reading_folder import (
    MOST_MAILS,
    Fetched,
    fetch_bodies,
    fetch_head,
    in_batches,
    open_folder,
    uids_after,
)
from rapport.channels.enveloping import store_envelopes
from rapport.channels.events import EnvelopeParked
from rapport.channels.explaining import coded
from rapport.channels.models import Envelope, EnvelopeState, MailboxCursor
from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.config import config
from rapport.kernel.pg.hushing import words_of

log = logging.getLogger("rapport.channels")
DOOR = "imap"
READER = Actor.system("mailbox")
#: How often a mail may take the session down with it before it is left out.
PATIENCE = 3


@dataclass
class Trouble:
    """Which mails the session broke off at, kept from one session to the next."""

    broke_off_at: dict[int, int] = field(default_factory=dict)
    careful_until: int = 0

    def note(self, uids: Sequence[int]) -> None:
        """The session broke off while these were fetched: fetch them one by one, count a lone one."""
        self.careful_until = max(self.careful_until, *uids)
        if len(uids) == 1:
            self.broke_off_at[uids[0]] = self.broke_off_at.get(uids[0], 0) + 1

    def is_hopeless(self, uid: int) -> bool:
        return self.broke_off_at.get(uid, 0) >= PATIENCE


def fetch_mail(
    mailbox: BaseMailBox, channel_id: int, settings: MailConfig, *, trouble: Trouble | None = None
) -> int:
    """Take in all that is new; returns how many envelopes were not known before.

    Raises one of reaching.FAULTS or django.db.Error; what was stored until then stays, once.
    """
    trouble = trouble or Trouble()
    name = settings.imap_folder
    folder = open_folder(mailbox, name, readonly=settings.after_fetch == "leave")
    cursor = _cursor(channel_id, name)
    place = find_place(mailbox, cursor, folder, settings)
    if place is not None:
        _begin(cursor, folder.uid_validity, at=place, account=account_of(settings))
    file_stragglers(mailbox, cursor.last_uid, settings)
    uids = uids_after(mailbox, cursor.last_uid)
    careful = bool(uids) and uids[0] <= trouble.careful_until
    new = 0
    for batch in in_batches(mailbox, uids, most=1 if careful else MOST_MAILS):
        fetched = _fetch(mailbox, batch, trouble)
        new += _keep(cursor, fetched, last_uid=batch[-1][0])
        file_away(mailbox, [mail.uid for mail in fetched if not mail.fault], settings)
    MailboxCursor.objects.filter(pk=cursor.pk).update(checked_at=clock.now())
    return new


def _cursor(channel_id: int, folder: str) -> MailboxCursor:
    return MailboxCursor.objects.get_or_create(channel_id=channel_id, folder=folder)[0]


def _begin(cursor: MailboxCursor, uid_validity: int, *, at: int, account: str) -> None:
    if cursor.uid_validity and at != cursor.last_uid:
        log.warning(
            "mailbox is another or was made anew", extra={"channel": cursor.channel_id, "from": at}
        )
    cursor.uid_validity, cursor.last_uid, cursor.account = uid_validity, at, account
    cursor.save(update_fields=["uid_validity", "last_uid", "account"])


def _fetch(
    mailbox: BaseMailBox, batch: Sequence[tuple[int, int]], trouble: Trouble
) -> list[Fetched]:
    limit = config().max_mail_bytes
    whole = [uid for uid, size in batch if size <= limit and not trouble.is_hopeless(uid)]
    try:
        fetched = fetch_bodies(mailbox, whole)
    except Exception:
        trouble.note(whole)
        raise
    for uid, size in batch:
        if uid in whole:
            continue
        if size > limit:
            fault = coded("over_limit", f"{size} > {limit}")
            fetched.append(fetch_head(mailbox, uid, fault=fault))
        else:
            fetched.append(Fetched(uid, b"", coded("breaks_off")))
    return sorted(fetched, key=lambda mail: mail.uid)


def _keep(cursor: MailboxCursor, fetched: Sequence[Fetched], *, last_uid: int) -> int:
    """Store a batch and move the cursor in one commit; returns how many were new."""
    try:
        with transaction.atomic():
            is_new = _store(cursor, [mail for mail in fetched if not mail.fault])
            is_new += [_park(cursor, mail) for mail in fetched if mail.fault]
            _move(cursor, fetched=len(fetched), stored=len(is_new), last_uid=last_uid)
    except (DataError, IntegrityError):
        with transaction.atomic():
            is_new = [_keep_alone(cursor, mail) for mail in fetched]
            _move(cursor, fetched=len(fetched), stored=len(is_new), last_uid=last_uid)
    return sum(is_new)


def _store(cursor: MailboxCursor, mails: Sequence[Fetched]) -> list[bool]:
    arrivals = [arrival_of(cursor.channel_id, mail.raw) for mail in mails]
    return [kept.is_new for kept in store_envelopes(cursor.channel_id, arrivals, door=DOOR)]


def _keep_alone(cursor: MailboxCursor, mail: Fetched) -> bool:
    """One mail of a batch that the database refused; if it is this one it is parked with the reason."""
    if mail.fault:
        return _park(cursor, mail)
    try:
        with transaction.atomic():
            return _store(cursor, [mail])[0]
    except (DataError, IntegrityError) as error:
        return _park(cursor, Fetched(mail.uid, mail.raw, coded("unstorable", words_of(error))))


def _park(cursor: MailboxCursor, mail: Fetched) -> bool:
    error = mail.fault.replace("\x00", "")[:2000]
    envelope, is_new = Envelope.objects.get_or_create(
        channel_id=cursor.channel_id,
        event_id=f"imap:{cursor.folder[:100]}:{cursor.uid_validity}:{mail.uid}",
        defaults={
            "door": DOOR,
            "raw": mail.raw,
            "headers": {},
            "lane": lane_of(cursor.channel_id, ""),
            "state": EnvelopeState.PARKED,
            "error": error,
        },
    )
    if is_new:
        journal.record(EnvelopeParked(by=READER, envelope=envelope.pk, error=error[:500]))
    return is_new


def _move(cursor: MailboxCursor, *, fetched: int, stored: int, last_uid: int) -> None:
    fresh = MailboxCursor.objects.select_for_update().get(pk=cursor.pk)
    if (fresh.uid_validity, fresh.account) == (cursor.uid_validity, cursor.account):
        fresh.last_uid = max(fresh.last_uid, last_uid)
    fresh.fetched += fetched
    fresh.stored += stored
    fresh.save(update_fields=["last_uid", "fetched", "stored"])
