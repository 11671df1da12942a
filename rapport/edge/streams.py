"""Streams: telling a page, over one open answer, which of its streams have moved.

GET  /live?ticket=…[&since=<position>]     Server-Sent Events: `at`, `typing`, `looking`, `beat`, `expired`
POST /live/typing      {"ticket", "stream", "doing": "typing" | "noting" | "viewing" | "nothing"}

An `at` is a hint: the page asks for what is new since its own position, by the same access rules as ever.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import parse_qs

import msgspec

from rapport.channels.contract import Refused
from rapport.edge import measuring
from rapport.edge.answering import answer, answer_problem
from rapport.edge.fanning_out import Hub, Subscriber
from rapport.edge.reading_bodies import BodyReader, Budget, Disconnected, Receive, Scope, Send
from rapport.edge.whispering import Doing, Whisper, Whispers
from rapport.kernel import clock
from rapport.kernel.journal.positions import Position
from rapport.kernel.live.tickets import Ticket, open_ticket, read_ticket

log = logging.getLogger("rapport.edge")

HEARTBEAT_SECONDS = 20.0
#: A page that takes nothing for so long is given up.
STALLED_SECONDS = 30
RETRY = b"retry: 2000\n\n"
MOST_WHISPER_BYTES = 20_000
#: How log lines name this place.
DOOR = "live"


class WhisperRequest(msgspec.Struct, frozen=True):
    """The body of POST /live/typing."""

    ticket: str
    stream: str
    doing: Doing = "typing"


class Streams:
    """Serves /live and /live/typing."""

    def __init__(self, hub: Hub, whispers: Whispers) -> None:
        self._hub, self._whispers = hub, whispers
        self._budget = Budget(4_000_000)

    async def open(self, scope: Scope, receive: Receive, send: Send, *, request_id: str) -> None:
        """Answer GET /live; ends when the page goes, the ticket is over or the process must end."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        ticket = open_ticket(query.get("ticket", [""])[0])
        if scope["method"] != "GET":
            await answer_problem(
                send,
                405,
                "Only GET is taken here.",
                request_id=request_id,
                door=DOOR,
                headers=[(b"allow", b"GET")],
            )
        elif ticket is None:
            words = "The ticket is not one of ours."
            await answer_problem(send, 401, words, request_id=request_id, door=DOOR)
        elif self._hub.position is None:
            words = "The journal cannot be read just now."
            await answer_problem(send, 503, words, request_id=request_id, door=DOOR)
        else:
            await self._listen(ticket, _since(scope, query), receive, send, request_id)

    async def take_whisper(self, receive: Receive, send: Send, *, request_id: str) -> None:
        """Answer POST /live/typing: 204, or why not."""
        reader = BodyReader(self._budget, limit=MOST_WHISPER_BYTES)
        try:
            body = await reader.read(receive, announced=None)
            asked = msgspec.json.decode(body, type=WhisperRequest)
            ticket = read_ticket(asked.ticket, now=clock.now())
            if ticket is None:
                raise Refused(401, "The ticket is not one of ours, or it is over.")
            if not asked.stream.startswith("conversation:") or asked.stream not in ticket.streams:
                raise Refused(403, "The ticket is not for this conversation.")
            await self._whispers.pass_on(_whisper_of(ticket, asked))
            await answer(send, 204, b"", request_id=request_id)
        except Refused as refusal:
            status, words = refusal.status, refusal.reason
            await answer_problem(send, status, words, request_id=request_id, door=DOOR)
        except msgspec.MsgspecError as error:
            await answer_problem(send, 400, str(error), request_id=request_id, door=DOOR)
        except Disconnected:
            pass
        finally:
            reader.free()

    async def _listen(
        self,
        ticket: Ticket,
        since: Position | None,
        receive: Receive,
        send: Send,
        request_id: str,
    ) -> None:
        subscriber = self._hub.subscribe(ticket.streams, agent=ticket.agent)
        watch = asyncio.create_task(_watch(receive, subscriber))
        try:
            await _begin(send, request_id)
            if ticket.has_expired(now=clock.now()):  # whoever kept it is told nothing
                await _expire(send)
                await _end(send)
                return
            subscriber.moved |= self._hub.moved_since(since, ticket.streams)
            subscriber.whispers |= self._whispers.streams_among(ticket.streams)
            subscriber.looks |= self._whispers.streams_on(ticket.streams)
            await _write(send, self._hello(subscriber))
            await self._tell(ticket, subscriber, send)
            await _end(send)
        except (TimeoutError, RuntimeError, OSError) as error:
            log.info("stream broke off: %s", type(error).__name__)
        finally:
            watch.cancel()
            self._hub.unsubscribe(subscriber)

    async def _tell(self, ticket: Ticket, subscriber: Subscriber, send: Send) -> None:
        while True:
            left = ticket.seconds_left(now=clock.now())
            await subscriber.wait(min(HEARTBEAT_SECONDS, left))
            if subscriber.is_over:
                return
            if ticket.has_expired(now=clock.now()):
                await _expire(send)
                return
            await _write(send, self._news(subscriber) or self._beat())

    def _hello(self, subscriber: Subscriber) -> bytes:
        """The present position, and what may have moved since the page's own."""
        return RETRY + self._at(subscriber) + self._said(subscriber)

    def _news(self, subscriber: Subscriber) -> bytes:
        at = self._at(subscriber) if subscriber.moved else b""
        return at + self._said(subscriber)

    def _at(self, subscriber: Subscriber) -> bytes:
        position = str(self._hub.position)
        streams, subscriber.moved = sorted(subscriber.moved), set()
        measuring.NEWS.labels("at").inc()
        data = msgspec.json.encode({"position": position, "streams": streams})
        return b"event: at\nid: %b\ndata: %b\n\n" % (position.encode("ascii"), data)

    def _said(self, subscriber: Subscriber) -> bytes:
        return self._typing(subscriber) + self._looking(subscriber)

    def _looking(self, subscriber: Subscriber) -> bytes:
        """At which conversations of its lists others look, of those where that has changed."""
        streams, subscriber.looks = subscriber.looks, set()
        if not streams:
            return b""
        measuring.NEWS.labels("looking").inc()
        looks = self._whispers.looks_at(subscriber.agent, streams, heard=subscriber.streams)
        return b"event: looking\ndata: %b\n\n" % msgspec.json.encode(looks)

    def _typing(self, subscriber: Subscriber) -> bytes:
        streams, subscriber.whispers = sorted(subscriber.whispers), set()
        if streams:
            measuring.NEWS.labels("typing").inc(len(streams))
        return b"".join(
            b"event: typing\ndata: %b\n\n"
            % msgspec.json.encode(self._whispers.seen_by(subscriber.agent, stream))
            for stream in streams
        )

    def _beat(self) -> bytes:
        """Keeps the line open and lets the page know that it is; the id lets it come back from here."""
        position = str(self._hub.position).encode("ascii")
        return b"event: beat\nid: %b\ndata: {}\n\n" % position


def _whisper_of(ticket: Ticket, asked: WhisperRequest) -> Whisper:
    """Name, face and lists are what the ticket says, never what the page says."""
    return Whisper(
        asked.stream,
        ticket.agent,
        ticket.name,
        asked.doing,
        signs=ticket.signs,
        turn=ticket.turn,
        lists=ticket.lists,
    )


async def _begin(send: Send, request_id: str) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                (b"x-request-id", request_id.encode("ascii")),
            ],
        }
    )


async def _expire(send: Send) -> None:
    """The page fetches what is new, and a ticket with it."""
    measuring.NEWS.labels("expired").inc()
    await _write(send, b"event: expired\ndata: {}\n\n")


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


async def _write(send: Send, text: bytes) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": text, "more_body": True})


async def _watch(receive: Receive, subscriber: Subscriber) -> None:
    """Notice that the page has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end()


def _since(scope: Scope, query: dict[str, list[str]]) -> Position | None:
    """Where the page was: the browser's own header when it comes back, else what the page said."""
    given = next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"),
        query.get("since", [""])[0],
    )
    try:
        return Position.parse(given)
    except ValueError:
        return None
