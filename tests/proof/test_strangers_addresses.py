"""A stranger asks for odd addresses, and nothing breaks: no address that he can spell is a fault of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db
UUID = "0" * 36
ADDRESSES = [
    "/anymail/mailgun/------------------------------------/inbound",
    f"/anymail/mailgun/{UUID}/inbound",
    f"/anymail/nobody/{UUID}/tracking",
    "/password/new/zzzzzzzzzzzzz-abc/",
    "/password/new/zzzzzzzzzzzzzz-abc/",
    "/password/new/1-set-password/",
    "/password/new/1-%00%00/",
    "/join/%00",
    "/setup/%00",
    "/join/" + "x" * 3000,
    "/inbox/conversations/C-99999999999999999999",
    "/inbox/messages/99999999999999999999",
    "/inbox/%00",
    "/sign-in/?next=%00",
    "/sign-in/?next=//evil.example/",
    "/static/%00",
    "/static/../../../../etc/passwd",
    "/api/v1/openapi.json?%00=%00",
    "/%00",
    "/%ff%fe",
    "/?%ff=%ff",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_no_address_of_a_stranger_breaks_anything(
    cast: Cast, client: Client, address: str, method: str
) -> None:
    client.raise_request_exception = False
    assert getattr(client, method)(address).status_code < 500
