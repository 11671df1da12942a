from __future__ import annotations

import hmac
import logging
import re
import struct
from base64 import b32decode
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from rapport.accounts.models import Agent
from rapport.kernel import clock
from tests.web.sign_in.conftest import PASSWORD

HERE = "/settings/profile/second-step/"


def code_of(secret: str, *, steps: int = 0) -> str:
    """The six digits of RFC 6238, made here and not by the library under test."""
    counter = struct.pack(">Q", int(clock.now().timestamp()) // 30 + steps)
    digest = hmac.digest(b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def secret(client: Client, ben: Agent) -> str:
    """The key of Ben's app, which he has just set up."""
    client.post("/sign-in/", {"login": ben.email, "password": PASSWORD})
    again = client.get(f"{HERE}app/")
    assert again["Location"].startswith("/sign-in/again/"), "the password is asked for once more"
    back = client.post(again["Location"], {"password": PASSWORD})
    assert back["Location"] == f"{HERE}app/"
    page = client.get(back["Location"]).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    found = re.search(r"<code>([A-Z2-7]{16,})</code>", page)[1]
    answer = client.post(f"{HERE}app/", {"code": code_of(found)})
    assert answer["Location"] == f"{HERE}codes/"
    return found


def test_after_the_password_a_code_of_the_app_is_asked_for(
    client: Client, ben: Agent, secret: str
) -> None:
    client.post("/sign-out/")
    first = client.post(
        "/sign-in/", {"login": ben.email, "password": PASSWORD, "next": "/inbox/all"}
    )
    assert first["Location"].startswith("/sign-in/second-step/")
    assert client.get("/inbox/all").status_code == 302, "half signed in is not signed in"
    wrong = client.post(first["Location"], {"code": "000000"})
    assert b"This code is wrong" in wrong.content
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=True):
        right = client.post(first["Location"], {"code": code_of(secret)})
        assert right["Location"] == "/inbox/all"
        assert client.get("/inbox/all").status_code == 200


def test_recovery_codes_are_shown_once_and_let_in_once(
    client: Client, ben: Agent, secret: str
) -> None:
    codes = re.findall(r"<code>(\d{8})</code>", client.get(f"{HERE}codes/").content.decode())
    assert len(codes) == 10
    later = client.get(f"{HERE}codes/").content.decode()
    assert codes[0] not in later
    for expected in (302, 200):
        client.post("/sign-out/")
        client.post("/sign-in/", {"login": ben.email, "password": PASSWORD})
        assert client.post("/sign-in/second-step/", {"code": codes[0]}).status_code == expected


def test_the_key_of_the_app_is_sealed_at_rest_and_in_no_log(
    client: Client, ben: Agent, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    caplog.set_level(logging.DEBUG, logger="rapport")
    secret = request.getfixturevalue("secret")
    kept = str(Authenticator.objects.get(user=ben, type="totp").data)
    assert secret not in kept
    assert secret not in client.get(HERE).content.decode()
    assert secret not in caplog.text
    assert PASSWORD not in caplog.text


def test_turning_the_second_step_off_is_one_question(
    client: Client, ben: Agent, secret: str
) -> None:
    assert client.post(f"{HERE}app/off/")["Location"] == HERE
    assert not Authenticator.objects.filter(user=ben, type="totp").exists()
    client.post("/sign-out/")
    assert client.post("/sign-in/", {"login": ben.email, "password": PASSWORD})["Location"] == "/"


def test_a_key_page_carries_the_question_for_the_browser(
    client: Client, ben: Agent, secret: str
) -> None:
    page = client.get(f"{HERE}keys/new/").content.decode()
    assert "creation_options" in page
    assert '<security-key class="script-only"' in page
    refused = client.post(f"{HERE}keys/new/", {"name": "Blue", "credential": '{"id": "x"}'})
    assert refused.status_code == 200
    assert not Authenticator.objects.filter(user=ben, type="webauthn").exists()
