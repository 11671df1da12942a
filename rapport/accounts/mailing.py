"""Mailing: the deployment's own mail (invitations, links to a new password), where the operator set a server.

A mail is queued as a job, so that no page waits for a mail server and nobody learns from the time it takes
whether an address is known here. Its words may hold a link that opens an account: they are sealed.
"""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from procrastinate.contrib.django import app

from rapport.kernel.config import config
from rapport.kernel.secrets import seal, unseal

log = logging.getLogger("rapport.accounts")
SEND_MAIL = "accounts.send_mail"


def is_mail_set() -> bool:
    """Whether this deployment can send mail of its own."""
    return bool(config().smtp_url)


def queue_mail(*, to: str, subject: str, text: str, headers: dict[str, str] | None = None) -> bool:
    """Have one mail sent soon; False where no server is set and nothing will be sent."""
    if not is_mail_set():
        return False
    sealed = seal(
        {"to": to, "subject": " ".join(subject.split()), "text": text, "headers": headers or {}}
    )
    app.configure_task(SEND_MAIL).defer(sealed=sealed)
    return True


def send_mail(sealed: str) -> None:
    """One attempt; raises OSError or SMTPException, upon which the job comes again."""
    mail = unseal(sealed)
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    headers |= mail.get("headers", {})
    EmailMessage(mail["subject"], mail["text"], to=[mail["to"]], headers=headers).send()
    log.info("system mail sent")
