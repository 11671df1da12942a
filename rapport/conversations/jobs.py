"""The jobs of conversations: shells, each calling one ability."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from rapport.conversations.digesting import mail_digests
from rapport.conversations.handling_many import CARRY_ON
from rapport.conversations.keeping_files import DISCARD, ContentBusy, discard_content
from rapport.conversations.reading_notifications import discard_old_notifications
from rapport.conversations.snoozing import wake_due
from rapport.conversations.undoing_many import finish_bulk
from rapport.conversations.uploading import discard_old_uploads


@app.periodic(cron="* * * * * */15")
@app.task(name="conversations.wake_due", queue="tending", queueing_lock="wake_due")
def wake_due_job(timestamp: int) -> None:
    """Every quarter of a minute: snoozes that have ended."""
    wake_due(limit=500)


@app.periodic(cron="17 3 * * *")
@app.task(
    name="conversations.discard_old_uploads", queue="tending", queueing_lock="discard_old_uploads"
)
def discard_old_uploads_job(timestamp: int) -> None:
    """Every night: files that nobody sent."""
    discard_old_uploads()


@app.task(
    name=DISCARD,
    queue="tending",
    retry=RetryStrategy(max_attempts=50, linear_wait=10, retry_exceptions={ContentBusy, OSError}),
)
def discard_content_job(stored_name: str) -> None:
    """A file that somebody named no more."""
    discard_content(stored_name)


@app.task(name=CARRY_ON, queue="tending", retry=RetryStrategy(max_attempts=10, linear_wait=5))
def carry_on_bulk_job(bulk_id: int) -> None:
    """What is left of a thing that is done to many conversations, or taken back."""
    finish_bulk(bulk_id)


@app.periodic(cron="41 3 * * *")
@app.task(
    name="conversations.discard_old_notifications",
    queue="tending",
    queueing_lock="discard_old_notifications",
)
def discard_old_notifications_job(timestamp: int) -> None:
    """Every night: notifications that were read long ago."""
    discard_old_notifications()


@app.periodic(cron="*/5 * * * *")
@app.task(name="conversations.mail_digests", queue="tending", queueing_lock="mail_digests")
def mail_digests_job(timestamp: int) -> None:
    """Every five minutes: mails to those for whom it is time, about what they have not read."""
    mail_digests()
