"""Querying: what a person typed into a search field, as the literal of a PostgreSQL `tsquery`.

All words must occur; "words in quotes" must stand together; `-word` must not occur; `wor*` is the
beginning of a word; two and more Chinese or Japanese characters must stand together. Whatever is typed, the
literal is valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapport.kernel.text.characters import NGRAM
from rapport.kernel.text.folding import fold
from rapport.kernel.text.stemming import sought_forms_of
from rapport.kernel.text.tokenizing import Chunk, scan_chunks
from rapport.kernel.text.vectoring import quoted

LONGEST_QUESTION = 400
_MOST_STEPS = 64
_OPEN, _CLOSE = '"“„«「『', '"”“»」』'
_PIECE = re.compile(
    f"(?P<not>(?<!\\S)-)?(?:[{_OPEN}](?P<phrase>[^{_CLOSE}]+)[{_CLOSE}]?|(?P<bare>[^\\s{_OPEN}]+))"
)
_NGRAM = re.compile(f"[{NGRAM}]")
_BEGINNING = re.compile(f"[^\\W{NGRAM}]\\*$")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must (or must not) occur: steps that follow each other position by position.

    Each step is the set of lexemes any of which may stand there; `whole` lexemes stand for all.
    """

    steps: tuple[tuple[str, ...], ...]
    whole: str = ""
    negated: bool = False
    prefix: bool = False

    @property
    def literal(self) -> str:
        """The term in `tsquery` syntax."""
        steps = [_any_of([quoted(form) for form in step]) for step in self.steps]
        if self.prefix:  # a stem is no beginning of the word that is being typed: `za` of zamówie
            word, *stems = self.steps[-1]
            steps[-1] = _any_of([f"{quoted(word)}:*", *map(quoted, stems)])
        text = " <-> ".join(steps)
        if self.whole and self.steps != ((self.whole,),):
            text = f"({quoted(self.whole)} | {text})"
        elif len(steps) > 1:
            text = f"({text})"
        return f"!{text}" if self.negated else text

    @property
    def outline(self) -> str:
        """What an index knows of the term without looking at a text: its words, but not that they adjoin.

        "" where it knows nothing: of a beginning (it would read every word that begins so), and of words
        that may all occur as long as they do not adjoin.
        """
        if self.negated:
            return self.literal if len(self.steps) == 1 and not self.prefix else ""
        steps = self.steps[:-1] if self.prefix else self.steps
        text = " & ".join(_any_of([quoted(form) for form in step]) for step in steps)
        if len(steps) > 1:
            text = f"({text})"
        if text and self.whole and self.steps != ((self.whole,),):
            text = f"({quoted(self.whole)} | {text})"
        return text


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question: its terms, all of which must hold. Without a positive term it asks for nothing.

    >>> search_query("退款一直 -spam").literal
    "('退款' <-> '款一' <-> '一直') & !'spam'"
    """

    terms: tuple[Term, ...]

    @property
    def literal(self) -> str:
        """The `tsquery` literal, or "" when there is nothing to look for."""
        return " & ".join(term.literal for term in self.terms) if self else ""

    @property
    def outline(self) -> str:
        """A `tsquery` literal for all that may answer, as far as an index alone can tell, or ""."""
        known = [term.outline for term in self.terms if term.outline]
        return " & ".join(known) if self and any(not text.startswith("!") for text in known) else ""

    @property
    def positive(self) -> tuple[Term, ...]:
        """The terms that a hit shows."""
        return tuple(term for term in self.terms if not term.negated)

    @property
    def is_unfinished(self) -> bool:
        """Whether a term may be the beginning of a word."""
        return any(term.prefix for term in self.terms)

    def __bool__(self) -> bool:
        return any(not term.negated for term in self.terms)


def search_query(text: str) -> SearchQuery:
    """Understand a question. Never fails."""
    folded = fold(text[:LONGEST_QUESTION])
    terms: list[Term] = []
    room = _MOST_STEPS
    for piece in _PIECE.finditer(folded):
        for term in _terms_in(piece):
            room -= len(term.steps)
            if room >= 0:
                terms.append(term)
    return SearchQuery(tuple(dict.fromkeys(terms)))


def _terms_in(piece: re.Match[str]) -> Iterator[Term]:
    """The terms of a quoted phrase (one), or of a piece without blanks (one per chunk)."""
    negated = piece["not"] is not None
    if piece["phrase"] is not None:
        chunks = list(scan_chunks(piece["phrase"]))
        steps = [
            step
            for at, chunk in enumerate(chunks)
            for step in _steps_of(chunk, piece["phrase"], is_last=at == len(chunks) - 1)
        ]
        if steps:
            yield Term(tuple(steps), negated=negated)
        return
    bare = piece["bare"].removeprefix("www.")  # a text may have it behind https:// or not at all
    chunks = list(scan_chunks(bare))
    for chunk in chunks:
        if chunk.kind == "mail":
            yield Term(((chunk.whole,),), chunk.whole, negated)
        else:
            steps = _steps_of(chunk, bare, is_last=True)
            is_beginning = chunk is chunks[-1] and _BEGINNING.search(bare) is not None
            yield Term(tuple(steps), chunk.whole, negated, prefix=is_beginning)


def _steps_of(chunk: Chunk, folded: str, *, is_last: bool) -> list[tuple[str, ...]]:
    """Pairs for a run of characters (a lone one for itself), every stem for a word."""
    if chunk.kind != "run":
        return [sought_forms_of(folded[token.start : token.end]) for token in chunk.tokens]
    pairs = [token.forms[-1:] for token in chunk.tokens]
    return pairs[:-1] if is_last and len(pairs) > 1 else pairs


def _any_of(forms: list[str]) -> str:
    return forms[0] if len(forms) == 1 else f"({' | '.join(forms)})"
