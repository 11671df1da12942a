"""Mentioning: `@Name` in a note calls a colleague; the writer hears of whom it does not reach.

Names are compared without regard to case, accents and Traditional or Simplified; the longest one counts. A
full name goes before a first name; where two colleagues share it, `@Name (address)` says which of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapport.accounts.models import Agent
from rapport.conversations.access import may_see
from rapport.conversations.models import Conversation, Mention, Message
from rapport.kernel.actors import Actor
from rapport.kernel.text.characters import NGRAM
from rapport.kernel.text.folding import fold, fold_with_offsets, strip_accents

#: A note calls no more than so many.
MOST = 50
MOST_SUGGESTED = 8
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`", re.DOTALL)
#: An @ within an address, a path or a word calls nobody; Chinese stands before it without a blank.
_CALL = re.compile(rf"(?:(?<![\w./:@+-])|(?<=[{NGRAM}]))@(?=\w)")
_UNSPACED, _WORD = re.compile(f"[{NGRAM}]"), re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a text calls: `reached` with the words that call them, `unreached` who may not see the
    conversation, `unclear` words that could mean several."""

    reached: Sequence[tuple[Agent, str]] = ()
    unreached: Sequence[Agent] = ()
    unclear: Sequence[str] = ()

    def as_extras(self) -> dict[str, object]:
        """How the note keeps it: `{"reached": [[id, words]], "unreached": [names], "unclear": [words]}`."""
        found = {
            "reached": [[agent.pk, said] for agent, said in self.reached],
            "unreached": [agent.name for agent in self.unreached],
            "unclear": list(self.unclear),
        }
        kept = {name: value for name, value in found.items() if value}
        return {"mentions": kept} if kept else {}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A colleague who can be called here; `form` is what to write behind the @, and means nobody else."""

    agent: Agent
    form: str
    may_see: bool


def read_mentions(text: str, *, conversation: Conversation) -> Mentions:
    """Whom these words call in this conversation; code is passed over."""
    if "@" not in fold(text):
        return Mentions()
    book = _Book(_colleagues())
    found: dict[int, tuple[Agent, str]] = {}
    unclear: dict[str, None] = {}
    for said, agents in book.calls_in(_CODE.sub(lambda code: " " * len(code[0]), text)):
        if len(agents) > 1:
            unclear.setdefault(said)
        elif len(found) < MOST:
            found.setdefault(agents[0].pk, (agents[0], said))
    return Mentions(
        [(agent, said) for agent, said in found.values() if may_see(agent, conversation)],
        [agent for agent, _ in found.values() if not may_see(agent, conversation)],
        list(unclear),
    )


def keep_mentions(note: Message, mentions: Mentions, *, by: Actor) -> list[int]:
    """Write down in the note's own transaction whom it reaches, once each; returns their ids."""
    reached = [agent.pk for agent, _ in mentions.reached if by.kind != "agent" or agent.pk != by.id]
    Mention.objects.bulk_create(
        [Mention(message=note, agent_id=agent, **Mention.done_by(by)) for agent in reached],
        ignore_conflicts=True,
    )
    return reached


def suggest_mentions(
    conversation: Conversation, *, begins: str, besides: Agent | None = None
) -> list[Suggestion]:
    """Colleagues one of whose names (or whose address) begins so, those who may see it first."""
    wanted, everybody = bare(begins.strip()), _colleagues()
    book = _Book(everybody)
    found = [
        Suggestion(agent, book.form_of(agent), may_see(agent, conversation))
        for agent in everybody
        if (besides is None or agent.pk != besides.pk) and _begins(agent, wanted)
    ]
    found.sort(key=lambda each: (not each.may_see, bare(each.agent.name), each.agent.pk))
    return found[:MOST_SUGGESTED]


def bare(text: str) -> str:
    """Words as names are compared."""
    return strip_accents(fold(text))


def _colleagues() -> list[Agent]:
    return list(Agent.objects.filter(is_active=True).prefetch_related("memberships").order_by("pk"))


def _begins(agent: Agent, wanted: str) -> bool:
    name = bare(agent.name)
    words = [name, *re.split(r"[\s-]+", name), bare(agent.email)]
    return any(word.startswith(wanted) for word in words) or (
        bool(_UNSPACED.match(wanted)) and wanted in name
    )


class _Book:
    """By which words colleagues are called."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self._whole: dict[str, list[Agent]] = {}
        self._first: dict[str, list[Agent]] = {}
        for agent in agents:
            name = " ".join(bare(agent.name).split())
            for form in dict.fromkeys((name, f"{name} ({bare(agent.email)})", bare(agent.email))):
                if form:
                    self._whole.setdefault(form, []).append(agent)
            if " " in name:
                self._first.setdefault(name.partition(" ")[0], []).append(agent)
        self._lengths = sorted({len(form) for form in (*self._whole, *self._first)}, reverse=True)

    def form_of(self, agent: Agent) -> str:
        """The name, with the address where another has the same."""
        name = " ".join(agent.name.split())
        if name and len(self._whole.get(bare(name), ())) == 1:
            return name
        return f"{name} ({agent.email})" if name else agent.email

    def calls_in(self, text: str) -> Iterator[tuple[str, list[Agent]]]:
        """The words behind each @ that are somebody's name, and whom they could mean."""
        words, offsets = _bare_with_offsets(text)
        for call in _CALL.finditer(words):
            start = call.end()
            for length in self._lengths:
                form = words[start : start + length]
                agents = self._whole.get(form) or self._first.get(form)
                if agents and len(form) == length and _ends(words, start + length):
                    yield text[offsets[start] : offsets[start + length]], agents
                    break


def _ends(words: str, end: int) -> bool:
    """Whether a name can end here: not within a word, but Chinese goes on without a blank."""
    if end >= len(words) or not _WORD.match(words[end]):
        return True
    return bool(_UNSPACED.match(words[end]) or _UNSPACED.match(words[end - 1]))


def _bare_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    folded, offsets = fold_with_offsets(text)
    if folded.isascii():
        return folded, offsets
    letters = [strip_accents(letter) for letter in folded]
    spread = [at for letter, at in zip(letters, offsets, strict=False) for _ in letter]
    return "".join(letters), [*spread, offsets[-1]]
