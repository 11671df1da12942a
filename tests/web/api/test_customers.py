"""What a program may change of a customer, and what it may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.accounts.models import Agent, Role
from rapport.kernel.journal.models import Entry
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]


def patch(client: Client, number: int, body: Any) -> Any:
    path = f"/api/v1/customers/{number}"
    return client.generic("PATCH", path, json.dumps(body), content_type="application/json")


def news() -> list[dict[str, Any]]:
    found = Entry.objects.filter(kind="customers.customer_changed").order_by("id")
    return [entry.details for entry in found]


def test_what_is_given_changes_and_the_rest_stays(cast: Cast, program: Program) -> None:
    cast.dora.attributes = {"plan": "silver", "trial": True}
    cast.dora.save()
    name, body = cast.dora.name, {"attributes": {"plan": "gold", "trial": None, "n": [1, {}]}}
    answer = patch(program(cast.ben), cast.dora.pk, {"language": "cs", **body})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["name"], told["language"]) == (name, "cs")
    assert told["attributes"] == {"plan": "gold", "n": [1, {}]}
    changed = ["language", "attributes.n", "attributes.plan", "attributes.trial"]
    assert news() == [{"customer": cast.dora.pk, "changed": changed}]


def test_the_same_again_is_no_news(cast: Cast, program: Program) -> None:
    ben, body = program(cast.ben), {"name": "  Dora \n Z. ", "time_zone": "Europe/Warsaw"}
    for _ in range(2):
        assert patch(ben, cast.dora.pk, body).json()["name"] == "Dora Z."
    assert patch(ben, cast.dora.pk, {}).status_code == 200
    assert len(news()) == 1


def test_whom_one_may_not_see_one_does_not_change(cast: Cast, program: Program) -> None:
    assert patch(program(cast.cy), cast.dora.pk, {"name": "Mine"}).status_code == 404
    assert patch(program(cast.ben), 10**9, {"name": "Mine"}).status_code == 404
    assert news() == []


def test_it_needs_the_scope_and_a_role_that_works(cast: Cast, program: Program) -> None:
    reader = program(cast.ben, "customers:read")
    assert patch(reader, cast.dora.pk, {"name": "X"}).json()["code"] == "scope_missing"
    viewer = program(cast.ben)
    Agent.objects.filter(pk=cast.ben.pk).update(role=Role.VIEWER)
    assert patch(viewer, cast.dora.pk, {"name": "X"}).status_code == 403
    assert news() == []


def deep(levels: int) -> Any:
    return {"a": deep(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"name": None},
        {"language": "polski, chyba"},
        {"language": "p\ud800"},
        {"time_zone": "Europe/Lodz"},
        {"time_zone": "../../etc/passwd"},
        {"attributes": []},
        {"attributes": {"": 1}},
        {"attributes": {"k" * 101: 1}},
        {"attributes": {"a": "\x00"}},
        {"attributes": {"a": ["\udfff"]}},
        {"attributes": {"a": float("nan")}},
        {"attributes": {"a": 10**200}},
        {"attributes": {"a": deep(9)}},
        {"attributes": {"a": "x" * 20_000}},
        {"attributes": {f"a{n}": n for n in range(101)}},
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_changed(
    cast: Cast, program: Program, body: dict[str, Any]
) -> None:
    answer = patch(program(cast.ben), cast.dora.pk, {"language": "de", **body})
    assert answer.status_code == 422, answer.content
    (field,) = body
    assert answer.json()["errors"][0]["pointer"].startswith(f"/body/{field}")
    cast.dora.refresh_from_db()
    assert cast.dora.language != "de"
