"""Planning: who told which story when, and how far it has come. The same plan each time, relative to now.

How many conversations there are, whose they are and what is said depends on the seed alone; the moment of
loading only moves the times.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.cli.demonstrating.casting import (
    COLLEAGUES,
    PEOPLE,
    STRANGERS,
    THIRDS,
    Colleague,
    Persona,
    make_slots,
)
from rapport.cli.demonstrating.telling import LANGUAGES, Step, Story, read_stories, tell

SEED = "maple"
DAYS = 27


@dataclass(frozen=True, slots=True)
class Size:
    """How many conversations by language: those that have run their course, and by stage those under way."""

    finished: Mapping[str, int]
    under_way: Mapping[str, Mapping[str, int]]


FINISHED = {"en": 72, "pl": 54, "zh-Hant": 40, "zh-Hans": 38}
UNDER_WAY = {
    "new": {"en": 4, "pl": 3, "zh-Hant": 2, "zh-Hans": 2},
    "mine": {"en": 5, "pl": 4, "zh-Hant": 1, "zh-Hans": 1},
    "asked": {"en": 4, "pl": 3, "zh-Hant": 3, "zh-Hans": 2},
    "answered": {"en": 5, "pl": 4, "zh-Hant": 3, "zh-Hans": 3},
    "snoozed": {"en": 3, "pl": 2, "zh-Hant": 1, "zh-Hans": 1},
}
FULL = Size(FINISHED, UNDER_WAY)
#: Minutes since the last word of a conversation under way: least and most.
AGES = {
    "new": (3, 420),
    "mine": (5, 540),
    "asked": (15, 1300),
    "answered": (200, 4200),
    "snoozed": (300, 5200),
}
SPOKEN = ("customer", "third", "again", "agent")
#: Minutes from the step before: least and most. What people do waits for their day besides.
PACE = {
    "agent": (7, 260),
    "customer": (25, 1500),
    "third": (60, 900),
    "again": (300, 900),
    "note": (3, 35),
    "solve": (2, 40),
    "merge": (20, 200),
    "spam": (10, 120),
    "snooze": (2, 20),
    "auto": (1, 1),
    "bounce": (1, 2),
}
#: Hours (UTC) in which people are awake or at work.
AT_WORK = (7, 17)
AWAKE = {"en": (6, 21), "pl": (5, 20), "zh-Hant": (1, 15), "zh-Hans": (1, 15)}


@dataclass(slots=True, eq=False)
class Beat:
    """A step at its time, with its words as they were said."""

    at: datetime
    step: Step
    words: str
    plot: Plot


@dataclass(slots=True, eq=False)
class Plot:
    """One telling of a story: `stage` is how far it has come."""

    number: int
    story: Story
    persona: Persona
    third: Persona
    colleague: Colleague
    stage: str
    subject: str
    slots: dict[str, str]
    beats: list[Beat] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Names it in ids of mails: en-refund-late-17."""
        return f"{self.story.language}-{self.story.key}-{self.number}".lower()


def plan_history(now: datetime, *, size: Size = FULL) -> list[Plot]:
    """All plots with their times before `now` (aware)."""
    numbers = iter(range(1, 10_000))
    plots = []
    for language in LANGUAGES:
        for story, stage in _chosen(language, size):
            plots.append(_make_plot(next(numbers), story, stage))
    for plot in plots:
        _set_times(plot, now)
    return plots


def beats_of(plots: Iterable[Plot]) -> list[Beat]:
    """Everything that happened, in the order of time."""
    beats = [beat for plot in plots for beat in plot.beats]
    return sorted(beats, key=lambda beat: (beat.at, beat.plot.number))


def _chosen(language: str, size: Size) -> Iterator[tuple[Story, str]]:
    told = [s for s in read_stories(language) if "live" not in s.has and "any" not in s.has]
    often = [story for story in told if "once" not in story.has]
    for story in told:
        if "once" in story.has:
            yield story, "done"
    for number in range(size.finished.get(language, 0)):
        yield often[number % len(often)], "done"
    talks = [story for story in often if len(_spoken(story)) >= 3 and "away" not in story.key]
    turn = 0
    for stage, counts in size.under_way.items():
        for _each in range(counts.get(language, 0)):
            yield talks[turn % len(talks)], stage
            turn += 1


def _spoken(story: Story) -> list[Step]:
    return [step for step in story.steps if step.kind in SPOKEN]


def _make_plot(number: int, story: Story, stage: str) -> Plot:
    dice = random.Random(f"{SEED}:words:{number}")  # noqa: S311 - a tale, no secret
    people = PEOPLE[story.language]
    persona = people[(number * 7 + dice.randrange(3)) % len(people)]
    if "bulk" in story.has or story.has.get("end") == "spam":
        name, address = STRANGERS["bulk" if "bulk" in story.has else "spam"]
        persona = Persona(name, "", address.format(number=number), story.language, "f")
    colleague = _colleague(story, stage, dice)
    slots = make_slots(persona, colleague=colleague, dice=dice)
    plot = Plot(
        number,
        story,
        persona,
        THIRDS[story.language],
        colleague,
        stage,
        tell(story.subject, slots, dice=dice),
        slots,
    )
    for step in _as_far_as(story, stage):
        plot.beats.append(Beat(datetime.min, step, tell(step.words, slots, dice=dice), plot))  # noqa: DTZ901
    return plot


def _colleague(story: Story, stage: str, dice: random.Random) -> Colleague:
    team = story.has.get("team", "Support")
    able = [c for c in COLLEAGUES if team in c.teams and story.language in c.languages]
    picked = dice.choice([c for c in able if c.key != "ada"] * 3 + able)
    return COLLEAGUES[0] if stage == "mine" else picked


def _as_far_as(story: Story, stage: str) -> list[Step]:
    """The steps that have happened at this stage."""
    steps = list(story.steps)
    if stage == "done":
        return steps
    if stage == "new":
        return steps[:1]
    wanted = {"customer", "third"} if stage in ("mine", "asked") else {"agent"}
    spoken = [place for place, step in enumerate(steps) if step.kind in wanted and place > 1]
    last = spoken[0] if spoken else len(steps) - 1
    cut = [step for step in steps[: last + 1] if step.kind not in ("solve", "auto", "bounce")]
    return [*cut, Step("snooze")] if stage == "snoozed" else cut


def _set_times(plot: Plot, now: datetime) -> None:
    dice = random.Random(f"{SEED}:times:{plot.number}")  # noqa: S311 - a tale, no secret
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    awake = AWAKE[plot.story.language]
    first = awake[0] * 60 + dice.randrange((awake[1] - awake[0]) * 60)
    at = day - timedelta(days=_day(dice, now)) + timedelta(minutes=first)
    for number, beat in enumerate(plot.beats):
        at = _next(at, beat.step.kind, awake, dice) if number else at
        beat.at = at + timedelta(seconds=number)
    last, stride = plot.beats[-1].at, timedelta(days=dice.randint(1, 6))
    if plot.stage == "done":
        while last > now - timedelta(hours=20):
            last -= stride
        shift = last - plot.beats[-1].at
    else:
        least, most = AGES[plot.stage]
        ago = timedelta(minutes=least + (most - least) * dice.random() ** 3)
        shift = now - ago - last
    for beat in plot.beats:
        beat.at += shift


def _day(dice: random.Random, now: datetime) -> int:
    """Days before now, weekends thinned out."""
    first, second = dice.randint(1, DAYS), dice.randint(1, DAYS)
    is_weekend = (now - timedelta(days=first)).weekday() >= 5
    return second if is_weekend else first


def _next(at: datetime, kind: str, awake: tuple[int, int], dice: random.Random) -> datetime:
    least, most = PACE[kind]
    later = at + timedelta(minutes=least + (most - least) * dice.random() ** 2)
    jitter = timedelta(minutes=dice.randrange(100))
    if kind in ("auto", "bounce"):
        return later
    begins, ends = awake if kind in ("customer", "third", "again") else AT_WORK
    if begins <= later.hour < ends:
        return later
    morning = later.replace(hour=begins, minute=5) + jitter
    return morning if morning > at and later.hour < begins else morning + timedelta(days=1)
