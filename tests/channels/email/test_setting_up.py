"""A mailbox is checked before it is used, and every wrong setting is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from rapport.channels.delivering import deliver
from rapport.channels.email.filing import file_sent_copy
from rapport.channels.email.setting_up import check_credentials, guess_config, is_fine
from rapport.channels.email.signing_in import SignInLater, SignInLost, secrets_of
from rapport.channels.models import Channel, Delivery
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.secrets import seal
from tests.channels.conftest import Send
from tests.channels.email.dovecot import Dovecot, Mailbox, dovecot, mailbox
from tests.channels.sinks import Sink, smtp_sink

__all__ = ["dovecot", "mailbox"]


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("help@gmail.com", "imap.gmail.com", "smtp.gmail.com"),
        ("help@acme.onmicrosoft.com", "outlook.office365.com", "smtp.office365.com"),
        ("help@wp.pl", "imap.wp.pl", "smtp.wp.pl"),
        ("help@shop.example", "imap.shop.example", "smtp.shop.example"),
    ],
)
def test_the_servers_are_guessed_from_the_address(address: str, imap: str, smtp: str) -> None:
    guessed = guess_config(address)
    assert (guessed["imap_host"], guessed["smtp_host"]) == (imap, smtp)


def test_a_mailbox_that_works_says_so_at_every_step(mailbox: Mailbox) -> None:
    with smtp_sink(users={"desk": "secret"}) as sink:
        given = {**mailbox.config, **sink.config, "smtp_user": "desk"}
        steps = check_credentials(given, {"password": "secret"})
    assert is_fine(steps)
    assert len(steps) == 4
    assert sink.mails == []


def test_each_side_names_its_own_fault(mailbox: Mailbox) -> None:
    with smtp_sink(users={"desk": "right"}) as sink:
        given = {**mailbox.config, **sink.config, "smtp_user": "desk"}
        steps = check_credentials(given, {"imap_password": "wrong", "smtp_password": "wrong"})
    assert [step.is_ok for step in steps] == [True, False, False]
    assert "535" in steps[2].words


def test_a_folder_that_is_not_there_is_named(mailbox: Mailbox) -> None:
    steps = check_credentials({**mailbox.config, "imap_folder": "Nowhere"}, {"password": "secret"})
    assert [step.is_ok for step in steps] == [True, True, False]
    assert "Nowhere" in steps[2].name


def test_a_server_that_is_not_there_and_settings_that_are_none() -> None:
    nobody = {"imap_host": "127.0.0.1", "imap_port": 1, "imap_security": "none", "timeout": 2}
    assert "127.0.0.1:1" in check_credentials(nobody, {})[0].words
    assert "smtp_port" in check_credentials({"smtp_port": "many"}, {})[0].words
    assert not is_fine(check_credentials({}, {}))


def test_p07_a_copy_of_what_was_sent_is_filed_once_and_its_failing_resends_nothing(
    send: Send, sink: Sink, channel: Channel, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    settings = {**sink.config, **mailbox.config, "sent_folder": "Sent"}
    Channel.objects.filter(pk=channel.pk).update(config=settings)
    delivery = send()
    deliver(delivery.pk)
    accepted = Delivery.objects.get(pk=delivery.pk)
    dovecot.stop()
    with pytest.raises(OSError):
        file_sent_copy(accepted)
    dovecot.start()
    assert file_sent_copy(accepted)
    assert not file_sent_copy(accepted)
    with mailbox.open("Sent") as session:
        copies = [mail.headers["message-id"] for mail in session.fetch(mark_seen=False)]
    assert copies == [(f"<{accepted.external_id}>",)]
    assert (accepted.state, len(sink.mails)) == ("accepted", 1)


class Tokens(BaseHTTPRequestHandler):
    """A provider's token endpoint."""

    answers: list[tuple[int, dict[str, Any]]]
    asked: list[dict[str, list[str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.asked.append(parse_qs(body))
        status, answer = self.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Tokens]]:
    Tokens.answers, Tokens.asked = [], []
    monkeypatch.setenv("RAPPORT_NET_ALLOW", "127.0.0.1")
    config.cache_clear()
    server = HTTPServer(("127.0.0.1", 0), Tokens)
    Tokens.port = server.server_address[1]  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Tokens
    server.shutdown()
    thread.join()
    server.server_close()
    monkeypatch.undo()
    config.cache_clear()


def connect(make_channel: Callable[..., Channel], tokens: Any, **more: Any) -> Channel:
    channel = make_channel(auth="xoauth2")
    channel.sealed = seal(
        {
            "refresh_token": "keep",
            "client_id": "us",
            "token_url": f"http://127.0.0.1:{tokens.port}/token",
            **more,
        }
    )
    channel.save()
    return channel


def test_a_token_is_fetched_kept_and_fetched_again_before_it_ends(
    make_channel: Callable[..., Channel], tokens: type[Tokens]
) -> None:
    ends = (clock.now() + timedelta(minutes=4)).isoformat()
    channel = connect(make_channel, tokens, access_token="old", access_token_ends=ends)
    tokens.answers = [(200, {"access_token": "new", "expires_in": 3600, "refresh_token": "next"})]
    assert secrets_of(channel)["access_token"] == "new"
    again = secrets_of(Channel.objects.get(pk=channel.pk))
    assert (again["access_token"], again["refresh_token"]) == ("new", "next")
    assert [asked["refresh_token"] for asked in tokens.asked] == [["keep"]]


def test_a_lost_grant_is_told_from_a_provider_that_is_away(
    make_channel: Callable[..., Channel], tokens: type[Tokens]
) -> None:
    channel = connect(make_channel, tokens)
    tokens.answers = [(503, {}), (400, {"error": "invalid_grant", "error_description": "revoked"})]
    with pytest.raises(SignInLater):
        secrets_of(channel)
    with pytest.raises(SignInLost, match="revoked"):
        secrets_of(channel)
