"""Tokenizing: a text cut into findable tokens with positions.

Words become stems; runs of Chinese, Japanese, Korean and Thai become single characters and pairs;
mail addresses, web addresses and order numbers are found whole and by their parts. Bounded: only
the first 100,000 characters and 16,383 positions of a text count, so 50 MB cost what 100 kB cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from rapport.kernel.text.characters import HAN, KANA, MARKS, NGRAM
from rapport.kernel.text.folding import fold
from rapport.kernel.text.stemming import LONGEST_WORD, forms_of

LONGEST_TEXT = 100_000
LAST_POSITION = 16_383
MOST_PARTS = 24

_CLITIC = r"['’](?:s|t|re|ve|ll|d|m)\b"
_LETTER = f"[^\\W_{NGRAM}]"
_WORD = f"{_LETTER}+(?:[{MARKS}]+{_LETTER}*)*"
# a mail breaks Chinese and Japanese lines in the middle of a word
_RUN = f"(?P<run>[{HAN}{KANA}]+(?:\r?\n[{HAN}{KANA}]+)*|[{NGRAM}]+)"
_URL = f"https?://(?P<url>[^\\s<>\"'{NGRAM}]{{1,1000}})"
_ADDRESS = r"[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"
_MAIL = f"(?P<mail>{_ADDRESS})"


def _compound(word: str, *, joint: str = "[-._/:&]") -> str:
    return f"(?P<word>{word})(?P<rest>(?:{_CLITIC})?(?:{joint}(?:{word})(?:{_CLITIC})?){{0,15}})"


_JOINT = f"(?![/:&]{_ADDRESS})[-._/:&]"  # mailto:dora@…, E-mail:dora@… end before the address


# by (is the text ASCII, is there an @ in it): the plain ones are three times faster
_SCANS = {
    (True, False): re.compile(f"{_URL}|{_compound('[a-z0-9]+')}"),
    (True, True): re.compile(f"{_URL}|{_MAIL}|{_compound('[a-z0-9]+', joint=_JOINT)}"),
    (False, False): re.compile(f"{_RUN}|{_URL}|{_compound(_WORD)}"),
    (False, True): re.compile(f"{_RUN}|{_URL}|{_MAIL}|{_compound(_WORD, joint=_JOINT)}"),
}
_PART = re.compile(f"({_WORD})(?:{_CLITIC})?")
_CLITICS = re.compile(_CLITIC)
_DIGIT = re.compile(r"\d")


class Token(NamedTuple):
    """One position of a text: the lexemes it is indexed under and where it stands (fold's index)."""

    forms: tuple[str, ...]
    position: int
    start: int
    end: int


class Chunk(NamedTuple):
    """What stands together: its kind (run, mail, url, word), its one-piece lexeme, its tokens."""

    kind: str
    whole: str
    tokens: tuple[Token, ...]


def tokens_of(text: str, *, language: str | None = None, position: int = 1) -> list[Token]:
    """The tokens of a text, the first at `position`; the language only chooses stems. Never fails.

    >>> [token.forms for token in tokens_of("退款", language="zh-Hant")]
    [('退', '退款'), ('款',)]
    """
    folded = fold(text[:LONGEST_TEXT])
    return list(scan_tokens(folded, language=language or "", position=position))


def scan_tokens(folded: str, *, language: str = "", position: int = 1) -> Iterator[Token]:
    """The tokens of a text that is folded already; `start` and `end` count in the folded text."""
    for match in _matches(folded):
        start, end = match.span()
        if match.lastgroup == "rest" and match.end("word") == end:  # a plain word, as most are
            forms = forms_of(match[0][:LONGEST_WORD], language)
            found: Iterable[Token] = (Token(forms, position, start, end),)
        else:
            found = _tokens_in(match, folded, language, position)
        for token in found:
            if token.position > LAST_POSITION:
                return
            position = token.position + 1
            yield token


def scan_forms(folded: str, *, language: str = "") -> Iterator[tuple[str, ...] | str]:
    """What `scan_tokens` says without where it stands: the forms of a token, or a run as it is.

    A run of n characters counts as n tokens, each under itself and together with the next.
    """
    for match in _matches(folded):
        if match.lastgroup == "rest" and match.end("word") == match.end():
            # cut before it is remembered: a stranger's word may be 100,000 letters long
            yield forms_of(match[0][:LONGEST_WORD], language)
        elif match.lastgroup == "run":
            yield match[0].replace("\r", "").replace("\n", "")
        else:
            yield from (token.forms for token in _tokens_in(match, folded, language, 1))


def scan_chunks(folded: str) -> Iterator[Chunk]:
    """The runs, addresses, compounds and words of a folded text, each with its tokens."""
    for match in _matches(folded):
        if tokens := tuple(_tokens_in(match, folded, "", 1)):
            kind = match.lastgroup if match.lastgroup in ("run", "mail", "url") else "word"
            yield Chunk(kind or "word", _whole_of(match), tokens)


def joined_form(chunk: str) -> str:
    """The one-word spelling of `ord-2024-17` or `e-mail`, or "" where nobody writes it so."""
    joined = "".join(char for char in chunk if char.isalnum())
    if len(joined) == len(chunk) or len(joined) > LONGEST_WORD:
        return ""
    if _DIGIT.search(joined) or set(chunk) - set(joined) == {"-"}:
        return forms_of(joined)[0]
    return ""


def whole_address(address: str) -> str:
    """The lexeme of a whole web address: no scheme, no www, no query, no closing slash or stop."""
    bare = re.split(r"[?#]", address, maxsplit=1)[0].removeprefix("www.")
    return bare.rstrip("/.,;:!)]}»”’*_")[:200]


def _matches(folded: str) -> Iterator[re.Match[str]]:
    return _SCANS[folded.isascii(), "@" in folded].finditer(folded)


def _tokens_in(match: re.Match[str], folded: str, language: str, position: int) -> Iterator[Token]:
    """The tokens of one run, address or compound of the text."""
    start, end = match.span()
    if match.lastgroup == "run":
        return _tokens_of_run(folded, start, end, position)
    if match.lastgroup == "url":
        start = match.start("url")
    return _tokens_of_parts(folded, (start, end), position, language, _whole_of(match))


def _whole_of(match: re.Match[str]) -> str:
    """The lexeme under which an address or a compound is found in one piece."""
    if match.lastgroup == "mail":
        return match["mail"].rstrip("-")
    if match.lastgroup == "url":
        return whole_address(match["url"])
    if match.lastgroup == "rest" and 2 < len(match[0]) <= LONGEST_WORD * 2:
        return joined_form(_CLITICS.sub("", match[0]))
    return ""


def _tokens_of_run(folded: str, start: int, end: int, position: int) -> Iterator[Token]:
    """Each character, and with its right neighbour; line breaks within the run do not count."""
    places = [at for at in range(start, end) if folded[at] not in "\r\n"]
    for at, after in pairwise(places):
        char = folded[at]
        yield Token((char, char + folded[after]), position, at, after + 1)
        position += 1
    yield Token((folded[places[-1]],), position, places[-1], places[-1] + 1)


def _tokens_of_parts(
    folded: str, span: tuple[int, int], position: int, language: str, whole: str
) -> Iterator[Token]:
    """The words of a compound one after the other; the first also carries the compound's form."""
    parts = islice(_PART.finditer(folded, *span), MOST_PARTS)
    for index, part in enumerate(parts):
        forms = forms_of(part[1][:LONGEST_WORD], language)
        if not index and whole and whole not in forms:
            forms = (*forms, whole)
        yield Token(forms, position + index, part.start(), part.end(1))
