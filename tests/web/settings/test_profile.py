from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast

FIELDS = {"name": "Ben Nowak", "language": "pl", "time_zone": "Europe/Warsaw", "theme": "dark"}


def test_ben_sets_his_name_language_zone_and_look(ben: Client, cast: Cast) -> None:
    answer = ben.post("/settings/profile", FIELDS)
    assert answer.status_code == 302
    cast.ben.refresh_from_db()
    assert {name: getattr(cast.ben, name) for name in FIELDS} == FIELDS
    assert ben.cookies["theme"].value == "dark"
    page = ben.get("/settings/profile")
    assert page["Content-Language"] == "pl"
    assert b'data-theme="dark"' in page.content


def test_nobody_makes_himself_an_admin(ben: Client, cast: Cast) -> None:
    ben.post("/settings/profile", FIELDS | {"role": "admin", "email": "ada@maple.example"})
    cast.ben.refresh_from_db()
    assert cast.ben.role == "agent"
    assert cast.ben.email == "ben@maple.example"


@pytest.mark.parametrize(
    "bad", [{"name": " "}, {"language": "tlh"}, {"time_zone": "Mars"}, {"theme": "x" * 99}]
)
def test_bad_input_keeps_the_form(ben: Client, cast: Cast, bad: dict[str, str]) -> None:
    page = ben.post("/settings/profile", FIELDS | bad)
    assert page.status_code == 422
    assert b'aria-invalid="true"' in page.content
    cast.ben.refresh_from_db()
    assert cast.ben.language == "en"
