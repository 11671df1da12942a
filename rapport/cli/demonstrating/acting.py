"""Acting: who writes when, and what each says next. Every message names its place in its script, so that an answer
to it is understood without a memory, also after a new start. No Django.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from rapport.cli.demonstrating.casting import ADDRESS, PEOPLE, Persona, make_slots
from rapport.cli.demonstrating.mailing import Letter, write_letter
from rapport.cli.demonstrating.posting import Doors, Unposted
from rapport.cli.demonstrating.telling import LANGUAGES, Story, read_stories, tell
from rapport.kernel import clock
from rapport.kernel.config import config

log = logging.getLogger("rapport.demo")
#: Seconds: before the first conversation, between two of them, and before an answer.
FIRST, BETWEEN, ANSWER = (12.0, 25.0), (60.0, 180.0), (20.0, 90.0)
#: New conversations in one day; the demo must not fill a disk.
MOST_A_DAY = 120
#: Answers to agents in one day, and tries to bring one message.
MOST_ANSWERS, TRIES = 400, 5
_PLACE = re.compile(r"(?:\A|[<.])live\.(\d+)\.(\d+)\.(\d+)(?:@|\Z)")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a script: the telling's number, the story (by its place among all), the step."""

    serial: int
    script: int
    step: int

    def __str__(self) -> str:
        return f"live.{self.serial}.{self.script}.{self.step}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place that a message id names."""
        found = _PLACE.search(text)
        return cls(*(int(part) for part in found.groups())) if found else None


@dataclass(frozen=True, slots=True)
class Line:
    """What is said at a place, by whom, about what."""

    place: Place
    story: Story
    persona: Persona
    subject: str
    words: str


def scripts() -> list[Story]:
    """What customers may write about, the languages taking turns, then what they say to anything."""
    live = [[s for s in read_stories(one) if "live" in s.has] for one in LANGUAGES]
    turns = [story for row in zip(*live, strict=False) for story in row]
    rest = [story for row in live for story in row if story not in turns]
    return turns + rest + [s for one in LANGUAGES for s in read_stories(one) if "any" in s.has]


def line_at(place: Place, *, persona: Persona | None = None) -> Line | None:
    """The line of this place, always the same; None where the script has ended."""
    told = scripts()
    if place.script >= len(told) or place.step >= len(told[place.script].steps):
        return None
    story = told[place.script]
    dice = random.Random(f"live:{place.serial}")  # noqa: S311 - a tale, no secret
    people = PEOPLE[story.language]
    one = people[(place.serial * 5 + dice.randrange(4)) % len(people)]
    persona = persona or one
    slots = make_slots(persona, colleague=None, dice=dice)
    words = tell(story.steps[place.step].words, slots, dice=dice)
    return Line(place, story, persona, tell(story.subject, slots, dice=dice), words)


class Troupe:
    """All simulated customers: begins conversations, hears answers, has them answered after a while."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._dice = random.Random()  # noqa: S311 - who writes when is no secret
        self._answers: set[asyncio.Task[None]] = set()
        self._answered: tuple[str, int] = ("", 0)
        self._heard: set[str] = set()

    async def play(self) -> None:
        """Begin one conversation after another, as many as a day may have."""
        await asyncio.sleep(self._dice.uniform(*FIRST))
        while True:
            serial = _next_serial()
            if serial is not None:
                opening = [story for story in scripts() if "live" in story.has]
                line = line_at(Place(serial, serial % len(opening), 0))
                if line is not None:
                    await self._bring(line)
            await asyncio.sleep(self._dice.uniform(*BETWEEN))

    def hear_mail(self, mail: EmailMessage) -> None:
        """An agent's mail has come: whoever it is for answers after a while."""
        about = str(mail["In-Reply-To"] or mail["Message-ID"] or "")
        persona = _addressee(mail)
        line = _next_line(Place.parse(about), persona) if persona else None
        if line is None or not self._is_news(about):
            return
        message_id = str(mail["Message-ID"] or "").strip("<> \t")
        chain = re.findall(r"<([^<>\s]+)>", str(mail["References"] or ""))
        back = getaddresses([str(mail["Reply-To"] or mail["From"] or "")])
        self._later(
            line,
            to=back[0] if back else ("", ADDRESS),
            subject=str(mail["Subject"] or line.subject),
            in_reply_to=message_id,
            references=chain,
        )

    def hear_shop(self, data: dict[str, Any]) -> None:
        """An agent's answer has come to the shop."""
        about = str(data.get("in_reply_to") or "")
        persona = _known(str((data.get("contact") or {}).get("email") or ""))
        line = _next_line(Place.parse(about), persona) if persona else None
        if line is not None and self._is_news(about):
            self._later(line, token=str(data.get("conversation_token") or ""))

    def leave(self) -> None:
        """Nobody answers any more."""
        for task in self._answers:
            task.cancel()

    def _is_news(self, about: str) -> bool:
        """Somebody who gets two answers to one message says the next thing once."""
        is_news = about not in self._heard
        self._heard.add(about)
        return is_news

    def _later(self, line: Line, **heads: Any) -> None:
        today = clock.now().date().isoformat()
        day, count = self._answered
        self._answered = (today, count + 1 if day == today else 1)
        if self._answered[1] > MOST_ANSWERS:
            return
        task = asyncio.create_task(self._answer(line, **heads))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, line: Line, **heads: Any) -> None:
        await asyncio.sleep(self._dice.uniform(*ANSWER))
        await self._bring(line, **heads)

    async def _bring(self, line: Line, **heads: Any) -> None:
        """Bring it to its door; a desk that is just starting is asked again."""
        now = clock.now()
        for attempt in range(TRIES):
            try:
                if "token" in heads or (not heads and line.story.channel == "shop"):
                    await self._doors.bring_message(
                        payload_of(line, token=heads.get("token", ""), now=now),
                        message_id=f"msg_{_dashed(line.place)}",
                    )
                else:
                    await self._doors.bring_mail(letter_of(line, now=now, **heads))
                return
            except Unposted as error:
                log.info("not brought (%s)", error)
                await asyncio.sleep(2.0 * (attempt + 1))


def letter_of(
    line: Line,
    *,
    now: datetime,
    to: tuple[str, str] = ("", ADDRESS),
    subject: str = "",
    in_reply_to: str = "",
    references: list[str] | None = None,
) -> bytes:
    """The mail of a line, as the customer's program writes it."""
    domain = line.persona.email.rpartition("@")[2]
    return write_letter(
        Letter(
            sender=(line.persona.name, line.persona.email),
            to=[to],
            subject=subject or line.subject,
            text=line.words,
            message_id=f"{line.place}@{domain}",
            date=now,
            in_reply_to=in_reply_to,
            references=references or (),
        )
    )


def payload_of(line: Line, *, token: str, now: datetime) -> dict[str, Any]:
    """The same for the shop's door."""
    payload: dict[str, Any] = {
        "contact": {"email": line.persona.email, "name": line.persona.name},
        "external_id": str(line.place),
        "subject": line.subject,
        "text": line.words,
        "sent_at": now.isoformat(),
    }
    return payload | ({"conversation_ref": token} if token else {})


def _next_line(place: Place | None, persona: Persona) -> Line | None:
    """What comes after a place; to an answer about something else, a word of thanks."""
    if place is not None:
        following = Place(place.serial, place.script, place.step + 1)
        return line_at(following, persona=persona)
    told = scripts()
    thanks = next(
        number
        for number, story in enumerate(told)
        if "any" in story.has and story.language == persona.language
    )
    return line_at(Place(_odd_serial(), thanks, 0), persona=persona)


def _addressee(mail: EmailMessage) -> Persona | None:
    found = getaddresses([str(value) for value in mail.get_all("To", [])])
    people = (_known(address) for _name, address in found)
    return next((persona for persona in people if persona), None)


def _known(address: str) -> Persona | None:
    everybody = (persona for people in PEOPLE.values() for persona in people)
    return next((one for one in everybody if one.email == address.lower()), None)


def _dashed(place: Place) -> str:
    """Ids of signed messages have no dots."""
    return str(place).replace(".", "-")


def _odd_serial() -> int:
    """A number that no conversation of ours has: it only makes an id unique."""
    return 10**9 + int(clock.now().timestamp() * 1000) % 10**12


def _next_serial() -> int | None:
    """The number of the next conversation; None when the day has had enough. Survives a new start."""
    path = config().home_path / "demo-live.json"
    today = clock.now().date().isoformat()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        serial, day, count = int(kept["serial"]), str(kept["day"]), int(kept["count"])
    except (OSError, ValueError, KeyError, TypeError):
        serial, day, count = 0, today, 0
    count = count if day == today else 0
    if count >= MOST_A_DAY:
        return None
    _write(path, {"serial": serial + 1, "day": today, "count": count + 1})
    return serial


def _write(path: Path, content: dict[str, Any]) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(content), encoding="utf-8")
    beside.replace(path)
