"""The jobs of channels: shells, each calling one ability."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from rapport.channels.deferring import DELIVER, QUEUE
from rapport.channels.delivering import deliver
from rapport.channels.sweeping import sweep_deliveries


@app.task(name=DELIVER, queue=QUEUE)
def deliver_job(delivery_id: int) -> None:
    """One attempt to send."""
    deliver(delivery_id)


@app.periodic(cron="* * * * * */15")
@app.task(name="channels.sweep_deliveries", queue="tending", queueing_lock="sweep_deliveries")
def sweep_deliveries_job(timestamp: int) -> None:
    """Every quarter of a minute: nothing waits for ever."""
    sweep_deliveries()


@app.periodic(cron="* * * * *")
@app.task(
    name="channels.revive_jobs", queue="tending", queueing_lock="revive_jobs", pass_context=True
)
async def revive_jobs_job(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs whose worker is dead go back in line."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
