"""Telling: the stories in the folder beside this module, and how one is told with names and numbers.

    @story KEY [tags=a,b] [team=T] [channel=shop] [priority=high] [end=spam] [once] [live] [bulk] [any]
    @subject WORDS
    @customer|@agent|@note|@third|@again|@auto [file=…] [cc] [html] [quoted] [invite]
    WORDS
    @solve|@merge|@spam|@bounce

In the words `[[one|other]]` is a choice, `{order}` a slot, `{g:m|f}` goes by the customer's gender and
`{a:m|f}` by the agent's. Imports no Django: the simulated customers use it too.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "stories"
LANGUAGES = ("en", "pl", "zh-Hant", "zh-Hans")
_CHOICE = re.compile(r"\[\[(.*?)\]\]", re.S)
_GENDER = re.compile(r"\{([ga]):([^|{}]*)\|([^{}]*)\}")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: `kind` is the word after the @, `has` its options."""

    kind: str
    words: str = ""
    has: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A matter as it may go, in one language."""

    key: str
    language: str
    subject: str
    steps: tuple[Step, ...]
    has: Mapping[str, str]

    @property
    def tags(self) -> list[str]:
        return [tag for tag in self.has.get("tags", "").split(",") if tag]

    @property
    def channel(self) -> str:
        return self.has.get("channel", "mail")


@functools.cache
def read_stories(language: str) -> tuple[Story, ...]:
    """All stories of a language, in the order of its file; raises ValueError where it makes no sense."""
    text = (FOLDER / f"{language}.txt").read_text(encoding="utf-8")
    chunks = re.split(r"^@story ", text, flags=re.M)
    return tuple(_read_story(chunk, language) for chunk in chunks if chunk.strip())


def tell(words: str, slots: Mapping[str, str], *, dice: random.Random) -> str:
    """The words with every choice made and every slot filled; raises KeyError for an unknown slot."""
    chosen = _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), _guard(words))
    return _SLOT.sub(lambda found: slots[found[1]], _bend(chosen, slots))


def _guard(words: str) -> str:
    """Keep the bars of a gender apart from those of a choice around it."""
    return _GENDER.sub(lambda found: f"{{{found[1]}:{found[2]}\0{found[3]}}}", words)


def _bend(words: str, slots: Mapping[str, str]) -> str:
    bars = words.replace("\0", "|")
    return _GENDER.sub(lambda found: found[3] if slots[found[1]] == "f" else found[2], bars)


def _read_story(chunk: str, language: str) -> Story:
    head, _newline, rest = chunk.partition("\n")
    key, *options = head.split()
    subject = ""
    steps = []
    for part in re.split(r"^@", rest, flags=re.M)[1:]:
        first, _newline, words = part.partition("\n")
        kind, _blank, more = first.partition(" ")
        if kind == "subject":
            subject = more.strip()
        else:
            steps.append(Step(kind, words.strip(), _options(more.split())))
    if not steps:
        raise ValueError(f"the story {key} ({language}) has no steps")
    return Story(key, language, subject, tuple(steps), _options(options))


def _options(words: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}
