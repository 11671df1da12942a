from __future__ import annotations

import pytest

from rapport.conversations.models import Draft, Message
from rapport.conversations.uploading import keep_upload
from tests.web.inbox.conftest import HTMX


def at(cast, place: str = "/draft") -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}{place}"


def form(**fields: object) -> dict[str, object]:
    return {"kind": "reply", "text": "Half", "client_key": "key-1", "device": "desk", **fields}


def test_a_draft_stands_in_the_composer_of_any_device_of_its_writer(cast, sign_in) -> None:
    saved = sign_in(cast.ben).post(at(cast), form(reply_to="eve@lab.example"), headers=HTMX)
    page = sign_in(cast.ben).get(at(cast, "")).content.decode()
    assert saved.json()["version"] in page
    assert ">\nHalf</textarea>" in page
    assert 'value="key-1"' in page
    assert 'value="eve@lab.example"' in page


def test_nobody_else_reads_a_draft_not_even_ada(cast, sign_in) -> None:
    sign_in(cast.ben).post(at(cast), form(text="quiet szept"), headers=HTMX)
    for agent in (cast.ada, cast.cy, cast.zoe):
        client = sign_in(agent)
        for place in ("", "/draft", "/draft?draft=reply", "?draft=reply"):
            page = client.get(at(cast, place), headers=HTMX).content.decode()
            assert "quiet szept" not in page
        client.post(at(cast), form(_method="delete"))
        client.post(at(cast), form(text="overwritten"), headers=HTMX)
    assert Draft.objects.get(agent=cast.ben).text == "quiet szept"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_second_device_sees_what_the_first_wrote_before_it_overwrites(
    cast, sign_in, headers
) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(), headers=HTMX)
    answer = client.post(at(cast), form(text="Phone", device="phone"), headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "on another device" in page
    assert "<p>Half</p>" in page
    assert Draft.objects.get().version in page


def test_a_device_that_was_left_behind_does_not_send_old_words(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(text="Old"), headers=HTMX)
    old = Draft.objects.get().version
    client.post(at(cast), form(text="Newer", device="phone", version=old), headers=HTMX)
    sent = form(text="Old", version=old, seen=cast.tent.last_message_id)
    page = client.post(at(cast, "/messages"), sent).content.decode()
    assert "<p>Newer</p>" in page
    assert not Message.objects.filter(text="Old").exists()


def test_words_that_were_sent_do_not_come_back(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(), headers=HTMX)
    sent = form(version=Draft.objects.get().version, seen=cast.tent.last_message_id)
    client.post(at(cast, "/messages"), sent)
    assert client.post(at(cast), form(text="Half a"), headers=HTMX).status_code == 409
    assert not Draft.objects.exists()
    assert "Half a<" not in client.get(at(cast, "")).content.decode()


def test_a_draft_without_scripts_is_kept_with_its_files(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    bill = keep_upload(b"bill", name="bill.txt", content_type="text/plain", by=cast.ben.actor)
    assert client.post(at(cast), form(upload=bill.pk)).status_code == 302
    page = client.get(at(cast, "")).content.decode()
    assert "bill.txt" in page
    assert "Kept as a draft" in page


def test_each_kind_has_its_own_draft_and_its_own_link(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(), headers=HTMX)
    note = form(kind="note", text="Among us", client_key="key-2")
    client.post(at(cast), note, headers=HTMX)
    assert ">\nAmong us</textarea>" in client.get(at(cast, "")).content.decode()
    part = client.get(at(cast, "/draft?draft=reply"), headers=HTMX).content.decode()
    assert ">\nHalf</textarea>" in part
    assert client.get(at(cast, "/draft?draft=reply")).status_code == 302
    assert ">\nHalf</textarea>" in client.get(at(cast, "?draft=reply")).content.decode()


def test_what_was_thrown_away_can_be_taken_back(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(), headers=HTMX)
    part = client.post(at(cast), form(_method="delete"), headers=HTMX).content.decode()
    assert not Draft.objects.exists()
    assert 'name="back" value="1"' in part
    part = client.post(at(cast), {**form(), "back": "1", "client_key": ""}, headers=HTMX)
    assert ">\nHalf</textarea>" in part.content.decode()
    assert Draft.objects.get().text == "Half"


def test_what_cannot_be_kept_says_so(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    answer = client.post(at(cast), form(text="x" * 200_001), headers=HTMX)
    assert answer.status_code == 422
    assert "too long" in answer.json()["error"]
    assert client.post(at(cast), form(text="x" * 200_001)).status_code == 409
