"""Serving: the edge behind uvicorn, with the loop and the parser that were measured."""

from __future__ import annotations

import asyncio
import functools
import os
import resource
import socket
from contextlib import suppress
from typing import Any, cast

import uvicorn

from rapport.edge.application import App, Edge
from rapport.edge.dealing import Dealer, DealtConnection
from rapport.edge.timing import TimedConnection
from rapport.kernel import logs
from rapport.kernel.config import Config, config
from rapport.kernel.settling import settle_memory, settle_threads

#: Seconds that requests under way have to end when the process must.
GRACE_SECONDS = 20
#: Open files wanted: every page that listens holds one.
WANTED_FILES = 65_536


class Server(uvicorn.Server):
    """uvicorn, which waits for open answers to end: the streams are told to."""

    def __init__(self, settings: uvicorn.Config, *, edge: Edge, dealer: Dealer | None) -> None:
        super().__init__(settings)
        self._edge, self._dealer = edge, dealer
        self._adopting: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._dealer:
            self._dealer.sit_down(self._adopt)

    def _adopt(self, connection: socket.socket, said: bytes) -> None:
        """Serve a connection that a sibling has handed over, with what it had read of it."""
        loop = asyncio.get_running_loop()
        make = functools.partial(self._given, said)
        task = loop.create_task(loop.connect_accepted_socket(make, connection))
        self._adopting.add(task)
        task.add_done_callback(self._adopting.discard)

    def _given(self, said: bytes) -> DealtConnection:
        made = cast(type[DealtConnection], self.config.http_protocol_class)(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        made.is_given, made.given = True, said
        return made

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._dealer:
            self._dealer.get_up()
        self._edge.close_streams()
        await super().shutdown(sockets)


def serve(host: str, port: int, with_web: bool) -> None:
    """Serve until SIGINT or SIGTERM; with_web: Django too, in threads of this process."""
    settings = config()
    logs.set_up_logs(form=settings.log_format, level=settings.log_level)
    raise_file_limit()
    edge = Edge(settings, web=mount_web(settings) if with_web else None)
    settle_threads()
    settle_memory()
    served = uvicorn_config(edge, settings, host=host, port=port)
    if settings.edges == 1:
        Server(served, edge=edge, dealer=None).run()
        return
    DealtConnection.dealer = Dealer(settings.home_path / "edges", port=port)
    served.http = DealtConnection
    server = Server(served, edge=edge, dealer=DealtConnection.dealer)
    server.run(sockets=[open_door(host, port)])


def open_door(host: str, port: int) -> socket.socket:
    """A listening socket on a port that the edges of this machine share."""
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
        http=TimedConnection,
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


def mount_web(settings: Config) -> App:
    """Django's WSGI application as ASGI, on threads of its own."""
    from rapport.edge.mounting import Mounted

    # Several files may come with one reply, and providers wrap a mail in base64.
    most = 4 * max(settings.max_mail_bytes, settings.max_attachment_bytes)
    return Mounted(load_pages(), threads=settings.web_threads, most_bytes=most)


@functools.cache
def load_pages() -> Any:
    """Django's WSGI application with its middleware; made once, also for processes that are forked later."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def raise_file_limit() -> None:
    """As many open files as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    # macOS says that there is no limit, and refuses what is above one of its own.
    for number in (wanted, 10_240, 4_096):
        if soft < number <= wanted:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
                return
