"""Whispering: who types in a conversation and who looks at it. Nobody keeps it, and it fades by itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from rapport.edge.fanning_out import Hub
from rapport.kernel.live.names import WHISPERS

log = logging.getLogger("rapport.edge")

Doing = Literal["typing", "viewing", "nothing"]
Say = Callable[[str, str], Awaitable[None]]

#: Seconds after which it fades unless it is said again.
FADES = {"typing": 6.0, "viewing": 45.0, "nothing": 0.0}
#: The same thing is passed on at most this often, in seconds.
THROTTLE = {"typing": 2.0, "viewing": 15.0, "nothing": 1.0}
MOST = 20_000


class Whisper(msgspec.Struct, frozen=True):
    """One colleague and one conversation's stream."""

    stream: str
    agent: int
    name: str
    doing: Doing


class Whispers:
    """What this process has heard, from its own pages and from other processes."""

    def __init__(self, hub: Hub, *, say: Say) -> None:
        self._hub, self._say = hub, say
        self._heard: dict[str, dict[int, tuple[str, str, float]]] = {}
        self._said: dict[tuple[str, int], tuple[str, float]] = {}
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
        """What a page of this agent shows: the others' names."""
        others = [
            (name, doing)
            for other, (name, doing, _) in self._heard.get(stream, {}).items()
            if other != agent
        ]
        return {
            "stream": stream,
            "typing": sorted(name for name, doing in others if doing == "typing"),
            "viewing": sorted(name for name, doing in others if doing == "viewing"),
        }

    def streams_among(self, streams: frozenset[str]) -> frozenset[str]:
        """The streams of which something is known."""
        return streams & self._heard.keys()

    def _note(self, whisper: Whisper, now: float) -> None:
        known = self._heard.setdefault(whisper.stream, {})
        before = known.pop(whisper.agent, None)
        if whisper.doing != "nothing" and len(self._heard) < MOST:
            known[whisper.agent] = (whisper.name, whisper.doing, now + FADES[whisper.doing])
        after = known.get(whisper.agent)
        if not known:
            del self._heard[whisper.stream]
        if (before and before[:2]) != (after and after[:2]):
            self._hub.whisper(whisper.stream)

    async def _fade_for_ever(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._fade(time.monotonic())

    def _fade(self, now: float) -> None:
        self._said = {key: said for key, said in self._said.items() if said[1] > now}
        for stream, known in list(self._heard.items()):
            faded = [agent for agent, (_, _, until) in known.items() if until <= now]
            for agent in faded:
                del known[agent]
            if not known:
                del self._heard[stream]
            if faded:
                self._hub.whisper(stream)
