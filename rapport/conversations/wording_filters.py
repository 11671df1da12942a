"""Wording filters: conditions as people type them into a search field, and back.

`is:open tag:refund from:dora@… before:2026-11-01 owner:me -tag:x`; what is no condition is a word to look for. The
operators are English words everywhere, as a file name is; a colon of Chinese typing does as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from rapport.conversations.models import State
from rapport.conversations.stating_conditions import (
    ABOVE,
    AFTER,
    BEFORE,
    BELOW,
    CONTAINS,
    FIELDS,
    IS,
    LEAST,
    MARKS,
    MOST,
    MOST_CONDITIONS,
    BadFilter,
    Condition,
    Filter,
    state_condition,
)

LONGEST = 1000
_QUOTED = r'"[^"]*"?'
_PIECE = re.compile(
    rf"(?<!\S)(?P<not>-)?(?P<word>[A-Za-z][A-Za-z-]*)(?:\.(?P<key>{_QUOTED}|[^\s:：\"]+))?[:：]"
    rf"(?P<sign>[<>]=?|~)?(?P<value>(?:{_QUOTED}|[^\s\",]+)(?:,(?:{_QUOTED}|[^\s\",]+))*)?(?!\S)"
)
_EACH = re.compile(rf"{_QUOTED}|[^\s\",]+")
_PLAIN = re.compile(r"[^\s\",:：<>~]+")
_SIGNS = {">": ABOVE, ">=": LEAST, "<": BELOW, "<=": MOST, "~": CONTAINS, "": IS}
_SIGN_OF = {operator: sign for sign, operator in _SIGNS.items()}
#: Words that name a field together with its operator.
_MOMENTS = {
    "before": ("last", BEFORE),
    "after": ("last", AFTER),
    "created-before": ("created", BEFORE),
    "created-after": ("created", AFTER),
}
#: Short for a mark, an owner or a tag: has:draft, is:unassigned.
_SHORT = {
    ("is", "unassigned"): ("owner", "nobody", False),
    ("is", "assigned"): ("owner", "anybody", False),
    ("is", "mine"): ("owner", "me", False),
    ("is", "waiting"): ("mark", "unanswered", False),
    ("has", "tag"): ("tag", "none", True),
    ("has", "owner"): ("owner", "anybody", False),
    ("has", "team"): ("team", "none", True),
    ("has", "organisation"): ("organisation", "none", True),
}
_FIELD_OF = {
    word: each.name for each in FIELDS.values() for word in (each.word, *each.others) if word
} | {"is": "state", "has": "mark"}
WORDS = tuple(sorted({*_FIELD_OF, *_MOMENTS}))


def read_filter(text: str) -> Filter:
    """What somebody typed: conditions, and the words that remain as they were. Raises BadFilter."""
    if len(text) > LONGEST:
        raise BadFilter(_("This is too long; a thousand characters is the most."))
    conditions: list[Condition] = []
    rest, end = [], 0
    for piece in _PIECE.finditer(text):
        word = piece["word"].lower()
        if word not in _FIELD_OF and word not in _MOMENTS:
            continue  # a subject line, an address of a page: words like others
        rest.append(text[end : piece.start()])
        end = piece.end()
        conditions += _conditions_in(word, piece)
    if len(conditions) > MOST_CONDITIONS:
        raise BadFilter(_("These are too many conditions at once; 40 is the most."))
    words = " ".join(part.strip() for part in (*rest, text[end:]) if part.strip())
    return Filter(tuple(dict.fromkeys(conditions)), words)


def write_filter(conditions: Iterable[Condition]) -> str:
    """The text from which `read_filter` makes these conditions again."""
    return " ".join(map(_write, conditions))


def _conditions_in(word: str, piece: re.Match[str]) -> Iterator[Condition]:
    name, operator = _MOMENTS.get(word, (_FIELD_OF.get(word, ""), _SIGNS[piece["sign"] or ""]))
    key = (piece["key"] or "").strip('"')
    text = piece["value"] or ""
    values = [each.strip('"') for each in _EACH.findall(text)] or [""]
    if len(values) > 1 and not FIELDS[name].is_single:
        values = [text]  # alternatives are only where there can be but one
    for value in values:
        yield _stated(word, name, operator, value, is_negated=bool(piece["not"]), key=key)


def _stated(
    word: str, name: str, operator: str, value: str, *, is_negated: bool, key: str
) -> Condition:
    short = _SHORT.get((word, value.lower()))
    if short:
        name, value, turns = short
        return state_condition(name, IS, value, is_negated=is_negated ^ turns)
    if word in ("is", "has"):
        name = "mark" if value.lower() in MARKS else "state"
        if value.lower() not in (*MARKS, *State.values):
            known = ", ".join((*State.values, *MARKS, *(v for w, v in _SHORT if w == word)))
            raise BadFilter(
                _("“{value}” is none of these: {known}."), value=value[:60], known=known
            )
    if operator == IS and name in ("waiting", "subject"):
        operator = ABOVE if name == "waiting" else CONTAINS
    return state_condition(name, operator, value, is_negated=is_negated, key=key)


def _write(condition: Condition) -> str:
    about = FIELDS[condition.field]
    word, sign = about.word, _SIGN_OF.get(condition.operator, "")
    if condition.operator in (BEFORE, AFTER):
        word = f"{word}-{condition.operator}" if word else condition.operator
    if condition.field in ("waiting", "subject") and condition.operator in (ABOVE, CONTAINS):
        sign = ""
    key = f".{_quoted(condition.key)}" if condition.key else ""
    minus = "-" if condition.is_negated else ""
    return f"{minus}{word}{key}:{sign}{_quoted(condition.value)}"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', "") + '"'
