from __future__ import annotations

import pytest
from django.test import Client

from rapport.accounts.models import Brand, Team
from tests.cast import Cast

COMPANY = {
    "name": "Maple",
    "language": "pl",
    "time_zone": "Asia/Taipei",
    "reopen_days": "7",
    "keep_raw_days": "",
}


def test_the_company_is_changed(ada: Client, cast: Cast) -> None:
    assert ada.post("/settings/company", COMPANY).status_code == 302
    cast.company.refresh_from_db()
    assert (cast.company.name, cast.company.reopen_days) == ("Maple", 7)
    assert cast.company.keep_raw_days is None


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"reopen_days": "-1"}, {"keep_raw_days": "0"}, {"reopen_days": "x"}]
)
def test_a_bad_company_keeps_the_form(ada: Client, cast: Cast, bad: dict[str, str]) -> None:
    assert ada.post("/settings/company", COMPANY | bad).status_code == 422
    cast.company.refresh_from_db()
    assert cast.company.name == "Maple Outdoors"


def test_a_team_is_made_filled_and_emptied(ada: Client, cast: Cast) -> None:
    ada.post("/settings/teams", {"name": "Repairs", "agents": [cast.ben.pk, cast.cy.pk]})
    repairs = Team.objects.get(name="Repairs")
    assert set(repairs.agents.all()) == {cast.ben, cast.cy}
    ada.post(f"/settings/teams/{repairs.pk}", {"name": "Repair", "agents": [cast.cy.pk]})
    assert list(repairs.agents.all()) == [cast.cy]


def test_names_that_are_taken_keep_the_form(ada: Client, cast: Cast) -> None:
    page = ada.post("/settings/teams", {"name": "support", "agents": [cast.ben.pk]})
    assert page.status_code == 422
    assert b"This name is taken." in page.content
    brand = {"name": "MAPLE outdoors", "hue": "10", "language": "en", "signature": ""}
    assert ada.post("/settings/brands", brand).status_code == 422


def test_a_brand_is_made_and_changed(ada: Client) -> None:
    given = {"name": "Birch", "hue": "140", "language": "pl", "signature": "Birch, Łódź"}
    ada.post("/settings/brands", given)
    birch = Brand.objects.get(name="Birch")
    assert 'fill="oklch(58% 0.16 140)"' in ada.get(f"/settings/brands/{birch.pk}").content.decode()
    ada.post(f"/settings/brands/{birch.pk}", given | {"hue": "359"})
    birch.refresh_from_db()
    assert (birch.hue, birch.signature) == (359, "Birch, Łódź")
    assert ada.post(f"/settings/brands/{birch.pk}", given | {"hue": "400"}).status_code == 422


@pytest.mark.parametrize("path", ["teams", "tokens"])
def test_empty_lists_say_what_will_stand_there(ada: Client, path: str) -> None:
    Team.objects.all().delete()
    assert b'class="empty"' in ada.get(f"/settings/{path}").content
