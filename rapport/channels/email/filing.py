"""Filing: what becomes of a mail in the mailbox after it is safe with us. Failing here loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from imap_tools import BaseMailBox, ImapToolsError

from rapport.channels.email.configuring import MailConfig

log = logging.getLogger("rapport.channels")
SEEN = "\\Seen"


def file_away(mailbox: BaseMailBox, uids: Sequence[int], settings: MailConfig) -> None:
    """Mark stored mails as seen, move them, or leave them, as the channel says."""
    if not uids or settings.after_fetch == "leave":
        return
    texts = [str(uid) for uid in uids]
    try:
        if settings.after_fetch == "seen":
            mailbox.flag(texts, SEEN, True)
        elif settings.archive_folder:
            if not mailbox.folder.exists(settings.archive_folder):
                mailbox.folder.create(settings.archive_folder)
            mailbox.move(texts, settings.archive_folder)
    except ImapToolsError as error:
        log.warning("mails not filed: %s", type(error).__name__, extra={"mails": len(uids)})


def file_stragglers(mailbox: BaseMailBox, last_uid: int, settings: MailConfig) -> None:
    """Move what is stored and still lies there: somebody stopped us after the commit."""
    if settings.after_fetch == "move" and settings.archive_folder and last_uid > 0:
        stored = mailbox.uids(f"UID 1:{last_uid}")
        file_away(mailbox, [int(uid) for uid in stored if uid and int(uid) <= last_uid], settings)
