"""The jobs of channels: shells, each calling one ability."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from rapport.channels.deferring import DELIVER, FILE_COPY, QUEUE, WAKE
from rapport.channels.delivering import deliver
from rapport.channels.email.filing import file_sent_copy
from rapport.channels.models import Delivery
from rapport.channels.resting import wake_channel
from rapport.channels.retaining import forget_old_raw
from rapport.channels.sweeping import sweep_deliveries
from rapport.kernel.journal.retaining import forget_old_entries


@app.task(name=DELIVER, queue=QUEUE)
def deliver_job(delivery_id: int) -> None:
    """One attempt to send."""
    deliver(delivery_id)


@app.task(name=FILE_COPY, queue="tending", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def file_sent_copy_job(delivery_id: int) -> None:
    """A copy for the mailbox's own folder of sent mail."""
    file_sent_copy(Delivery.objects.select_related("channel__brand", "message").get(pk=delivery_id))


@app.task(name=WAKE, queue="tending")
def wake_channel_job(channel_id: int) -> None:
    """A channel's rest is over."""
    wake_channel(channel_id)


@app.periodic(cron="* * * * * */5")
@app.task(name="channels.sweep_deliveries", queue="tending", queueing_lock="sweep_deliveries")
def sweep_deliveries_job(timestamp: int) -> None:
    """Every five seconds: nothing waits for ever."""
    sweep_deliveries()


@app.periodic(cron="* * * * *")
@app.task(
    name="channels.revive_jobs", queue="tending", queueing_lock="revive_jobs", pass_context=True
)
async def revive_jobs_job(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs whose worker is dead go back in line."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="41 3 * * *")
@app.task(name="channels.retain", queue="tending", queueing_lock="retain")
def retain_job(timestamp: int) -> None:
    """Every night: raw bytes and news past their days."""
    forget_old_raw()
    forget_old_entries()
