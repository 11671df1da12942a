"""Highlighting: where in the original text a question was met, and the passage to show of it.

The text goes through the same folding and tokenizing as the index, so that what the index finds is
what is marked: `lodz` marks Łódź, 客户 marks 客戶, `refund` marks "refunded".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapport.kernel.text.characters import NGRAM
from rapport.kernel.text.folding import fold_with_offsets
from rapport.kernel.text.querying import SearchQuery, Term
from rapport.kernel.text.stemming import forms_of
from rapport.kernel.text.tokenizing import Token, scan_tokens
from rapport.kernel.text.truncating import cut_before, one_line

Span = tuple[int, int]

_READ = 20_000
_SHORT = 2_000
_JOINTS = "-._/:&@+'’"
_NGRAM = re.compile(f"[{NGRAM}]")


class Snippet(NamedTuple):
    """One line out of a text, and the spans in that line to mark."""

    text: str
    spans: list[Span]


def spans_of(text: str, query: SearchQuery) -> list[Span]:
    """Where the question is met in the text: (start, end) pairs in order, not touching each other.

    Only the first 20,000 characters are read.
    """
    return _merged([span for span, _ in _hits(text[:_READ], query)])


def snippet_of(text: str, query: SearchQuery, *, width: int = 160) -> Snippet:
    """The passage of about `width` characters that shows most of the question, on one line.

    Without a hit it is the beginning of the text.
    """
    line = one_line(text[:_READ])
    hits = sorted(_hits(line, query))
    start = _best_start(hits, width)
    lead = cut_before(line, max(0, start - width // 4)) if start > width // 2 else 0
    if lead:  # begin at a word where there is one near
        blank = line.find(" ", lead, lead + 16)
        lead = blank + 1 if 0 <= blank < start else lead
    end = cut_before(line, lead + width)
    before, after = "…" if lead else "", "…" if end < len(line) else ""
    shift = len(before) - lead
    spans = [(a + shift, b + shift) for (a, b), _ in hits if lead <= a and b <= end]
    return Snippet(before + line[lead:end].rstrip() + after, _merged(spans))


def _hits(text: str, query: SearchQuery) -> Sequence[tuple[Span, int]]:
    """Every place that meets a term, with the term's number; the same short text is looked through once."""
    if not query:
        return ()
    return _hits_in_short(text, query) if len(text) <= _SHORT else _look_through(text, query)


@lru_cache(maxsize=1024)
def _hits_in_short(text: str, query: SearchQuery) -> Sequence[tuple[Span, int]]:
    return tuple(_look_through(text, query))


def _look_through(text: str, query: SearchQuery) -> list[tuple[Span, int]]:
    folded, offsets = fold_with_offsets(text)
    tokens = list(scan_tokens(folded))
    return [
        ((offsets[start], offsets[end]), number)
        for number, term in enumerate(query.positive)
        for start, end in _matches(term, folded, tokens)
    ]


def _matches(term: Term, folded: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where each occurrence of a term begins and ends in the folded text."""
    length = len(term.steps)
    beginning = term.steps[-1][0] if term.prefix else ""
    steps = [frozenset(step) for step in term.steps]
    first = steps[0] | {term.whole} if length > 1 or not beginning else None
    for at, token in enumerate(tokens):
        if first is not None and first.isdisjoint(token.forms):  # as most are
            continue
        last = at + length - 1
        if term.whole and term.whole in token.forms:
            yield token.start, _end_of_compound(at, folded, tokens)
        elif last < len(tokens) and _meet(steps, tokens[at : last + 1], beginning):
            is_word = length > 1 or term.prefix
            end = tokens[last].end if is_word else _end_of_met(term.steps[0], last, folded, tokens)
            yield token.start, end


def _meet(steps: list[frozenset[str]], tokens: Sequence[Token], beginning: str) -> bool:
    """Whether each token has a form of its step; the last may merely begin so."""
    met = [not step.isdisjoint(token.forms) for step, token in zip(steps, tokens, strict=True)]
    if beginning and not met[-1]:
        met[-1] = any(form.startswith(beginning) for form in tokens[-1].forms)
    return all(met)


def _end_of_met(step: tuple[str, ...], at: int, folded: str, tokens: Sequence[Token]) -> int:
    """Where ends what was met of a token: it stands for a character, a pair, a word, a compound."""
    token = tokens[at]
    word = folded[token.start : token.end]
    if _NGRAM.match(word):
        return token.start + 1 if token.forms[0] in step else token.end
    if set(step).isdisjoint(forms_of(word)):
        return _end_of_compound(at, folded, tokens)
    return token.end


def _end_of_compound(at: int, folded: str, tokens: Sequence[Token]) -> int:
    """Where ends the last token that hangs on this one without a blank."""
    while at + 1 < len(tokens):
        between = folded[tokens[at].end : tokens[at + 1].start]
        if (
            len(between) != 1
            or between not in _JOINTS
            or _NGRAM.match(folded, tokens[at + 1].start)
        ):
            break
        at += 1
    return tokens[at].end


def _best_start(hits: list[tuple[Span, int]], width: int) -> int:
    """Where the passage should begin to be read: the hit after which most terms follow closely."""
    best, most = 0, 0
    for index, ((start, _), _) in enumerate(hits[:200]):
        near = {number for (at, _), number in hits[index : index + 50] if at < start + width // 2}
        if len(near) > most:
            best, most = start, len(near)
    return best


def _merged(spans: list[Span]) -> list[Span]:
    """The spans in order, those that overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
