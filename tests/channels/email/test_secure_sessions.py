"""Sessions under TLS and by token."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from rapport.channels.contract import Outcome
from tests.channels.email.test_handing_over import hand
from tests.channels.sinks import smtp_sink


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_mail(
    security: str, certificate: Path
) -> None:
    given: Any = {security: context(certificate)}
    with smtp_sink(users={"desk": "x"}, **given) as sink:
        result = hand(sink, security=security, auth="password", user="desk", password="x")
    assert result.outcome is Outcome.MISCONFIGURED
    assert "certificate" in result.error
    assert (sink.logins, sink.mails) == (0, [])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_is_trusted_gets_it(
    security: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    given: Any = {security: context(certificate)}
    with smtp_sink(users={"desk": "x"}, **given) as sink:
        result = hand(sink, security=security, auth="password", user="desk", password="x")
    assert result.outcome is Outcome.ACCEPTED, result.error
    assert (sink.logins, len(sink.mails)) == (1, 1)


def test_an_in_house_server_may_be_trusted_unseen(certificate: Path) -> None:
    with smtp_sink(starttls=context(certificate)) as sink:
        result = hand(sink, security="starttls", is_verified=False)
    assert result.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("token", "outcome"), [("good", Outcome.ACCEPTED), ("old", Outcome.AUTH_INVALID)]
)
def test_a_token_signs_in_or_says_that_it_is_lost(token: str, outcome: Outcome) -> None:
    with smtp_sink(token="good") as sink:
        result = hand(sink, auth="xoauth2", user="desk", password=token)
    assert result.outcome is outcome, result.error
