"""Stemming: the forms under which one folded word is indexed, and those under which it is sought.

A question of one or two words does not tell its language, so it is sought under every form; a text
is indexed under the forms of its own language, or under English and Polish when that is unclear.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import Stemmer

from rapport.kernel.text.folding import strip_accents

LONGEST_WORD = 48
_SHORTEST_STEM = 3
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_local = threading.local()


@lru_cache(maxsize=8_192)
def forms_of(word: str, language: str = "") -> tuple[str, ...]:
    """The lexemes of a folded word for the index; the first is the main one. Never empty.

    A word longer than 48 characters counts by its first 48.
    """
    word = word[:LONGEST_WORD]
    bare = strip_accents(word)
    if not bare.isalpha() and _has_digit(bare):
        return (bare,)
    if _is_cyrillic(bare):
        return (_stem("russian", bare),)
    if not _is_latin(bare):
        return (bare,)
    if language == "en":
        forms = [_stem("english", bare)]
        if not word.isascii():  # a Polish name in an English text
            forms += _polish_forms(word, bare)
    elif language == "pl":
        forms = _polish_forms(word, bare)
    else:
        forms = [_stem("english", bare), *_polish_forms(word, bare), bare]
    if not word.isascii() and (spelled := word.translate(_UMLAUTS)) != word:
        forms.append(strip_accents(spelled))
    return _once(forms)


@lru_cache(maxsize=4_096)
def sought_forms_of(word: str) -> tuple[str, ...]:
    """The lexemes under which a folded word of a question may be indexed, whatever the language.

    The word itself comes first.
    """
    return _once([strip_accents(word[:LONGEST_WORD]), *forms_of(word)])


def _polish_forms(word: str, bare: str) -> list[str]:
    """Both orders: `zwrotów` must meet `zwrot`, and `zwrotow`, written without accents, too."""
    forms = [strip_accents(_stem("polish", word))]
    if bare != word:
        forms.append(_stem("polish", bare))
    # the Polish rules cut `spam` down to `sp`; no Polish stem worth finding is so short
    return [form if len(form) >= _SHORTEST_STEM else bare for form in forms]


def _stem(language: str, word: str) -> str:
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__  # one per thread: they hold a buffer
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(language, 0)
    return str(stemmers[language].stemWord(word)) or word


def _once(forms: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, forms)))


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _is_latin(word: str) -> bool:
    return word < "\u0250"


def _is_cyrillic(word: str) -> bool:
    return "\u0400" <= word[:1] < "\u0530"
