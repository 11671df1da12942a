"""The bus: one bell per commit. Whoever hears it reads the journal behind its own cursor.

PostgreSQL's NOTIFY carries it, in a statement of its own after the commit: inside the writing
transaction it would make all commits queue behind one lock (measured: half the throughput).
With REDIS_URL a Redis or Valkey channel carries it instead.
"""

from __future__ import annotations

import functools
import json
import logging
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from rapport.kernel.config import config
from rapport.kernel.live.names import BELL, WHISPERS

log = logging.getLogger("rapport.live")
CHANNEL = BELL


def ring_after_commit(using: str = DEFAULT_DB_ALIAS) -> None:
    """Ring once when the transaction that is open now has been committed."""
    connection = connections[using]
    waiting = [entry[1] for entry in connection.run_on_commit]
    if ring not in waiting:
        transaction.on_commit(ring, using=using)


def whisper(stream: str, *, who: int, name: str, doing: str) -> None:
    """Say on a stream what somebody is doing just now; nobody keeps it, and it may be lost."""
    said = json.dumps({"stream": stream, "agent": who, "name": name[:100], "doing": doing})
    try:
        if config().redis_url:
            _redis().publish(WHISPERS, said.encode())
        else:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [WHISPERS, said])
    except Exception:
        log.warning("whisper not said", exc_info=True)


def ring() -> None:
    """Tell everybody who listens to look. A bell that cannot be rung is a delay, never a loss."""
    try:
        if config().redis_url:
            _redis().publish(CHANNEL, b"")
        else:
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(f"NOTIFY {CHANNEL}")
    except Exception:
        log.warning("bell not rung", exc_info=True)


@functools.cache
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(config().redis_url, socket_timeout=2)
