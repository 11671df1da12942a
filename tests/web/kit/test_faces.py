from __future__ import annotations

import pytest

from rapport.web.kit.faces import TURNS, face_of, initials


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("Ewa Łukasik", "EŁ"),
        ("Cy", "CY"),
        ("陳怡君", "君"),
        ("李伟", "伟"),
        ("山田 太郎", "田"),
        ("Jan Maria Rokita-Nowak", "JN"),
        ("dora.marsh@example.com", "DM"),
        ("x", "X"),
        ("", "?"),
        ("12345", "?"),
        ("<b>", "B"),
        ("ß", "SS"),
    ],
)
def test_initials_tell_a_person_from_the_next_in_every_script(name: str, signs: str) -> None:
    assert initials(name) == signs


def test_the_same_person_keeps_the_same_colour() -> None:
    assert face_of("Dora") == face_of("Dora")
    assert 0 <= face_of("Dora \ud800").turn < TURNS
