"""How far a mail to many has come on its way to each of them, on the page."""

from __future__ import annotations

import pytest

from rapport.channels.models import Delivery
from tests.makers import make_message

pytestmark = pytest.mark.django_db

ELI = "eli@mail.example"


@pytest.fixture
def whole(cast):
    """A mail to Dora and Eli that Dora has."""
    to = [{"name": "", "address": address} for address in ("dora@mail.example", ELI)]
    ours = make_message(cast.tent, direction="out", agent=cast.ben, text="x", addresses={"to": to})
    return Delivery.objects.create(
        message=ours, channel=cast.mail, state="accepted", taken=["dora@mail.example"]
    )


def apart(whole: Delivery, state: str, error: str) -> Delivery:
    return Delivery.objects.create(
        message=whole.message, channel=whole.channel, only_to=ELI, state=state, error=error
    )


def thread(client, cast) -> str:
    return str(client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode())


def test_who_was_put_off_is_named_as_tried_again(cast, sign_in, whole) -> None:
    apart(whole, "queued", "450 4.2.0 greylisted")
    client = sign_in(cast.ben)
    assert f"{ELI}: trying again" in thread(client, cast)
    details = client.get(f"/inbox/messages/{whole.message_id}").content.decode()
    assert ELI in details
    assert "greylisted" in details


def test_who_was_refused_is_named_with_the_servers_words(cast, sign_in, whole) -> None:
    whole.refused = {ELI: "550 5.1.1 no such user"}
    whole.save()
    assert f"{ELI}: 550 5.1.1 no such user" in thread(sign_in(cast.ben), cast)


@pytest.mark.parametrize(("decision", "state"), [("arrived", "accepted"), ("again", "queued")])
def test_a_person_decides_about_one_recipient_alone(cast, sign_in, whole, decision, state) -> None:
    eli, client = apart(whole, "unknown", "the line broke"), sign_in(cast.ben)
    assert f'name="only_to" value="{ELI}"' in thread(client, cast)
    path = f"/inbox/messages/{whole.message_id}/delivery"
    client.post(path, {"decision": decision, "only_to": ELI})
    assert client.post(path, {"decision": "again", "only_to": "eve\x00@x"}).status_code == 404
    eli.refresh_from_db()
    whole.refresh_from_db()
    assert (eli.state, whole.state) == (state, "accepted")
