"""Whoever cannot sign in any more is let in again from the operator's machine."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.makers import make_agent

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_link_opens_a_page_for_a_new_password(process, client: Client):
    ada = make_agent("Ada", role="admin")
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    told = process("password-link", "ADA@maple.example", "--without-second-step")
    assert told.code == 0, told.err
    path = "/" + told.out.strip().split("/", 3)[3]
    assert client.get(path, follow=True).context["form"].fields["password1"]
    assert not Authenticator.objects.exists()


def test_an_address_that_nobody_has_is_named(process):
    told = process("password-link", "nobody@maple.example")
    assert told.code == 1
    assert "nobody signs in by nobody@maple.example" in told.err
