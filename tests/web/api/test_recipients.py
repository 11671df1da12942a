"""A program reads how far a mail to many has come on its way to each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.channels.models import Delivery
from tests.cast import Cast
from tests.makers import make_message

pytestmark = pytest.mark.django_db


def test_each_recipient_has_a_state_of_its_own(cast: Cast, program: Callable[..., Client]) -> None:
    dora, eli, kim = "dora@mail.example", "Eli@mail.example", "kim@mail.example"
    heads = {"to": [{"name": "", "address": dora}], "cc": [{"address": eli}, {"address": kim}]}
    message = make_message(cast.tent, direction="out", agent=cast.ben, text="x", addresses=heads)
    whole = Delivery.objects.create(
        message=message,
        channel=cast.mail,
        state="accepted",
        taken=[dora],
        refused={kim: "550 no such user"},
    )
    Delivery.objects.create(
        message=message,
        channel=cast.mail,
        only_to=eli.lower(),
        state="queued",
        error="450 greylisted",
    )
    read = program(cast.ben).get(f"/api/v1/messages/{message.pk}").json()
    assert read["delivery"] == whole.state
    assert read["recipients"] == [
        {"address": dora, "state": "accepted", "error": ""},
        {"address": eli, "state": "queued", "error": "450 greylisted"},
        {"address": kim, "state": "failed", "error": "550 no such user"},
    ]
