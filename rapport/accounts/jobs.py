"""The jobs of accounts: shells, each calling one ability."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from rapport.accounts.mailing import SEND_MAIL, send_mail


@app.task(name=SEND_MAIL, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def send_mail_job(sealed: str) -> None:
    """One mail of the deployment's own; tried again for about a day."""
    send_mail(sealed)
