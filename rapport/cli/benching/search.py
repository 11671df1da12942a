"""Search: the newest twenty hits of frequent, middling and rare words in five languages.

Eight readers at once over HTTP, the whole page with its highlighted hits, at 10,000 and 1,000,000 messages.
Beside it is said how long the database itself takes for the newest twenty hits, one reader alone.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from rapport.cli.benching.growing import measure_growth
from rapport.cli.benching.harness import say
from rapport.cli.benching.visiting import share_of

WORDS = {
    "frequent": ["parcel", "tent", "faktura", "退款", "发票", "返金", "jacket zip"],
    "middling": ["stove", "plecak pasek", "訂單 地址", "宽楦", "領収書 会社", "cartridge"],
}
#: A word and a pair of words in each language, and what is hard: one character, a beginning, nothing.
ASKED = {
    "en": ["parcel", "jacket zip"],
    "pl": ["faktura", "plecak pasek"],
    "zh-Hant": ["退款", "訂單 地址"],
    "zh-Hans": ["发票", "宽楦"],
    "ja": ["返金", "領収書 会社"],
    "one character": ["款", "届"],
    "beginning": ["par*", "1*"],
    "nothing": ["nowhere", "stove nowhere"],
}
TIMES = 20


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    pages = {
        "frequent": lambda draw: _address(draw.choice(WORDS["frequent"])),
        "middling": lambda draw: _address(draw.choice(WORDS["middling"])),
        "rare": lambda draw: _address(str(draw.randint(10_000, 99_999))),
    }
    return measure_growth("search", pages, as_json=as_json, beside=_say_database)


def _address(words: str) -> str:
    return f"/inbox/search?q={quote(words)}"


def _say_database(words: str) -> None:
    """The newest twenty hits as the database finds them: all its statements, without the page."""
    from rapport.conversations.searching import newest_ids
    from rapport.kernel.text.querying import search_query

    for name, questions in ASKED.items():
        took: list[float] = []
        for question in questions * TIMES:
            query = search_query(question)
            began = time.perf_counter()
            newest_ids(query, limit=20)
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        say(
            f"{words}, database alone, {name}: p50 {share_of(took, 0.5):g} ms, p95 {share_of(took, 0.95):g} ms"
        )
