"""Vectoring: a text as the literal of a PostgreSQL `tsvector`, made here and not by the database.

PostgreSQL's own parsers know no Chinese, and its Polish and accent handling are extensions that a
server may lack. The literal keeps within the type's limits (lexeme < 2 KB, positions ≤ 16,383, 255
positions per lexeme, 1 MB in all); what goes beyond is left out, the beginning of a text stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from rapport.kernel.text.tokenizing import LAST_POSITION, tokens_of

Weight = Literal["A", "B", "C", "D"]

_PART_GAP = 8  # so that no phrase runs from the subject into the body
_MOST_OF_A_LEXEME = 255
_MOST_BYTES = 900_000


def search_vector(
    parts: Mapping[Weight, str], *, language: str | None = None, marks: Iterable[str] = ()
) -> str:
    """A `tsvector` literal of a text's parts: A the subject, B the names, C the body.

    `marks` are lexemes of the caller's own, indexed as they are and without a position: begin them
    with a character that no word has, such as `#`.
    """
    lexemes: dict[str, list[str]] = {}
    position, room = 1, _MOST_BYTES
    for weight, text in sorted(parts.items()):
        suffix = "" if weight == "D" else weight
        tokens = tokens_of(text, language=language, position=position)
        for token in tokens:
            place = f"{token.position}{suffix}"
            for form in token.forms:
                places = lexemes.get(form)
                if places is None:
                    room -= len(form) * 4
                    lexemes[form] = [place]
                elif len(places) < _MOST_OF_A_LEXEME:
                    places.append(place)
            room -= 4 * len(token.forms)
            if room < 0:
                break
        if tokens:
            position = min(tokens[-1].position + _PART_GAP, LAST_POSITION)
    literal = [f"{quoted(form)}:{','.join(places)}" for form, places in lexemes.items()]
    literal.extend(quoted(mark) for mark in marks)
    return " ".join(literal)


def quoted(lexeme: str) -> str:
    """A lexeme as `tsvector` and `tsquery` literals write it."""
    if "'" in lexeme or "\\" in lexeme or "\0" in lexeme:
        lexeme = lexeme.replace("\\", "\\\\").replace("'", "''").replace("\0", "")
    return f"'{lexeme}'"
