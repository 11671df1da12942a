"""A real browser with a key of its own: the ceremony needs one. Its name is localhost, as keys know no numbers."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from rapport.accounts.models import Company
from tests.browser import LiveDesk
from tests.makers import make_agent
from tests.web.sign_in.conftest import PASSWORD


@pytest.fixture
def keyed_page(browser: Any, live_desk: LiveDesk):
    """A visitor who has a security key in the port."""
    context = browser.new_context(base_url=live_desk.url.replace("127.0.0.1", "localhost"))
    context.set_default_timeout(60_000)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    key |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    yield page
    context.close()


def test_a_security_key_is_added_and_lets_in(keyed_page: Any) -> None:
    Company.objects.create(name="Maple Outdoors")
    ben = make_agent("Ben", role="admin", password=None)
    type(ben).objects.filter(pk=ben.pk).update(password=make_password(PASSWORD))
    page = keyed_page
    _sign_in(page, ben.email)
    page.goto("/settings/profile/second-step/keys/new/")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.fill("[name=name]", "Blue key")
    page.click("[data-asks]")
    page.wait_for_url("**/second-step/codes/")
    assert Authenticator.objects.filter(user=ben, type="webauthn").exists()
    page.goto("/sign-out/")
    page.click("main button")
    _sign_in(page, ben.email)
    page.wait_for_url("**/sign-in/second-step/**")
    page.click("[data-asks]")
    page.wait_for_url("**/inbox/**")


def _sign_in(page: Any, email: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
