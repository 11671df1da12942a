from __future__ import annotations

from django.test import Client

from rapport.channels.models import Delivery, Envelope, MailboxCursor
from rapport.conversations.noting import write_note
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.models import Cursor, Entry, Stumble
from rapport.kernel.journal.rereading import AGAIN
from tests.cast import Cast
from tests.makers import make_message


def test_health_names_what_needs_somebody(ada: Client, cast: Cast) -> None:
    Envelope.objects.create(channel=cast.mail, event_id="x", raw=b"x", state="parked")
    MailboxCursor.objects.create(channel=cast.mail, error="connection refused")
    message = make_message(cast.tent, direction="out", agent=cast.ben, text="Hello")
    Delivery.objects.create(
        message=message, channel=cast.mail, state="failed", error="550 no such user"
    )
    page = ada.get("/settings/health").content.decode()
    assert "1 arrival is parked" in page
    assert 'href="/inbox/parked"' in page
    assert "connection refused" in page
    assert "550 no such user" in page
    assert "No worker is running" in page


def test_a_healthy_desk_says_so(ada: Client) -> None:
    page = ada.get("/settings/health").content.decode()
    assert "Nothing is parked." in page
    assert "No arrival waits." in page


def test_a_follower_that_stumbled_reads_again_from_the_start(ada: Client) -> None:
    name = sorted(FOLLOWERS)[0]
    Cursor.objects.create(name=name, entry=5, xid=5, era=1, failures=2, error="KeyError: 'x'")
    Stumble.objects.create(follower=name, entry_id=4, error="KeyError: 'x'")
    page = ada.get("/settings/health").content.decode()
    assert "1 entry set aside" in page
    assert ada.post(f"/settings/health/followers/{name}").status_code == 302
    cursor = Cursor.objects.get(name=name)
    assert (cursor.failures, cursor.error) == (0, "")
    assert not Stumble.objects.exists()
    for method in (ada.get, ada.post):
        assert method("/settings/health/followers/nobody").status_code == 404


def test_who_reads_again_shows_how_far_and_a_second_click_begins_nothing(
    ada: Client, cast: Cast
) -> None:
    for words in ("one", "two"):
        write_note(cast.tent, by=cast.ben.actor, text=words)
    address = "/settings/health/followers/conversations.search"
    ada.post(address)
    going = Cursor.objects.get(name=f"conversations.search{AGAIN}")
    last = Entry.objects.latest("pk")
    Cursor.objects.filter(pk=going.pk).update(entry=last.pk // 2)
    part = ada.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "reads everything again: " in part
    assert "Read again</button>" not in part
    page = ada.post(address, follow=True).content.decode()
    assert "is reading everything again already" in page
    assert Cursor.objects.get(pk=going.pk).entry == last.pk // 2
    Cursor.objects.filter(pk=going.pk).delete()
    assert "every 2s" not in ada.get(address, headers={"HX-Request": "true"}).content.decode()
    assert ada.get(address).status_code == 302


def test_only_admins_let_a_follower_read_again(cast: Cast, client: Client) -> None:
    address = "/settings/health/followers/conversations.search"
    assert client.post(address).status_code == 302  # to the door
    client.force_login(cast.ben)
    for method in (client.get, client.post):
        assert method(address).status_code == 403
    assert not Cursor.objects.filter(name__endswith=AGAIN).exists()
