"""Filing: where mails lie in the mailbox once they are safe: those that came, and copies of those sent.

Failing here loses nothing and sends nothing again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from imap_tools import BaseMailBox, ImapToolsError

from rapport.channels.email.configuring import MailConfig, imap_server, read_config
from rapport.channels.email.reaching import open_mailbox
from rapport.channels.email.signing_in import secrets_of
from rapport.channels.email.writing import write_mail
from rapport.channels.models import Delivery

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


def file_sent_copy(delivery: Delivery) -> bool:
    """Put a copy of an accepted mail into the mailbox's folder for them, once; whether it is new there.

    Raises one of reaching.FAULTS: the caller may try again, the mail itself is not touched.
    """
    channel, message = delivery.channel, delivery.message
    settings = read_config(channel.config)
    if not (settings.imap_host and settings.sent_folder):
        return False
    mail = write_mail(message, channel=channel, settings=settings)
    with open_mailbox(imap_server(settings, secrets_of(channel))) as mailbox:
        if not mailbox.folder.exists(settings.sent_folder):
            mailbox.folder.create(settings.sent_folder)
        mailbox.folder.set(settings.sent_folder)
        if any(mailbox.uids(f'HEADER Message-ID "<{message.external_id}>"')):
            return False
        mailbox.append(mail.raw, settings.sent_folder, dt=message.recorded_at, flag_set=[SEEN])
        return True
