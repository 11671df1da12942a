"""Authenticating: what the receiving server found out about a sender (Authentication-Results, RFC 8601).

Anybody can write such a header. Those of the one server that a mailbox trusts count, the topmost first, for
an honest server puts its own above what came along and takes out what bears its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "none"]
#: For servers that write no name of their own into the header, as Exchange Online does.
NAMELESS = "-"
MOST_RESULTS = 60
PASSES = frozenset({"pass", "bestguesspass"})
#: Where a method says whose it is.
OWNERS = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo")}
_WORD = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*"|[;=()"]|[^\s;="()]++', re.S)
_BARE = re.compile(r'[;=()"]|[^\s;="()]++')
_REMARK = re.compile(r"[()]|\\.", re.S)
_METHOD = re.compile(r"([a-z][a-z0-9-]*)(?:/[0-9]+)?")


@dataclass(frozen=True, slots=True)
class SenderCheck:
    """Whose words these are, what was said by each method ("" for nothing), and what follows for From."""

    server: str
    spf: str
    dkim: str
    dmarc: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    result: str
    owners: tuple[str, ...]


def judge_sender(headers: Sequence[str], *, trusted: str, domain: str) -> SenderCheck | None:
    """What the trusted server says of a sender at `domain`; None where it says nothing.

    `trusted` is a server's name, "*.example.com" for any below it, or "-" for one that writes no name.
    Within one header the worst word on DMARC counts: a sender's own words can stand in it, but not take it out.
    """
    servers: list[str] = []
    said: dict[str, list[_Result]] = {}
    for header in headers if trusted else ():
        name, results = _read(header)
        if not _is_trusted(name, trusted):
            continue
        servers.append(name)
        for method, found in _by_method(results).items():
            said.setdefault(method, found)
    if not servers:
        return None
    dmarc, dkim, spf = (said.get(method, []) for method in ("dmarc", "dkim", "spf"))
    return SenderCheck(
        server=servers[0],
        spf=_word(spf),
        dkim="pass" if any(one.result == "pass" for one in dkim) else _word(dkim),
        dmarc="fail" if _has_failed(dmarc) else _word(dmarc),
        verdict=_verdict(dmarc, [*dkim, *spf], domain.lower()),
    )


def servers_named(headers: Sequence[str]) -> list[str]:
    """The names of the servers that say something, topmost first, each once, whoever they are."""
    names = dict.fromkeys(_read(header)[0][:255] for header in headers)
    return [name or NAMELESS for name in names]


def _verdict(dmarc: Sequence[_Result], others: Sequence[_Result], domain: str) -> Verdict:
    if _has_failed(dmarc):
        return "fail"
    is_passed = any(one.result in PASSES and _speaks_of(one, domain) for one in dmarc)
    is_owned = any(
        one.result == "pass" and any(is_akin(owner, domain) for owner in one.owners)
        for one in others
    )
    return "pass" if is_passed or is_owned else "none"


def is_akin(one: str, other: str) -> bool:
    """Whether two domains are the same, or one lies below the other."""
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _speaks_of(dmarc: _Result, domain: str) -> bool:
    return not dmarc.owners or any(is_akin(owner, domain) for owner in dmarc.owners)


def _has_failed(dmarc: Sequence[_Result]) -> bool:
    return any(one.result == "fail" for one in dmarc)


def _word(found: Sequence[_Result]) -> str:
    return found[0].result if found else ""


def _is_trusted(name: str, trusted: str) -> bool:
    trusted = trusted.strip().lower()
    if trusted == NAMELESS or not name:
        return trusted == NAMELESS and not name
    if trusted.startswith("*."):
        return name.endswith(trusted[1:])
    return name == trusted


def _by_method(results: Iterator[_Result]) -> dict[str, list[_Result]]:
    found: dict[str, list[_Result]] = {}
    for one in results:
        found.setdefault(one.method, []).append(one)
    return found


def _read(header: str) -> tuple[str, Iterator[_Result]]:
    """The name of the server ("" where it gives none) and what it says."""
    parts = list(_split(header))
    first = parts[0] if parts else []
    if "=" in first:
        return "", _results(parts)
    return (first[0].lower() if first else ""), _results(parts[1:])


def _results(parts: Sequence[list[str]]) -> Iterator[_Result]:
    for part in parts[:MOST_RESULTS]:
        words = [word.lower() for word in part]
        pairs = [
            (words[at - 1], words[at + 1]) for at in range(1, len(words) - 1) if words[at] == "="
        ]
        method = _METHOD.fullmatch(pairs[0][0]) if pairs else None
        if method is None:
            continue
        names = OWNERS.get(method[1], ("header.from",))
        owners = [value for name, value in pairs[1:] if name in names]
        yield _Result(method[1], pairs[0][1], tuple(map(_domain_of, owners)))


def _domain_of(value: str) -> str:
    return value.strip('"').rpartition("@")[2].rstrip(".")


def _split(header: str) -> Iterator[list[str]]:
    """The words between semicolons, comments left out; a quoted string is one word.

    A comment or a quotation that never ends is none: it would hide whatever stands behind it.
    """
    words: list[str] = []
    ends = _ends_of_comments(header)
    place, kind = 0, _WORD
    while found := kind.search(header, place):
        place, word = found.end(), found[0]
        if word == "(":
            place = ends.get(found.start(), place)
        elif word == ";":
            yield words
            words = []
        elif word == '"':
            # None behind it ends either: looking again at each would cost the square of their number.
            kind = _BARE
        elif word != ")":
            words.append(word)
    yield words


def _ends_of_comments(header: str) -> dict[int, int]:
    """Where the comment that begins at each place ends, in one pass however deep they are nested."""
    ends: dict[int, int] = {}
    begun: list[int] = []
    for found in _REMARK.finditer(header):
        if found[0] == "(":
            begun.append(found.start())
        elif found[0] == ")" and begun:
            ends[begun.pop()] = found.end()
    return ends
