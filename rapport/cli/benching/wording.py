"""Wording: what the mails of a bench say, thousands of different texts.

The words are those of the demo's English stories, drawn by lot, as often as they occur there. A text that is
always the same costs neither the making of its search words nor their index what mail costs.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache

from rapport.cli.demonstrating.telling import FOLDER

TEXTS = 5_000
SENTENCES, WORDS = 4, 9


def text_of(number: int) -> str:
    """The text of a mail: the same for the same number, one of `TEXTS`."""
    return _texts()[number % TEXTS]


@lru_cache(maxsize=1)
def _texts() -> list[str]:
    stories = (FOLDER / "en.txt").read_text(encoding="utf-8")
    words = re.findall(r"[^\W\d_]{2,}", stories)
    draw = random.Random(5)  # noqa: S311 - a lot, no secret
    return [
        " ".join(" ".join(draw.choices(words, k=WORDS)) + "." for _ in range(SENTENCES))
        for _ in range(TEXTS)
    ]
