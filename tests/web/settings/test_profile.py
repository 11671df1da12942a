from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast

FIELDS = {"name": "Ben Nowak", "language": "pl", "time_zone": "Europe/Warsaw"}
COMFORT = {
    "theme": "dark",
    "contrast": "high",
    "motion": "reduced",
    "density": "compact",
    "text_size": "large",
}


def test_ben_sets_his_name_language_and_zone(ben: Client, cast: Cast) -> None:
    answer = ben.post("/settings/profile", FIELDS)
    assert answer.status_code == 302
    cast.ben.refresh_from_db()
    assert {name: getattr(cast.ben, name) for name in FIELDS} == FIELDS
    page = ben.get("/settings/profile")
    assert page["Content-Language"] == "pl"


def test_what_is_comfortable_for_ben_stands_on_the_root_of_every_page(
    ben: Client, cast: Cast
) -> None:
    answer = ben.post("/settings/profile/comfort", COMFORT)
    assert answer.status_code == 302
    cast.ben.refresh_from_db()
    assert {name: getattr(cast.ben, name) for name in COMFORT} == COMFORT
    assert not cast.ben.has_single_keys
    root = ben.get("/inbox/open").content.split(b"<head>")[0].decode()
    for said in (
        'theme="dark"',
        'contrast="high"',
        'motion="reduced"',
        'density="compact"',
        'text="large"',
        'hotkeys="keyless"',
    ):
        assert f" data-{said}" in root
    ben.cookies.pop("rapport_session")
    assert b'data-contrast="high"' in ben.get("/sign-in/").content


def test_the_menu_changes_one_thing_and_leaves_the_rest(ben: Client, cast: Cast) -> None:
    ben.post("/settings/profile/comfort", COMFORT | {"has_single_keys": "on"})
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = ben.post("/settings/profile/comfort", {"theme": "light"}, headers=part)
    assert answer.status_code == 204
    cast.ben.refresh_from_db()
    assert (cast.ben.theme, cast.ben.contrast, cast.ben.density) == ("light", "high", "compact")
    assert cast.ben.has_single_keys


@pytest.mark.parametrize(
    "bad", [{"theme": "x" * 99}, {"contrast": '"><script>'}, {"text_size": ""}]
)
def test_bad_comfort_changes_nothing(ben: Client, cast: Cast, bad: dict[str, str]) -> None:
    page = ben.post("/settings/profile/comfort", COMFORT | bad)
    assert page.status_code == 422
    cast.ben.refresh_from_db()
    assert cast.ben.contrast == "auto"


def test_a_cookie_of_strange_words_says_nothing(client: Client, cast: Cast) -> None:
    client.cookies["comfort"] = 'dark.x"onload=alert(1).high'
    root = client.get("/sign-in/").content.split(b"<head>")[0].decode()
    assert "onload" not in root
    assert 'data-theme="dark" data-contrast="high"' in root


def test_nobody_makes_himself_an_admin(ben: Client, cast: Cast) -> None:
    ben.post("/settings/profile", FIELDS | {"role": "admin", "email": "ada@maple.example"})
    cast.ben.refresh_from_db()
    assert cast.ben.role == "agent"
    assert cast.ben.email == "ben@maple.example"


@pytest.mark.parametrize("bad", [{"name": " "}, {"language": "tlh"}, {"time_zone": "Mars"}])
def test_bad_input_keeps_the_form(ben: Client, cast: Cast, bad: dict[str, str]) -> None:
    page = ben.post("/settings/profile", FIELDS | bad)
    assert page.status_code == 422
    assert b'aria-invalid="true"' in page.content
    cast.ben.refresh_from_db()
    assert cast.ben.language == "en"
