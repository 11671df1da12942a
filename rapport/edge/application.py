"""The application: which address is whose, and what lives as long as the process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from rapport.channels.contract import Refused
from rapport.edge import measuring
from rapport.edge.admitting import check_reader
from rapport.edge.answering import answer, answer_problem
from rapport.edge.batching import Batcher
from rapport.edge.fanning_out import Hub
from rapport.edge.intake import Intake, find_place
from rapport.edge.reading_bodies import Receive, Scope, Send
from rapport.edge.reading_journal import JournalReader
from rapport.edge.recognising import ChannelBook
from rapport.edge.streams import Streams
from rapport.edge.whispering import Whispers
from rapport.kernel.config import Config
from rapport.kernel.live.listening import Listener
from rapport.kernel.live.names import BELL, WHISPERS
from rapport.kernel.live.ringing import Ringer
from rapport.kernel.tracing import current_request_id, request_id_from

log = logging.getLogger("rapport.edge")
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Answerer = Callable[..., Awaitable[None]]

#: The journal's stream of everything that is set up; channels are among it.
SETTINGS = frozenset({"settings"})


class Edge:
    """The ASGI application; `web` serves all that is not the edge's own."""

    def __init__(self, config: Config, *, web: App | None = None) -> None:
        url, bus = config.database_url, config.redis_url
        self._web, self._metrics_token = web, config.metrics_token
        self.hub = Hub()
        self.ringer = Ringer(database_url=url, redis_url=bus)
        self.listener = Listener(self._hear, database_url=url, redis_url=bus)
        self.reader = JournalReader(url, self.hub)
        self.batcher = Batcher(url, ring=self.ringer.ring)
        self.book = ChannelBook(url)
        self.whispers = Whispers(self.hub, say=self.ringer.say)
        self.intake = Intake(config, book=self.book, batcher=self.batcher)
        self.streams = Streams(self.hub, self.whispers)
        self._settings: asyncio.Task[None] | None = None

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
        elif path == "/live":
            await self.streams.open(scope, receive, send, request_id=request_id)
        elif path == "/live/typing":
            await self.streams.take_whisper(receive, send, request_id=request_id)
        elif path in ("/healthz", "/readyz", "/metrics"):
            await self._tell_health(scope, send, request_id)
        elif self._web is None:
            await answer_problem(send, 404, "There is nothing here.", request_id=request_id)
        else:
            await self._web(_for_web(scope, request_id), receive, send)

    async def _tell_health(self, scope: Scope, send: Send, request_id: str) -> None:
        path = scope["path"]
        if path == "/metrics":
            await self._tell_metrics(scope, send, request_id)
        elif path == "/readyz" and (failing := self._failing()):
            await answer_problem(send, 503, f"Not ready: {failing}.", request_id=request_id)
        else:
            await answer(send, 200, b'{"status":"ok"}', request_id=request_id)

    async def _tell_metrics(self, scope: Scope, send: Send, request_id: str) -> None:
        try:
            check_reader(scope, token=self._metrics_token)
        except Refused as refusal:
            words, status = refusal.reason, refusal.status
            await answer_problem(send, status, words, request_id=request_id, door="metrics")
            return
        body, kind = measuring.expose_metrics()
        await answer(send, 200, body, request_id=request_id, content_type=kind.encode("ascii"))

    def _failing(self) -> str:
        """What keeps the edge from serving; empty when nothing does."""
        if self.hub.is_closed:
            return "shutting down"
        if not self.reader.is_moving:
            return "the journal cannot be read"
        if not self.book.is_read:
            return "the channels cannot be read"
        return ""

    def _hear(self, channel: str, payload: str) -> None:
        if channel == BELL:
            self.reader.look()
        elif channel == WHISPERS:
            self.whispers.hear(payload)

    async def _follow_settings(self) -> None:
        """A channel was made, changed or taken away: look at the channels again."""
        subscriber = self.hub.subscribe(SETTINGS, agent=0)
        while not subscriber.is_over:
            await subscriber.wait(3600)
            subscriber.moved.clear()
            self.book.expire()

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
        for part in (
            self.ringer,
            self.listener,
            self.reader,
            self.batcher,
            self.book,
            self.whispers,
        ):
            part.start()
        self._settings = asyncio.create_task(self._follow_settings(), name="settings")

    def close_streams(self) -> None:
        """Let the pages go, so that the process can end."""
        self.hub.close()

    async def stop(self) -> None:
        """Finish the flush, ring for it, let go of the database."""
        self.close_streams()
        for part in (
            self.batcher,
            self.book,
            self.whispers,
            self.reader,
            self.listener,
            self.ringer,
        ):
            await part.stop()


def _for_web(scope: Scope, request_id: str) -> Scope:
    """The request as Django gets it: with our id."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"x-request-id"]
    return {**scope, "headers": [*headers, (b"x-request-id", request_id.encode("ascii"))]}
