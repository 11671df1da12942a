"""Customers by programs: added, found by another address, tagged, traced, merged; each again is once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.customers.models import Customer, Visit
from rapport.customers.tracing_visits import MOST, trace_visit
from tests.cast import Cast
from tests.makers import make_conversation

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


def ask(client: Client, method: str, path: str, body: Any = None) -> Any:
    given = json.dumps(body) if body is not None else ""
    return client.generic(method, f"/api/v1/customers{path}", given, "application/json")


def test_somebody_is_added_once_by_a_lead(cast: Cast, program: Program) -> None:
    body = {"kind": "phone", "value": "+48 601 555 014", "name": "Fela", "language": "pl"}
    ada = program(cast.ada)
    made = ask(ada, "POST", "", body)
    again = ask(ada, "POST", "", {**body, "value": "0048601555014", "name": "X"})
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    assert made.json()["identities"][0]["value"] == "+48 601 555 014"
    assert ask(program(cast.ben), "POST", "", body).status_code == 403
    assert ask(program(cast.ada, "customers:read"), "POST", "", body).status_code == 403
    assert ask(ada, "POST", "", {**body, "value": "none"}).status_code == 409


def test_addresses_tags_and_notes_are_once_however_often(cast: Cast, program: Program) -> None:
    ben, here = program(cast.ben), f"/{cast.dora.pk}"
    for _ in range(2):
        given = {"kind": "email", "value": "Dora@work.example", "is_verified": True}
        assert ask(ben, "POST", f"{here}/identities", given).status_code == 200
        assert ask(ben, "POST", f"{here}/tags", {"name": "vip"}).status_code == 200
        assert ask(ben, "POST", f"{here}/notes", {"text": "Calls only"}).status_code == 201
    told = ask(ben, "GET", here).json()
    assert told["tags"] == ["vip"]
    assert [each["value"] for each in told["identities"]] == [
        "dora@poczta.example",
        "Dora@work.example",
    ]
    assert [n["text"] for n in ask(ben, "GET", f"{here}/notes").json()["items"]] == ["Calls only"]
    taken = ask(
        ben, "POST", f"{here}/identities", {"kind": "email", "value": "eli@xinxiang.example"}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "refused")
    number = told["identities"][1]["id"]
    for _ in range(2):
        assert ask(ben, "DELETE", f"{here}/identities/{number}").status_code == 200
        assert ask(ben, "DELETE", f"{here}/tags/VIP").json()["tags"] == []
    for path in ("identities", "tags", "notes", "trail", "merges"):
        assert ask(program(cast.cy), "POST", f"{here}/{path}", {}).status_code in (404, 422)


def test_a_visit_is_once_by_its_key_and_the_last_fifty_are_kept(
    cast: Cast, program: Program
) -> None:
    ben, here = program(cast.ben), f"/{cast.dora.pk}/trail"
    visit = {"kind": "article", "title": "Refunds", "url": "https://help.example/r", "key": "v-1"}
    for _ in range(2):
        assert ask(ben, "POST", here, visit).status_code == 201
    assert Visit.objects.count() == 1
    for number in range(MOST + 5):
        trace_visit(cast.dora, kind="page", title=f"Page {number}", by=cast.ben.actor)
    shown = ask(ben, "GET", here).json()["items"]
    assert len(shown) == MOST
    assert shown[0]["title"] == f"Page {MOST + 4}"
    for bad in ({"kind": "walk"}, {"title": ""}, {"url": "javascript:alert(1)"}):
        assert ask(ben, "POST", here, {**visit, "key": "", **bad}).status_code in (409, 422)


def test_the_pane_tells_the_trail(cast: Cast, client: Client) -> None:
    trace_visit(cast.dora, kind="search", title="zwrot <b>", by=cast.ben.actor)
    url = "https://help.example/r"
    trace_visit(cast.dora, kind="article", title="Refunds", url=url, by=cast.ben.actor)
    client.force_login(cast.ben, backend="rapport.web.sign_in.recognising.Recogniser")
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert page.index("zwrot &lt;b&gt;") < page.index(f'href="{url}"')


def test_two_are_merged_and_parted_by_a_program(cast: Cast, program: Program) -> None:
    make_conversation(cast.eli, team=cast.support)
    ben, here = program(cast.ben), f"/{cast.dora.pk}/merges"
    body: dict[str, Any] = {"source": cast.eli.pk, "take": ["name"]}
    assert ask(ben, "POST", here, body).status_code == 409
    merged = [ask(ben, "POST", here, {**body, "across_verified": True}) for _ in range(2)]
    assert [each.status_code for each in merged] == [200, 200]
    assert merged[0].json() == merged[1].json()
    assert merged[0].json()["customer"]["name"] == "林怡立"
    number = merged[0].json()["id"]
    assert ask(program(cast.cy), "DELETE", f"{here}/{number}").status_code == 404
    for _ in range(2):
        assert ask(ben, "DELETE", f"{here}/{number}").json()["id"] == cast.eli.pk
    assert Customer.objects.get(pk=cast.dora.pk).name == "Dora Zielińska"
