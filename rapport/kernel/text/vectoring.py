"""Vectoring: a text as the literal of a PostgreSQL `tsvector`, made here and not by the database.

PostgreSQL's own parsers know no Chinese, and its Polish and accent handling are extensions that a
server may lack. The literal keeps within the type's limits (lexeme < 2 KB, positions ≤ 16,383, 1 MB in
all); what goes beyond is left out, the beginning of a text stays. PostgreSQL sorts the lexemes and puts
equal ones together, of each the first 256 positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain, islice, pairwise, repeat
from typing import Literal

from rapport.kernel.text.characters import INVISIBLE
from rapport.kernel.text.folding import fold
from rapport.kernel.text.stemming import LONGEST_WORD, forms_of
from rapport.kernel.text.tokenizing import LAST_POSITION, LONGEST_TEXT, scan_forms

Weight = Literal["A", "B", "C", "D"]

_PART_GAP = 8  # so that no phrase runs from the subject into the body
_MOST_BYTES = 900_000
_ORDINARY = 200_000
_LONGEST_KEPT = 24
_PLACE = "\0"
_NEXT = f"':{_PLACE} '"
_PLACES_KEPT = 2_048
# What may stand around a word and is neither part of it nor joins it to anything.
_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~„“”‘’«»–—…"
_LAST_PLAIN = "\u024f"  # of Latin letters; those behind may be written without spaces
_QUOTES = re.compile("['\\\\\0]")
# no token reaches over a blank, except a line break in the middle of Chinese or Japanese
_PIECE = re.compile(f"\\S+(?:(?<=[^\0-\x7f])\r?[{INVISIBLE}]*\n(?=[^\0-\x7f])\\S+)*")


def search_vector(
    parts: Mapping[Weight, str], *, language: str | None = None, marks: Iterable[str] = ()
) -> str:
    """A `tsvector` literal of a text's parts: A the subject, B the names, C the body.

    `marks` are lexemes of the caller's own, indexed as they are and without a position: begin them
    with a character that no word has, such as `#`.
    """
    entries: list[str] = []
    position = 1
    for weight, text in sorted(parts.items()):
        if not text:
            continue
        before = len(entries)
        suffix = "" if weight == "D" else weight
        # a step of the loop in C: there are as many as words
        entries.extend(
            map(
                str.replace,
                _unplaced(text, language or ""),
                repeat(_PLACE),
                _places(position, suffix),
            )
        )
        if len(entries) > before:
            position = min(position + len(entries) - before - 1 + _PART_GAP, LAST_POSITION)
    literal = [*_within_bounds(entries), *map(quoted, marks)]
    return " ".join(literal)


def quoted(lexeme: str) -> str:
    """A lexeme as `tsvector` and `tsquery` literals write it."""
    if "'" in lexeme or "\\" in lexeme or "\0" in lexeme:
        lexeme = lexeme.replace("\\", "\\\\").replace("'", "''").replace("\0", "")
    return f"'{lexeme}'"


def _places(position: int, suffix: str) -> Iterator[str]:
    """`7C`, `8C` and so on to the last: most are made once, since making one takes as long as its use."""
    known = islice(_first_places(suffix), position - 1, None)
    further = range(max(position, _PLACES_KEPT + 1), LAST_POSITION + 1)
    return chain(known, map(f"{{}}{suffix}".format, further))


@cache
def _first_places(suffix: str) -> tuple[str, ...]:
    return tuple(f"{place}{suffix}" for place in range(1, _PLACES_KEPT + 1))


def _unplaced(text: str, language: str) -> Iterator[str]:
    """For each position of a text its lexemes, with a mark where their place is to be written."""
    text = text[:LONGEST_TEXT]
    pieces = text.split() if text.isascii() else _PIECE.findall(text)
    if max(map(len, pieces), default=0) <= _LONGEST_KEPT:
        # most texts are such: no step of Python for each word
        return chain.from_iterable(map(_known_shape, pieces, repeat(language)))
    return chain.from_iterable(
        _known_shape(piece, language) if len(piece) <= _LONGEST_KEPT else _shape(piece, language)
        for piece in pieces
    )


def _shape(piece: str, language: str) -> list[str]:
    core = piece.strip(_EDGES)
    if core.isalnum():
        folded = fold(core)
        # one word, without what the scan is for: most new pieces are such
        if folded.isalnum() and (folded.isascii() or max(folded) <= _LAST_PLAIN):
            return [f"'{_NEXT.join(forms_of(folded[:LONGEST_WORD], language))}':{_PLACE}"]
    folded = fold(piece)
    has_quotes = _QUOTES.search(folded) is not None
    shape: list[str] = []
    for found in scan_forms(folded, language=language):
        if isinstance(found, str):
            shape += [f"'{a}':\0 '{a}{b}':\0" for a, b in pairwise(found)]
            shape.append(f"'{found[-1]}':{_PLACE}")
        elif has_quotes:
            shape.append(" ".join([f"{quoted(form)}:{_PLACE}" for form in found]))
        else:  # a lone accent has a position and no form
            shape.append(f"'{_NEXT.join(found)}':{_PLACE}" if found else "")
    return shape


@lru_cache(maxsize=16_384)
def _known_shape(piece: str, language: str) -> tuple[str, ...]:
    """Most of what people write was written before: "the", "order,", "Dora"."""
    return tuple(_shape(piece, language))


def _within_bounds(entries: list[str]) -> list[str]:
    """As many entries, from the beginning, as a `tsvector` holds: a literal is longer than its value."""
    if sum(map(len, entries)) <= _ORDINARY:
        return entries
    room = _MOST_BYTES
    for number, entry in enumerate(entries):
        room -= len(entry.encode("utf-8", "replace")) + 1
        if room < 0:
            return entries[:number]
    return entries
