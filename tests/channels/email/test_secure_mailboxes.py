"""Mailboxes under TLS and by token, with a real Dovecot and a provider that gives out tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rapport.channels.delivering import deliver
from rapport.channels.email.keeping_sessions import end_idle_sessions
from rapport.channels.email.setting_up import check_credentials, is_fine
from rapport.channels.models import Channel, ChannelState, Delivery, DeliveryState, MailboxCursor
from rapport.kernel.config import config
from rapport.kernel.secrets import seal
from tests.channels.conftest import Send
from tests.channels.email.dovecot import Dovecot, Mailbox, running_dovecot, write_mails
from tests.channels.email.providers import Provider, running_provider
from tests.channels.email.test_fetching import eventually, numbers, polling
from tests.channels.sinks import smtp_sink

Make = Callable[..., Channel]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("RAPPORT_NET_ALLOW", "127.0.0.1")
    config.cache_clear()
    with running_provider() as running:
        yield running
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def secure(certificate: Path, provider: Provider) -> Iterator[Dovecot]:
    url = f"{provider.url}/introspect"
    with running_dovecot(certificate=certificate, introspection_url=url) as server:
        yield server


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def settings_of(server: Dovecot, security: str, **more: Any) -> dict[str, Any]:
    port = server.tls_port if security == "tls" else server.port
    mailbox = Mailbox(server.folder, port)
    return {**mailbox.config, "imap_security": security, "poll_seconds": 1, **more}


def fill(server: Dovecot, count: int, *, start: int = 0) -> None:
    Mailbox(server.folder, server.port).fill(write_mails(count, start=start))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_trusted_server_is_read_under_tls(
    security: str, secure: Dovecot, trusted: None, make_channel: Make
) -> None:
    fill(secure, 3)
    settings = settings_of(secure, security)
    assert is_fine(check_credentials(settings, {"password": "secret"}))
    make_channel(**settings)
    with polling():
        eventually(lambda: numbers() == [0, 1, 2])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_is_told_by_name_and_loses_nothing(
    security: str,
    secure: Dovecot,
    make_channel: Make,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(secure, 2)
    channel = make_channel(**settings_of(secure, security))
    [step] = check_credentials(channel.config, {"password": "secret"})
    assert not step.is_ok
    assert "certificate" in step.words
    with polling():
        eventually(lambda: MailboxCursor.objects.filter(error__startswith="certificate: ").exists())
        assert numbers() == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        eventually(lambda: numbers() == [0, 1])
        eventually(lambda: MailboxCursor.objects.get().error == "")


def test_a_token_opens_the_mailbox_and_sends(
    secure: Dovecot, trusted: None, provider: Provider, make_channel: Make
) -> None:
    fill(secure, 2)
    channel = make_channel(**settings_of(secure, "tls", auth="xoauth2"))
    Channel.objects.filter(pk=channel.pk).update(sealed=seal(provider.secrets))
    with polling():
        eventually(lambda: numbers() == [0, 1])
    assert provider.made == 1


def test_a_token_that_is_taken_back_is_fetched_anew(
    secure: Dovecot, trusted: None, provider: Provider, make_channel: Make
) -> None:
    fill(secure, 1)
    channel = make_channel(**settings_of(secure, "tls", auth="xoauth2"))
    old = {"access_token": "taken-back", "access_token_ends": "2090-01-01T00:00:00+00:00"}
    Channel.objects.filter(pk=channel.pk).update(sealed=seal({**provider.secrets, **old}))
    with polling():
        eventually(lambda: numbers() == [0])
    assert provider.made == 1


def test_a_grant_that_is_lost_is_told_and_nothing_is_lost_with_it(
    secure: Dovecot, trusted: None, provider: Provider, make_channel: Make
) -> None:
    fill(secure, 2)
    channel = make_channel(**settings_of(secure, "tls", auth="xoauth2"))
    Channel.objects.filter(pk=channel.pk).update(sealed=seal(provider.secrets))
    provider.grant = ""
    with polling():
        eventually(
            lambda: MailboxCursor.objects.filter(
                error="sign_in_lost: Token has been revoked."
            ).exists()
        )
        provider.grant = "another"
        Channel.objects.filter(pk=channel.pk).update(sealed=seal(provider.secrets))
        eventually(lambda: numbers() == [0, 1])


def after(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return str(delivery.state)


def test_sending_by_token_fetches_another_once_and_then_asks_for_help(
    provider: Provider, send: Send, channel: Channel
) -> None:
    with smtp_sink(token="token-1") as sink:
        old = {"access_token": "old", "access_token_ends": "2090-01-01T00:00:00+00:00"}
        given = {**sink.config, "smtp_user": "desk", "auth": "xoauth2"}
        Channel.objects.filter(pk=channel.pk).update(
            config=given, sealed=seal({**provider.secrets, **old})
        )
        first = send()
        deliver(first.pk)
        assert (after(first), first.error[:9]) == (DeliveryState.QUEUED, "no_token:")
        Delivery.objects.update(due_at=first.created_at)
        deliver(first.pk)
        assert after(first) == DeliveryState.ACCEPTED
        end_idle_sessions()
        sink.token = "another"
        second = send()
        deliver(second.pk)
        channel.refresh_from_db()
    assert (after(second), channel.state) == (DeliveryState.QUEUED, ChannelState.BROKEN)
