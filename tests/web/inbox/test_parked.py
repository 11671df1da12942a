from __future__ import annotations

import pytest

from rapport.channels.models import Envelope

RAW = b"Subject: \xff\xfe\r\n\r\n<script>alert(1)</script>"


@pytest.fixture
def parked(cast) -> list[Envelope]:
    return [
        Envelope.objects.create(
            channel=cast.mail, event_id=f"e{n}", raw=RAW, state="parked", error="<b>broken</b>"
        )
        for n in range(3)
    ]


def test_a_lead_sees_what_is_parked_and_why(cast, sign_in, parked) -> None:
    page = sign_in(cast.ada).get("/inbox/parked").content.decode()
    assert page.count("&lt;b&gt;broken") == 3
    one = sign_in(cast.ada).get(f"/inbox/parked/{parked[0].pk}").content.decode()
    assert "&lt;script&gt;" in one
    assert "<script>alert" not in one


def test_the_bytes_come_whole(cast, sign_in, parked) -> None:
    download = sign_in(cast.ada).get(f"/inbox/parked/{parked[0].pk}?download=1")
    assert download.content == RAW


def test_one_and_all_are_tried_again(cast, sign_in, parked) -> None:
    client = sign_in(cast.ada)
    client.post(f"/inbox/parked/{parked[0].pk}")
    assert Envelope.objects.filter(state="parked").count() == 2
    client.post("/inbox/parked")
    assert not Envelope.objects.filter(state="parked").exists()
    assert "Nothing is parked" in client.get("/inbox/parked").content.decode()


def test_who_does_not_see_every_conversation_sees_no_raw_mail(cast, sign_in, parked) -> None:
    for agent in (cast.ben, cast.cy, cast.zoe):
        client = sign_in(agent)
        for path in ("/inbox/parked", f"/inbox/parked/{parked[0].pk}"):
            assert client.get(path).status_code == 403
            assert client.post(path).status_code == 403
    assert Envelope.objects.filter(state="parked").count() == 3
