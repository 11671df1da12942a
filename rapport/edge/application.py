"""The application: which address is whose, and what lives as long as the process."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from rapport.edge import measuring
from rapport.edge.answering import answer, answer_problem
from rapport.edge.batching import Batcher
from rapport.edge.intake import Intake, find_place
from rapport.edge.reading_bodies import Receive, Scope, Send
from rapport.edge.recognising import ChannelBook
from rapport.kernel.config import Config
from rapport.kernel.live.ringing import Ringer
from rapport.kernel.tracing import current_request_id, request_id_from

log = logging.getLogger("rapport.edge")
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Edge:
    """The ASGI application; `web` is whoever serves all that is not the edge's own."""

    def __init__(self, config: Config, *, web: App | None = None) -> None:
        self._web = web
        self.ringer = Ringer(database_url=config.database_url, redis_url=config.redis_url)
        self.batcher = Batcher(config.database_url, ring=self.ringer.ring)
        self.book = ChannelBook(config.database_url)
        self.intake = Intake(config, book=self.book, batcher=self.batcher)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = request_id_from(given.decode("latin-1"))
        current_request_id.set(request_id)
        path = scope["path"]
        if place := find_place(path):
            await self.intake.handle(place, scope, receive, send, request_id=request_id)
        elif path == "/healthz":
            await answer(send, 200, b'{"status":"ok"}', request_id=request_id)
        elif path == "/metrics":
            body, kind = measuring.expose_metrics()
            await answer(send, 200, body, request_id=request_id, content_type=kind.encode("ascii"))
        else:
            await answer_problem(send, 404, "There is nothing here.", request_id=request_id)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """Begin everything that runs beside the requests; needs a running loop."""
        self.ringer.start()
        self.batcher.start()
        self.book.start()

    async def stop(self) -> None:
        """Finish the flush, ring for it, let go of the database."""
        await self.batcher.stop()
        await self.book.stop()
        await self.ringer.stop()
