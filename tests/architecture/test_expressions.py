"""Regular expressions mean the same in every Python that Rapport runs on."""

from __future__ import annotations

import re

from tests.architecture.sources import files, name_of, report

#: A group that is repeated and never given back: before 3.11.5 Python matches nothing where its inside would have
#: to step back once, and every encoded subject stayed as it came. Of single characters (`[^x]*+`) it is right.
KEPT_GROUP = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+(?!,-)|\(\?>")


def test_no_group_is_repeated_for_good():
    faults = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files("*.py", "rapport")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if KEPT_GROUP.search(line)
    ]
    assert not faults, report(faults)


def test_the_look_finds_what_it_looks_for():
    assert all(map(KEPT_GROUP.search, [r"(?:\?[^?]*+){0,3}+", r"(?:a|b)*+", r"(?>a|b)"]))
    assert not any(map(KEPT_GROUP.search, [r"(?:\n[^\n]*+)*)", "f(x)+1", "[^x]*+"]))
