from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.channels.breaking import break_channel
from rapport.channels.models import Channel, Delivery, MailboxCursor
from rapport.kernel.actors import Actor
from rapport.kernel.journal.models import Entry
from tests.cast import Cast
from tests.channels.sinks import Sink, smtp_sink
from tests.makers import make_channel, make_message

SECRET = "pa55-of-the-mailbox"


@pytest.fixture
def sink():
    with smtp_sink() as found:
        yield found


def mailbox(cast: Cast, sink: Sink | None = None, **more: str) -> dict[str, str]:
    """What a browser sends for a mailbox that only sends."""
    return {
        "name": "Support",
        "address": "support@maple.example",
        "brand": str(cast.brand.pk),
        "team": str(cast.support.pk),
        "password": SECRET,
        "imap_security": "tls",
        "start_from": "now",
        "after_fetch": "leave",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(sink.config["smtp_port"] if sink else 1),
        "smtp_security": "none",
        "auth": "password",
        "reply_tokens": "plus",
        "quotes_history": "on",
        "do": "keep",
    } | more


def test_a_mailbox_begins_with_its_address_and_likely_servers(ada: Client) -> None:
    assert b'name="address"' in ada.get("/settings/channels/new/email").content
    assert ada.get("/settings/channels/new/email?address=nonsense").status_code == 422
    page = ada.get("/settings/channels/new/email?address=help@gmail.com").content
    assert b'value="imap.gmail.com"' in page


def test_a_mailbox_that_works_is_kept_with_its_password_sealed(
    ada: Client, cast: Cast, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="rapport")
    answer = ada.post("/settings/channels/new/email", mailbox(cast, sink))
    assert answer.status_code == 302
    channel = Channel.objects.get(address="support@maple.example")
    assert channel.team == cast.support
    assert channel.secrets == {"password": SECRET}
    assert SECRET not in channel.sealed + str(channel.config)
    page = ada.get(answer["Location"]).content.decode()
    assert SECRET not in page + caplog.text
    assert "rapport channel receive email --to support@maple.example" in page
    assert f"/hooks/email/{channel.hook_secret}" in page


def test_a_mailbox_that_fails_says_the_step_and_is_not_kept(ada: Client, cast: Cast) -> None:
    page = ada.post("/settings/channels/new/email", mailbox(cast))
    words = page.content.decode()
    assert "This does not work yet" in words
    assert SECRET not in words
    assert 'value="support@maple.example"' in words
    assert not Channel.objects.filter(address="support@maple.example").exists()
    ada.post("/settings/channels/new/email", mailbox(cast, do="anyway"))
    assert Channel.objects.filter(address="support@maple.example").exists()


def test_trying_keeps_nothing(ada: Client, cast: Cast, sink: Sink) -> None:
    page = ada.post("/settings/channels/new/email", mailbox(cast, sink, do="check"))
    assert b"Everything works." in page.content
    assert not Channel.objects.filter(address="support@maple.example").exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"address": "nonsense"},
        {"name": ""},
        {"brand": "999999"},
        {"smtp_port": "70000"},
        {"imap_host": "127.0.0.1"},
        {"smtp_user": "desk", "password": ""},
        {"smtp_user": "desk", "auth": "xoauth2"},
        {"after_fetch": "move"},
        {"smtp_security": "magic"},
        {"address": "HELP@maple.example", "do": "anyway"},
    ],
)
def test_a_bad_mailbox_keeps_the_form(ada: Client, cast: Cast, bad: dict[str, str]) -> None:
    page = ada.post("/settings/channels/new/email", mailbox(cast, **bad))
    assert page.status_code == 422
    assert SECRET not in page.content.decode()
    assert not Channel.objects.filter(name="Support").exists()


def test_a_lost_password_is_mended_and_what_waited_goes_out(
    ada: Client, cast: Cast, sink: Sink
) -> None:
    message = make_message(cast.tent, direction="out", agent=cast.ben, text="Hello")
    Delivery.objects.create(message=message, channel=cast.mail)
    break_channel(cast.mail, by=Actor.system("sending"), error="535 bad password")
    path = f"/settings/channels/{cast.mail.pk}"
    page = ada.get(path).content.decode()
    assert "535 bad password" in page
    assert "Needs you" in ada.get("/settings/channels").content.decode()
    given = mailbox(cast, sink, name="Help", address="help@maple.example")
    assert ada.post(path, given).status_code == 302
    cast.mail.refresh_from_db()
    assert (cast.mail.state, cast.mail.error) == ("active", "")
    assert cast.mail.secrets["password"] == SECRET
    kinds = set(Entry.objects.filter(subject_kind="channel").values_list("kind", flat=True))
    assert {"channels.channel_changed", "channels.channel_repaired"} <= kinds
    assert SECRET not in str(list(Entry.objects.values_list("details", flat=True)))


def test_an_empty_password_keeps_the_known_one(ada: Client, cast: Cast, sink: Sink) -> None:
    ada.post("/settings/channels/new/email", mailbox(cast, sink))
    channel = Channel.objects.get(address="support@maple.example")
    path = f"/settings/channels/{channel.pk}"
    ada.post(path, mailbox(cast, sink, password="", name="Desk"))
    channel.refresh_from_db()
    assert (channel.name, channel.secrets) == ("Desk", {"password": SECRET})


def test_a_channel_rests_and_goes_on(ada: Client, cast: Cast) -> None:
    path = f"/settings/channels/{cast.mail.pk}/pause"
    for _twice in "ab":
        ada.post(path)
    cast.mail.refresh_from_db()
    assert cast.mail.state == "paused"
    assert b"Paused" in ada.get("/settings/channels").content
    ada.post(path, {"_method": "delete"})
    cast.mail.refresh_from_db()
    assert cast.mail.state == "active"
    kinds = (
        Entry.objects.filter(subject_kind="channel").order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == ["channels.channel_paused", "channels.channel_resumed"]


def test_a_webhook_shows_its_secrets_once(
    ada: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="rapport")
    given = {"name": "Shop orders", "brand": str(cast.brand.pk), "identify_by": "email"}
    page = ada.post("/settings/channels/new/webhook", given)
    assert page.status_code == 201
    words = page.content.decode()
    secret = re.search(r"whsec_[\w+/=]+", words)[0]
    token = re.search(r"rct_[\w-]+", words)[0]
    shop = Channel.objects.get(name="Shop orders")
    later = ada.get(f"/settings/channels/{shop.pk}").content.decode()
    assert f"/hooks/webhook/{shop.public_id}" in later
    for hidden in (secret, token, shop.hook_secret):
        assert hidden not in later + caplog.text


def test_a_new_secret_leaves_the_old_one_a_day(ada: Client, cast: Cast) -> None:
    given = {"name": "Shop orders", "brand": str(cast.brand.pk), "identify_by": "email"}
    ada.post("/settings/channels/new/webhook", given)
    shop = Channel.objects.get(name="Shop orders")
    before = shop.secrets
    page = ada.post(f"/settings/channels/{shop.pk}/secret", {"what": "signing"})
    shop.refresh_from_db()
    new, old = shop.secrets["signing"]
    assert new["secret"].replace("=", "") in page.content.decode().replace("=", "")
    assert old["secret"] == before["signing"][0]["secret"]
    assert old["until"]
    assert shop.secrets["token_hash"] == before["token_hash"]


def test_a_callback_into_the_own_network_is_refused(ada: Client, cast: Cast) -> None:
    given = {"name": "Inside", "brand": str(cast.brand.pk), "identify_by": "email"}
    given["callback_url"] = "http://169.254.169.254/latest/meta-data"
    page = ada.post("/settings/channels/new/webhook", given)
    assert page.status_code == 422
    assert not Channel.objects.filter(name="Inside").exists()


def test_a_hook_gets_another_address(ada: Client, cast: Cast) -> None:
    old = cast.mail.hook_secret
    ada.post(f"/settings/channels/{cast.mail.pk}/hook")
    cast.mail.refresh_from_db()
    assert cast.mail.hook_secret != old
    assert ada.post(f"/settings/channels/{cast.hook.pk}/hook").status_code == 404
    assert ada.post(f"/settings/channels/{cast.mail.pk}/secret").status_code == 404


def test_the_list_costs_the_same_for_two_and_for_twenty(ada: Client, cast: Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        ada.get("/settings/channels")
    for _ in range(18):
        channel = make_channel("email", brand=cast.brand, team=cast.support)
        MailboxCursor.objects.create(channel=channel, error="connection refused")
    with CaptureQueriesContext(connection) as many:
        ada.get("/settings/channels")
    assert len(many) == len(few)


def test_a_broken_secret_key_still_shows_the_page(ada: Client, cast: Cast) -> None:
    Channel.objects.filter(pk=cast.mail.pk).update(sealed="sealed-with-another-key")
    assert ada.get(f"/settings/channels/{cast.mail.pk}").status_code == 200


def test_who_checks_senders_is_proposed_until_somebody_has_said_it(ada: Client, cast: Cast) -> None:
    box = make_channel("email", config={"imap_host": "imap.gmail.com"}, brand=cast.brand)
    proposed = b'value="mx.google.com"'
    assert proposed in ada.get(f"/settings/channels/{box.pk}").content
    Channel.objects.filter(pk=box.pk).update(config={**box.config, "authserv_id": ""})
    assert proposed not in ada.get(f"/settings/channels/{box.pk}").content
    page = ada.get("/settings/channels/new/email?address=help@gmail.com").content
    assert proposed in page
