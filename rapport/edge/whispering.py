"""Whispering: who types in a conversation and who looks at it. Nobody keeps it, and it fades by itself.

Pages of the conversation hear at once; lists on which it stands hear once a second what has changed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Literal, NamedTuple

import msgspec

from rapport.edge.fanning_out import Hub, hears
from rapport.kernel.live.names import WHISPERS

log = logging.getLogger("rapport.edge")

#: Typing is writing an answer, noting a note.
Doing = Literal["typing", "noting", "viewing", "nothing"]
Say = Callable[[str, str], Awaitable[None]]

#: Seconds after which it fades unless it is said again; who types no longer still looks.
FADES = {"typing": 6.0, "noting": 6.0, "viewing": 45.0, "nothing": 0.0}
#: The same thing is passed on at most this often, in seconds.
THROTTLE = {"typing": 2.0, "noting": 2.0, "viewing": 15.0, "nothing": 1.0}
MOST = 20_000
#: Of those who look at one conversation a list is told no more than so many.
MOST_FACES = 5


class Whisper(msgspec.Struct, frozen=True):
    """One colleague and one conversation's stream; a customer has a negative number and no face.

    `lists` are the streams of the lists on which the conversation stands.
    """

    stream: str
    agent: int
    name: str
    doing: Doing
    signs: str = ""
    turn: int = 0
    lists: tuple[str, ...] = ()


class Heard(NamedTuple):
    """A whisper, and when it fades (of the monotonic clock)."""

    whisper: Whisper
    until: float


class Whispers:
    """What this process has heard, from its own pages and from other processes."""

    def __init__(self, hub: Hub, *, say: Say) -> None:
        self._hub, self._say = hub, say
        self._heard: dict[str, dict[int, Heard]] = {}
        self._said: dict[tuple[str, int], tuple[str, float]] = {}
        #: What lists have not been told yet: streams, and the lists on which they stood.
        self._changed: dict[str, set[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to let things fade; needs a running loop."""
        self._task = asyncio.create_task(self._fade_for_ever(), name="whispers")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def pass_on(self, whisper: Whisper) -> None:
        """Tell every process, this one too; what was said a moment ago is not said again."""
        now, key = time.monotonic(), (whisper.stream, whisper.agent)
        doing, until = self._said.get(key, ("", 0.0))
        if (doing == whisper.doing and now < until) or len(self._said) >= MOST:
            return
        self._said[key] = (whisper.doing, now + THROTTLE[whisper.doing])
        await self._say(WHISPERS, msgspec.json.encode(whisper).decode())

    def hear(self, payload: str) -> None:
        """A whisper came over the bus."""
        try:
            whisper = msgspec.json.decode(payload, type=Whisper)
        except msgspec.MsgspecError:
            log.warning("whisper not understood")
            return
        self._note(whisper, time.monotonic())

    def seen_by(self, agent: int, stream: str) -> dict[str, object]:
        """What a page of this agent shows of a conversation: the others, and what they do."""
        return {"stream": stream, "people": [*self._others(agent, stream)]}

    def looks_at(
        self, agent: int, streams: Collection[str], *, heard: frozenset[str]
    ) -> dict[str, list[dict[str, object]]]:
        """What a list of this agent shows of these conversations; nobody where it stands on no list heard."""
        return {
            stream: [*self._others(agent, stream)][:MOST_FACES]
            if any(hears(heard, each) for each in self._lists_of(stream))
            else []
            for stream in sorted(streams)
        }

    def streams_among(self, streams: frozenset[str]) -> frozenset[str]:
        """The streams of which something is known."""
        return streams & self._heard.keys()

    def streams_on(self, lists: frozenset[str]) -> set[str]:
        """The conversations on these lists of which something is known."""
        return {
            stream
            for stream in self._heard
            if any(hears(lists, each) for each in self._lists_of(stream))
        }

    def _others(self, agent: int, stream: str) -> Iterator[dict[str, object]]:
        known = self._heard.get(stream, {})
        for whisper, _ in sorted(known.values(), key=lambda heard: heard.whisper.name):
            if whisper.agent != agent:
                doing = whisper.doing if whisper.agent > 0 else "customer"
                face = {"signs": whisper.signs, "turn": whisper.turn}
                yield {"name": whisper.name, "doing": doing, **face}

    def _lists_of(self, stream: str) -> set[str]:
        known = self._heard.get(stream, {}).values()
        return {each for whisper, _ in known for each in whisper.lists}

    def _note(self, whisper: Whisper, now: float) -> None:
        before_lists = self._lists_of(whisper.stream)
        known = self._heard.setdefault(whisper.stream, {})
        before = known.pop(whisper.agent, None)
        if whisper.doing != "nothing" and len(self._heard) < MOST:
            known[whisper.agent] = Heard(whisper, now + FADES[whisper.doing])
        after = known.get(whisper.agent)
        if not known:
            del self._heard[whisper.stream]
        if (before and before.whisper) != (after and after.whisper):
            self._tell(whisper.stream, before_lists)

    def _tell(self, stream: str, before_lists: set[str]) -> None:
        """Pages of the conversation now, lists within a second."""
        self._hub.whisper(stream)
        if len(self._changed) < MOST:
            lists = self._changed.setdefault(stream, set())
            lists |= before_lists | self._lists_of(stream)

    async def _fade_for_ever(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._fade(time.monotonic())
            self._tell_lists()

    def _tell_lists(self) -> None:
        changed, self._changed = self._changed, {}
        for stream, lists in changed.items():
            self._hub.look(stream, lists)

    def _fade(self, now: float) -> None:
        self._said = {key: said for key, said in self._said.items() if said[1] > now}
        for stream, known in list(self._heard.items()):
            faded = [heard for heard in known.values() if heard.until <= now]
            if not faded:
                continue
            before_lists = self._lists_of(stream)
            for whisper, _ in faded:
                del known[whisper.agent]
                if whisper.doing in ("typing", "noting") and whisper.agent > 0:
                    still = msgspec.structs.replace(whisper, doing="viewing")
                    known[whisper.agent] = Heard(still, now + FADES["viewing"])
            if not known:
                del self._heard[stream]
            self._tell(stream, before_lists)
