"""Marking people: the normal forms of names, addresses and numbers by which they are found and compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from django.db import connection

from rapport.customers.guessing_zones import CODES, guess_zone
from rapport.customers.models import Mark, MarkKind
from rapport.kernel.text.folding import fold, strip_accents

Marked = tuple[str, str]
MOST, MOST_SIGNED, LONGEST = 120, 5, 200
#: Houses whose addresses say nothing of where somebody works.
FREE = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
    }
    | {
        "me.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "mail.ru",
        "yandex.ru",
        "qq.com",
        "163.com",
    }
    | {
        "126.com",
        "sina.com",
        "foxmail.com",
        "yahoo.co.jp",
        "yahoo.com.tw",
        "hotmail.com.tw",
        "wp.pl",
    }
    | {"o2.pl", "onet.pl", "interia.pl", "op.pl", "poczta.onet.pl", "proton.me", "protonmail.com"}
)
WORD = re.compile(r"[^\W_]+")
RUN = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]{2,12}")
NUMBER = re.compile(r"(?<![\w+])\+?\(?[0-9](?:[\s()./\u00a0-]{0,2}[0-9]){7,14}(?!\w)")
READ = """
SELECT u.id, u.name, u.language, coalesce(o.name, ''), u.merged_into_id IS NOT NULL,
       ARRAY(SELECT i.kind || ' ' || i.value FROM customers_identity i WHERE i.customer_id = u.id)
FROM customers_customer u LEFT JOIN customers_organisation o ON o.id = u.organisation_id
WHERE u.id = ANY(%s) ORDER BY u.id
"""


class Known(NamedTuple):
    """What marks are made of."""

    id: int
    name: str
    language: str
    organisation: str
    is_merged: bool
    identities: list[str]


def mark_customers(
    ids: Collection[int], *, signatures: Mapping[int, str] | None = None
) -> list[int]:
    """Bring the marks of these customers to what is known of them; returns those who are marked otherwise now.

    `signatures` are words below which somebody wrote their numbers; what they once gave is kept.
    """
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(READ, [sorted(ids)])
        known = [Known(*row) for row in cursor.fetchall()]
    standing: dict[int, dict[Marked, int]] = {}
    for row in Mark.objects.filter(customer__in=ids):
        standing.setdefault(row.customer_id, {})[row.kind, row.value] = row.pk
    new: list[Mark] = []
    gone: list[int] = []
    changed = []
    for person in known:
        before = standing.get(person.id, {})
        after = (
            set() if person.is_merged else _marks_of(person, (signatures or {}).get(person.id, ""))
        )
        kept = {mark for mark in before if mark[0] == MarkKind.SIGNED and not person.is_merged}
        added, dropped = after - before.keys(), before.keys() - after - kept
        new += [
            Mark(customer_id=person.id, kind=kind, value=value) for kind, value in sorted(added)
        ]
        gone += [before[mark] for mark in dropped]
        changed += [person.id] if added or dropped else []
    Mark.objects.filter(pk__in=gone).delete()
    Mark.objects.bulk_create(new, ignore_conflicts=True)
    return changed


def _marks_of(person: Known, signature: str) -> set[Marked]:
    marks: set[Marked] = set()
    for identity in person.identities:
        kind, _, value = identity.partition(" ")
        marks |= set(_address_marks(kind, value, person))
    marks |= {(MarkKind.WORD, word) for word in words_of(f"{person.name} {person.organisation}")}
    numbers = islice(numbers_in(signature, language=person.language), MOST_SIGNED)
    marks |= {(MarkKind.SIGNED, number) for number in numbers}
    return {(kind, value[:LONGEST]) for kind, value in sorted(marks)[:MOST] if value}


def _address_marks(kind: str, value: str, person: Known) -> Iterator[Marked]:
    if kind == "phone":
        number = normal_phone(value, language=person.language)
        yield from ((MarkKind.WORD, digits) for digits in _tails(number or value))
        if number:
            yield MarkKind.PHONE, number
    elif kind == "email":
        local, _, domain = value.rpartition("@")
        yield from ((MarkKind.WORD, fold(part)) for part in (value, domain))
        yield MarkKind.MAIL, normal_mail(value)
        name = " ".join(sorted(words_of(person.name)))
        if domain not in FREE and len(name) > 3 and local:
            yield MarkKind.NAMED, f"{name}@{domain}"
    else:
        yield MarkKind.WORD, fold(value.rpartition(":")[2])


def words_of(text: str) -> set[str]:
    """The words of a name as they are looked for: one case, no accents; of a Chinese name each ending, too."""
    words = set(WORD.findall(strip_accents(fold(text))))
    for word in list(words):
        if RUN.fullmatch(word):
            words |= {word[place:] for place in range(1, len(word))}
    return words


def normal_mail(value: str) -> str:
    """Without case, dots and what stands behind a plus: D.ora+shop@x.example is dora@x.example."""
    local, _, domain = unicodedata.normalize("NFKC", value).casefold().rpartition("@")
    bare = local.partition("+")[0].replace(".", "") or local
    return f"{bare}@{'gmail.com' if domain == 'googlemail.com' else domain}"


def normal_phone(value: str, *, language: str = "") -> str:
    """+ and digits, the forms of mobile numbers levelled; "" where the country is not known.

    +54 9 11 6789-0123 and +54 11 6789-0123 are one; so are the two forms of Mexico and of Brazil.
    """
    digits = "".join(each for each in unicodedata.normalize("NFKC", value) if each in "0123456789")
    if not value.strip().startswith(("+", "00", "tel:+")):
        code = _code_of(language)
        if not code or not 7 <= len(digits) <= 11:
            return ""
        digits = code + digits.removeprefix("0")
    digits = digits.removeprefix("00")
    if digits.startswith("549") and len(digits) == 13:
        digits = "54" + digits[3:]
    elif digits.startswith("521") and len(digits) == 13:
        digits = "52" + digits[3:]
    elif digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        digits = digits[:4] + digits[5:]
    return f"+{digits}" if 8 <= len(digits) <= 15 else ""


def numbers_in(text: str, *, language: str = "") -> Iterator[str]:
    """The phone numbers that stand in a signature."""
    for found in NUMBER.finditer(text[:4_000]):
        if number := normal_phone(found[0], language=language):
            yield number


def _tails(number: str) -> Iterable[str]:
    """A number is looked for from its beginning, with or without the country."""
    digits = "".join(each for each in number if each.isdigit())
    code = next((digits[:n] for n in (3, 2) if digits[:n] in CODES and number.startswith("+")), "")
    return {digits, digits.removeprefix(code)}


def _code_of(language: str) -> str:
    zone = guess_zone(language=language)
    return next((code for code, known in CODES.items() if known == zone), "")
