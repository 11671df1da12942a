"""Every pair of colours that words and signs are shown in, reckoned as WCAG does: both looks, both contrasts."""

from __future__ import annotations

import math
import re

import pytest

from rapport.web.kit.naming_files import OURS

CSS = OURS / "css"
TOKEN = re.compile(r"(--[\w-]+):\s*(.+?);")
COLOUR = re.compile(r"oklch\(([\d.]+)% ([\d.]+) (var\(--hue\)|[\d.]+)\)")
GROUNDS = ("ground", "surface", "raised", "sunken")
WASHES = ("accent-wash", "note", "good-wash", "warn-wash", "bad-wash", "mark")
#: What is written, and on which paper.
WORDS = [
    *((ink, paper) for ink in ("ink", "ink-soft", "ink-faint") for paper in GROUNDS),
    *((ink, paper) for ink in ("accent", "good", "warn", "bad") for paper in GROUNDS),
    *(("ink", wash) for wash in WASHES),
    *(("ink-soft", wash) for wash in WASHES if wash != "mark"),
    *((name, f"{name}-wash") for name in ("accent", "good", "warn", "bad")),
    ("note-ink", "note"), ("accent-ink", "accent"), ("accent-ink", "accent-strong"),
    ("accent-ink", "bad"), ("ground", "ink"),
]  # fmt: skip
SIGNS = [(sign, paper) for sign in ("edge", "accent") for paper in ("ground", "surface", "raised")]
LOOKS = [(look, contrast) for look in ("light", "dark") for contrast in ("normal", "high")]


def tokens_of(css: str) -> dict[str, str]:
    """Names and values of the first block."""
    return dict(TOKEN.findall(css[: css.index("}")]))


def luminance(tokens: dict[str, str], name: str, look: str, hue: float) -> float:
    """The relative luminance of a token's colour."""
    value = tokens[f"--{name}"]
    if other := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return luminance(tokens, other[1], look, hue)
    found = COLOUR.findall(value)
    light, chroma, turn = found[-1 if look == "dark" else 0]
    angle = math.radians(hue if "hue" in turn else float(turn))
    a, b, lightness = float(chroma) * math.cos(angle), float(chroma) * math.sin(angle), float(light)
    long, middle, short = (
        (lightness / 100 + one * a + other * b) ** 3
        for one, other in (
            (0.3963377774, 0.2158037573),
            (-0.1055613458, -0.0638541728),
            (-0.0894841775, -1.2914855480),
        )
    )
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    clipped = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), clipped, strict=True))


@pytest.mark.parametrize(("look", "contrast"), LOOKS)
@pytest.mark.parametrize("hue", [255, 25, 90, 145, 200, 320])
def test_words_and_signs_stand_out(look: str, contrast: str, hue: float) -> None:
    tokens = tokens_of((CSS / "tokens.css").read_text())
    words, signs = 4.5, 3.0
    if contrast == "high":
        tokens |= tokens_of((CSS / "contrast.css").read_text())
        words, signs = 7.0, 4.5
    faint = []
    for pairs, least in ((WORDS, words), (SIGNS, signs)):
        for ink, paper in pairs:
            one, other = (luminance(tokens, name, look, hue) for name in (ink, paper))
            ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
            if ratio < least:
                faint.append(f"{ink} on {paper}: {ratio:.2f}")
    assert faint == []


def test_the_system_and_the_profile_ask_for_the_same_high_contrast() -> None:
    chosen, by_system = (CSS / "contrast.css").read_text().split("@media")
    assert TOKEN.findall(chosen) == TOKEN.findall(by_system)
