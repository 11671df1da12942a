"""Working: the process that takes envelopes in, follows the journal, runs jobs and watches mailboxes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

from django.db import close_old_connections, connection

from rapport.channels.receiving import receive_batch
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.rereading import read_on
from rapport.kernel.live.waking import Bell, keep_working

log = logging.getLogger("rapport.work")
#: Rest after the bell: mails that come within it share one batch, whose statements cost the same for all.
GATHER_SECONDS = 0.02


def work(stop: threading.Event) -> None:
    """Run every loop until `stop` is set; each loop in a thread of its own, each failing alone."""
    bell = Bell(_conninfo(), stop)
    loops: dict[str, Callable[[], object]] = {
        "receive": partial(_loop, "receive", receive_batch, bell, stop, rest=GATHER_SECONDS),
        "jobs": partial(_run_jobs, stop),
        "bell": bell.listen,
    }
    for follower in FOLLOWERS.values():
        name = f"follow {follower.name}"
        step = partial(read_on, follower)
        loops[name] = partial(_loop, name, step, bell, stop, rest=follower.rest)
    if find_spec("rapport.channels.email.polling"):
        polling = import_module("rapport.channels.email.polling")
        loops["mailboxes"] = partial(polling.poll_mailboxes, stop)
    threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in loops.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(timeout=10)


def _loop(
    name: str, step: Callable[[], int], bell: Bell, stop: threading.Event, *, rest: float = 0.0
) -> None:
    def healed_step() -> int:
        try:
            return step()
        except Exception:
            close_old_connections()  # asked before every step it cost as much as the step
            raise

    try:
        keep_working(name, healed_step, wake=bell.event(), stop=stop, rest=rest)
    finally:
        connection.close()


def _run_jobs(stop: threading.Event) -> None:
    """Procrastinate's worker in this thread's own event loop; started again when it falls."""
    while not stop.is_set():
        try:
            asyncio.run(_jobs(stop))
        except Exception:
            log.exception("jobs failed")
            stop.wait(1.0)


async def _jobs(stop: threading.Event) -> None:
    from procrastinate.contrib.django import app

    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        worker = asyncio.create_task(
            worker_app.run_worker_async(
                concurrency=4,
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=8.0,
                delete_jobs="successful",
            )
        )
        while not stop.is_set() and not worker.done():
            await asyncio.sleep(0.2)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def _conninfo() -> str:
    from psycopg.conninfo import make_conninfo

    params = connection.get_connection_params()
    keep = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert")
    return make_conninfo(**{key: params[key] for key in keep if params.get(key)})
