"""Connecting: the edge's own connections to PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg

from rapport.edge import packing

#: Seconds until a server that does not answer counts as away.
CONNECT_SECONDS = 3

#: What a lost, full or restarting database looks like; whoever waits may come again.
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, OSError)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


async def connect(url: str, *, name: str) -> Connection:
    """An autocommit connection; `name` is what pg_stat_activity shows. Raises one of AWAY."""
    connection = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        application_name=f"rapport edge {name}",
        keepalives_idle=15,
        keepalives_interval=5,
        keepalives_count=3,
    )
    packing.register(connection.adapters)
    return connection
