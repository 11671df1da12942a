from __future__ import annotations

from django.test import Client

from rapport.channels.models import Delivery, Envelope, MailboxCursor
from rapport.kernel.journal.following import FOLLOWERS
from rapport.kernel.journal.models import Cursor, Stumble
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
    assert (cursor.entry, cursor.error) == (0, "")
    assert not Stumble.objects.exists()
    assert ada.post("/settings/health/followers/nobody").status_code == 404
