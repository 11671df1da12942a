"""A session is known by a key that we made, whatever a cookie spells."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db
NUL = "\\000" * 32
KEYS = [
    f'"{NUL}"',
    '"' + "\\377" * 32 + '"',
    "x" * 4000,
    "short",
    "A" * 32,
    "' OR 1=1 --aaaaaaaaaaaaa",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_nobody_made_is_nobody(client: Client, key: str) -> None:
    stranger = {"cookie": f"rapport_session={key}; theme={key}; messages={key}"}
    answer = client.get("/inbox/all", headers=stranger)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")
    assert client.get("/sign-in/", headers=stranger).status_code == 200
    assert client.get("/api/v1/conversations", headers=stranger).status_code == 401


def test_a_key_that_we_made_is_known(cast: Cast, client: Client) -> None:
    client.force_login(cast.ben)
    assert client.get("/inbox/all").status_code == 200
