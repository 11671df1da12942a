"""Intake: what the outside world delivers is verified, stored, and only then acknowledged.

POST /hooks/<kind>/<key>                        a channel's hook
POST /api/v1/channels/<public id>/messages      the same for programs of our operator
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
import time
from collections.abc import Callable, Mapping

import msgspec

from rapport.channels.contract import Arrival, ChannelKey, RawRequest, Refused
from rapport.channels.registry import KINDS, ChannelKind
from rapport.edge import measuring
from rapport.edge.answering import answer, answer_problem
from rapport.edge.batching import Batcher, ChannelGone, DatabaseAway, Row, RowRefused, Stored
from rapport.edge.limiting import Pace
from rapport.edge.reading_bodies import BodyReader, Budget, Disconnected, Receive, Scope, Send
from rapport.edge.recognising import ChannelBook
from rapport.kernel import clock
from rapport.kernel.config import Config

log = logging.getLogger("rapport.edge")

#: Bodies from this size on are hashed in a thread, so that a mail of 50 MB holds up nobody.
LARGE = 200_000
#: Characters of a path that may be ours; a stranger's longer one must not be kept in memory.
LONGEST_PATH = 200
KEPT_HEADERS = ("content-type", "user-agent")

OpenDoor = Callable[..., list[Arrival]]


class Place(msgspec.Struct, frozen=True):
    """Where a request goes: the kind of channel, the key in its address, and the name of the door."""

    kind: ChannelKind
    key: str
    door: str

    @property
    def opens(self) -> OpenDoor:
        """The function that opens the door."""
        module = self.kind.door
        opened: OpenDoor = module.open_api_door if self.door == "api" else module.open_door
        return opened


def find_place(path: str) -> Place | None:
    """The place that a path names; None where it is not for the intake."""
    return _find_place(path) if len(path) <= LONGEST_PATH else None


@functools.lru_cache(maxsize=4096)
def _find_place(path: str) -> Place | None:
    parts = path.split("/")
    if len(parts) == 4 and parts[1] == "hooks" and parts[2] in KINDS:
        return Place(KINDS[parts[2]], parts[3], "hook")
    if len(parts) == 6 and parts[1:4] == ["api", "v1", "channels"] and parts[5] == "messages":
        return Place(KINDS["webhook"], parts[4].lower(), "api")
    return None


class Intake:
    """Takes deliveries; shares one batcher, one book of channels and one budget of bytes."""

    def __init__(self, config: Config, *, book: ChannelBook, batcher: Batcher) -> None:
        self._config, self._book, self._batcher = config, book, batcher
        self._pace = Pace()
        self._budget = Budget(max(128_000_000, 3 * config.max_mail_bytes))
        measuring.BYTES_HELD.set_function(lambda: self._budget.held)

    async def handle(
        self, place: Place, scope: Scope, receive: Receive, send: Send, *, request_id: str
    ) -> None:
        """Answer one request; whatever happens the stranger gets a problem and not a traceback."""
        began = time.perf_counter()
        door = f"{place.kind.name} {place.door}"
        reader = BodyReader(self._budget, limit=getattr(self._config, place.kind.size))
        outcome = "refused"
        try:
            outcome = await self._take(place, scope, receive, send, reader, request_id)
        except Refused as refusal:
            await answer_problem(
                send,
                refusal.status,
                refusal.reason,
                request_id=request_id,
                door=door,
                errors=refusal.errors,
                headers=_headers_of(refusal),
            )
        except DatabaseAway:
            outcome = "away"
            words = "Nothing can be stored just now; come again."
            await answer_problem(send, 503, words, request_id=request_id, door=door)
        except Disconnected:
            outcome = "gone"
        except Exception:
            outcome = "failed"
            log.exception("intake failed", extra={"door": door})
            words = "This went wrong on our side."
            await answer_problem(send, 500, words, request_id=request_id, door=door)
        finally:
            reader.free()
        measuring.count_arrival(door, outcome, time.perf_counter() - began)

    async def _take(
        self,
        place: Place,
        scope: Scope,
        receive: Receive,
        send: Send,
        reader: BodyReader,
        request_id: str,
    ) -> str:
        headers = _read_headers(scope)
        _check_request(scope, headers, place.kind)
        channel = self._book.find(place.kind.name, place.key) or await self._seek(place)
        body = await reader.read(receive, announced=_announced(headers))
        request = RawRequest(
            scope["method"], scope["path"], str(scope["query_string"], "latin-1"), headers, body
        )
        arrivals = await self._open(place, channel, request)
        self._check_pace(channel)
        rows = [_row(a, channel, place.door, headers, request_id) for a in arrivals]
        stored = await self._store(rows)
        if not place.kind.is_named_by_content:
            for row, result in zip(rows, stored, strict=True):
                if result.known_digest is not None:
                    await self._check_same(row, result)
        is_known = all(result.is_known for result in stored)
        told = b'{"envelope_id":%d,"known":%b}' % (stored[0].id, b"true" if is_known else b"false")
        await answer(send, 200 if is_known else 202, told, request_id=request_id)
        return "known" if is_known else "stored"

    def _check_pace(self, channel: ChannelKey) -> None:
        """Only what is proved to come from the channel counts; raises Refused 429."""
        given = channel.config.get("per_minute", 0)
        per_minute = given if isinstance(given, int) else 0
        if wait := self._pace.seconds_to_wait(channel.id, per_minute=per_minute):
            raise Refused(429, "This channel brings more than it may.", retry_after=wait)

    async def _seek(self, place: Place) -> ChannelKey:
        """A channel that is not in memory: it may have been made just now."""
        channel = await self._book.look_again(place.kind.name, place.key)
        if channel is not None:
            return channel
        if not self._book.is_read:
            raise DatabaseAway("channels not read")
        raise Refused(404, "There is no such channel.")

    async def _open(self, place: Place, channel: ChannelKey, request: RawRequest) -> list[Arrival]:
        """Open the door; on a wrong proof once more with the channel as it is now."""
        try:
            if len(request.body) < LARGE:
                return place.opens(channel, request, now=clock.now())
            return await asyncio.to_thread(place.opens, channel, request, now=clock.now())
        except Refused as refusal:
            if refusal.status != 401:
                raise
            changed = await self._book.look_again(place.kind.name, place.key)
            if changed is None or changed.secrets == channel.secrets:
                raise
            return place.opens(changed, request, now=clock.now())

    async def _store(self, rows: list[Row]) -> list[Stored]:
        try:
            if len(rows) == 1:
                return [await self._batcher.store(rows[0])]
            return list(await asyncio.gather(*(self._batcher.store(row) for row in rows)))
        except ChannelGone:
            raise Refused(404, "There is no such channel.") from None
        except RowRefused:
            raise Refused(422, "This cannot be stored.") from None

    async def _check_same(self, row: Row, stored: Stored) -> None:
        """An id that was used before must stand for the same message; raises Refused 409.

        Where the bytes were taken away (their days are over, or a secret was redacted) the id alone decides.
        """
        if stored.known_digest == hashlib.sha256(row.raw).digest():
            return
        kept = await self._batcher.fetch_raw(stored.id)
        if kept and msgspec.json.decode(kept) != msgspec.json.decode(row.raw):
            raise Refused(409, "This id was used before, for another message.")


def _headers_of(refusal: Refused) -> list[tuple[bytes, bytes]]:
    if refusal.status == 405:
        return [(b"allow", b"POST")]
    if refusal.retry_after is not None:
        return [(b"retry-after", b"%d" % refusal.retry_after)]
    return []


def _read_headers(scope: Scope) -> dict[str, str]:
    return {str(name, "latin-1"): str(value, "latin-1") for name, value in scope["headers"]}


def _check_request(scope: Scope, headers: Mapping[str, str], kind: ChannelKind) -> None:
    if scope["method"] != "POST":
        raise Refused(405, "Only POST is taken here.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "Send the body as it is, without Content-Encoding.")
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in kind.content_types:
        raise Refused(415, f"Content-Type must be {' or '.join(sorted(kind.content_types))}.")


def _announced(headers: Mapping[str, str]) -> int | None:
    given = headers.get("content-length")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20):
        raise Refused(400, "Content-Length is not a number.")
    return int(given)


def _row(
    arrival: Arrival,
    channel: ChannelKey,
    door: str,
    headers: Mapping[str, str],
    request_id: str,
) -> Row:
    kept = {name: headers[name][:200] for name in KEPT_HEADERS if name in headers}
    return Row(
        channel_id=channel.id,
        event_id=arrival.event_id,
        door=door,
        raw=arrival.raw,
        headers=msgspec.json.encode(kept | arrival.headers).decode(),
        lane=arrival.lane,
        request_id=request_id,
    )
