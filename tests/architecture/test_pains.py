"""What users of other desks suffered has a number, and each number that we answer for has a test of that name."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
NAME = re.compile(r"^\s*(?:async )?def test_((?:[pe]\d\d_)+)\w+", re.M)

#: What must not happen here. Numbers are never given out anew; a test bears them as test_p07_….
PAINS = {
    "p01": "mail goes away without a word",
    "p02": "mail that another program has opened is passed over",
    "p03": "a mailbox that was away for days never gives what came meanwhile",
    "p04": "mail is looked for by its time, or thrown away for want of a Message-ID",
    "p05": "whoever is killed takes along what was under way",
    "p06": "a label that is not true keeps a mail from being taken in",
    "p07": "a fault after the handing over sends an answer again",
    "p08": "what a provider brings twice, or out of order, is there twice",
    "p09": "a click on a weak line is two messages",
    "p11": "one mail by two ways is two conversations",
    "p12": "an id that is empty or used again pulls strangers together",
    "p13": "an answer lands in somebody else's conversation",
    "p14": "a new matter is swallowed, a mailing's answers are thrown together",
    "p15": "a number in a subject opens another customer's conversation",
    "p16": "what is sent or comes late stands in no thread",
    "p17": "machines answer machines, and count as people",
    "p18": "what is one matter cannot be joined, or not taken apart again",
    "p19": "two people become one by a guess",
    "p21": "the moment of a message is when we looked at it, and the order is lost",
    "p32": "a page that slept shows the past as the present",
    "p34": "letters of Asia and the middle of Europe are not readable",
    "e12": "two colleagues answer at once and neither knows",
}


def names_by_number() -> dict[str, list[str]]:
    """The test modules in which each number stands in a name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for numbers in NAME.findall(path.read_text(encoding="utf-8")):
            for number in numbers.strip("_").split("_"):
                found[number].append(str(path.relative_to(TESTS)))
    return found


@pytest.mark.parametrize("number", PAINS)
def test_each_pain_has_a_test_of_its_number(number: str) -> None:
    assert names_by_number()[number], f"no test of {number}: {PAINS[number]}"


def test_no_test_bears_a_number_that_nobody_knows() -> None:
    assert {n: where for n, where in names_by_number().items() if n not in PAINS} == {}
