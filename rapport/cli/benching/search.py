"""Search: the newest twenty hits of frequent, middling and rare words in four languages.

Eight readers at once over HTTP, the whole page with its highlighted hits, at 10,000 and 1,000,000 messages.
"""

from __future__ import annotations

from urllib.parse import quote

from rapport.cli.benching.growing import measure_growth

WORDS = {
    "frequent": ["parcel", "tent", "faktura", "退款", "发票", "jacket zip"],
    "middling": ["stove", "plecak pasek", "訂單 地址", "宽楦", "cartridge"],
}


def run(*, as_json: bool) -> int:
    """Measure and tell."""
    pages = {
        "frequent": lambda draw: _address(draw.choice(WORDS["frequent"])),
        "middling": lambda draw: _address(draw.choice(WORDS["middling"])),
        "rare": lambda draw: _address(str(draw.randint(10_000, 99_999))),
    }
    return measure_growth("search", pages, as_json=as_json)


def _address(words: str) -> str:
    return f"/inbox/search?q={quote(words)}"
