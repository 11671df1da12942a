"""Serving: the edge behind uvicorn, with the loop and the parser that were measured."""

from __future__ import annotations

import functools
import gc
import os
import resource
import socket
from typing import Any

import uvicorn

from rapport.edge.application import App, Edge
from rapport.kernel import logs
from rapport.kernel.config import Config, config

#: Seconds that requests under way have to end when the process must.
GRACE_SECONDS = 20
#: Open files wanted: every page that listens holds one.
WANTED_FILES = 65_536


class Server(uvicorn.Server):
    """uvicorn, which waits for open answers to end: the streams are told to."""

    def __init__(self, settings: uvicorn.Config, *, edge: Edge) -> None:
        super().__init__(settings)
        self._edge = edge

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._edge.close_streams()
        await super().shutdown(sockets)


def serve(host: str, port: int, with_web: bool) -> None:
    """Serve until SIGINT or SIGTERM; with_web: Django too, in threads of this process."""
    settings = config()
    logs.set_up_logs(form=settings.log_format, level=settings.log_level)
    raise_file_limit()
    edge = Edge(settings, web=mount_web(settings.web_threads) if with_web else None)
    settle_memory()
    server = Server(uvicorn_config(edge, settings, host=host, port=port), edge=edge)
    server.run(sockets=[open_door(host, port)] if settings.edges > 1 else None)


def open_door(host: str, port: int) -> socket.socket:
    """A listening socket that other edges of this machine share; the system deals out who comes in."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    door.bind((host, port))
    door.listen(2048)
    door.setblocking(False)
    return door


def uvicorn_config(edge: Edge, settings: Config, *, host: str, port: int) -> uvicorn.Config:
    """How uvicorn serves the edge."""
    return uvicorn.Config(
        edge,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="*" if settings.behind_proxy else None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
        backlog=2048,
    )


def mount_web(threads: int) -> App:
    """Django's WSGI application as ASGI, on threads of its own."""
    from rapport.edge.mounting import Mounted

    return Mounted(load_pages(), threads=threads)


@functools.cache
def load_pages() -> Any:
    """Django's WSGI application with its middleware; made once, also for processes that are forked later."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def settle_memory() -> None:
    """Leave what was loaded out of every later search for garbage; measured, it halves the slowest answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def raise_file_limit() -> None:
    """As many open files as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
