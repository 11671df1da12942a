"""Finding the place: from which UID on a folder is read, when it is new, made anew, or another one.

UIDs mean something only within one folder of one account. Servers give out the same UIDVALIDITY for several
(some give 1 to all), so the account is remembered, and where it changed a known mail must prove the place.
Rather is something read twice than anything left out: what is known by its content is stored once.
"""

from __future__ import annotations

from imap_tools import BaseMailBox

from rapport.channels.email.arriving import arrival_of
from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.reading_folder import Folder, fetch_bodies, sizes_of
from rapport.channels.models import Envelope, MailboxCursor

#: Mails before the cursor that are looked at, and how large one of them may be.
MOST_LOOKS, MOST_BYTES = 5, 2_000_000


def find_place(
    mailbox: BaseMailBox, cursor: MailboxCursor, folder: Folder, settings: MailConfig
) -> int | None:
    """The UID behind which to read from now on; None to go on where the cursor is.

    Raises one of reaching.FAULTS.
    """
    account = account_of(settings)
    is_same = cursor.account in ("", account)
    if cursor.uid_validity == folder.uid_validity and (cursor.account == account):
        return None
    only_new = max(folder.uid_next - 1, 0)
    if cursor.uid_validity == 0:
        return only_new if settings.start_from == "now" else 0
    is_other_user = not is_same and _user_of(cursor.account) != _user_of(account)
    if cursor.uid_validity != folder.uid_validity:
        return only_new if is_other_user and settings.start_from == "now" else 0
    if is_same or _is_known(mailbox, cursor):
        return cursor.last_uid
    if settings.start_from == "all":
        return 0
    return only_new if is_other_user else min(cursor.last_uid, only_new)


def account_of(settings: MailConfig) -> str:
    """Whose mailbox on which server."""
    return f"{settings.imap_user} {settings.imap_host}".lower()


def _user_of(account: str) -> str:
    return account.rpartition(" ")[0]


def _is_known(mailbox: BaseMailBox, cursor: MailboxCursor) -> bool:
    """Whether one of the newest mails before the cursor came from here: then it is the same mailbox."""
    uids = [int(uid) for uid in mailbox.uids(f"UID 1:{cursor.last_uid}") if uid]
    newest = sorted(uid for uid in uids if uid <= cursor.last_uid)[-MOST_LOOKS:]
    sizes = sizes_of(mailbox, newest)
    small = [uid for uid in newest if 0 < sizes.get(uid, 0) <= MOST_BYTES]
    mails = [mail for mail in fetch_bodies(mailbox, small) if not mail.fault]
    names = [arrival_of(cursor.channel_id, mail.raw).event_id for mail in mails]
    return Envelope.objects.filter(channel=cursor.channel_id, event_id__in=names).exists()
