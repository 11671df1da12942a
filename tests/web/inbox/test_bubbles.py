"""Bubbles: what is drawn once, and what is not kept."""

from __future__ import annotations

import pytest

from rapport.kernel import clock
from rapport.web.inbox import bodies, bubbles
from rapport.web.inbox.reading import read_one
from tests.cast import Cast
from tests.makers import make_inbound, make_message


@pytest.mark.parametrize("words", [10, 10_000])
def test_a_short_message_is_drawn_once_and_a_long_one_is_not_kept(cast: Cast, words: int) -> None:
    told = [
        read_one(make_inbound(cast.tent, text="boots " * words)),
        read_one(make_message(cast.tent, direction="out", text="tents " * words)),
    ]
    before = asked()
    reader = bubbles.reader_at(clock.now())
    for spoken in told:
        assert bubbles.draw(spoken, reader=reader) == bubbles.draw(spoken, reader=reader)
    kept = [now - then for now, then in zip(asked(), before, strict=True)]
    assert kept == ([4, 1] if words == 10 else [0, 0])


def asked() -> list[int]:
    """How often the drawings and the Markdown that are kept were asked for."""
    infos = (kept.cache_info() for kept in (bubbles._draw, bodies._rendered))
    return [info.hits + info.misses for info in infos]
