from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.channels.models import Delivery
from rapport.conversations.models import Attachment, Conversation, Message, State
from rapport.conversations.uploading import keep_upload
from rapport.web.inbox.composing import addresses_in, people
from tests.makers import make_inbound
from tests.web.inbox.conftest import HTMX


def at(cast) -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}/messages"


def form(cast, **fields: object) -> dict[str, object]:
    plain = {"kind": "reply", "text": "Dziękuję!", "client_key": "key-1"}
    return {**plain, "seen": cast.tent.last_message_id, **fields}


def test_an_answer_goes_to_the_writer_once_however_often_it_is_sent(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    for _ in range(2):
        assert client.post(at(cast), form(cast)).status_code == 302
    message = Message.objects.get(client_key="key-1")
    assert message.addresses["to"][0]["address"] == "dora@poczta.example"
    assert Delivery.objects.filter(message=message).count() == 1


def test_other_words_in_a_form_that_was_sent_are_held_and_can_be_meant(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    client.post(at(cast), form(cast))
    page = client.post(at(cast), form(cast, text="And sorry!", anyway="1")).content.decode()
    assert "with other words, people or files" in page
    assert ">\nAnd sorry!</textarea>" in page
    another = page.partition('name="client_key" value="')[2].partition('"')[0]
    client.post(at(cast), form(cast, text="And sorry!", anyway="1", client_key=another))
    assert Message.objects.filter(text="And sorry!").count() == 1


@pytest.mark.parametrize(
    "other", [{"reply_to": "eli@poczta.example"}, {"reply_cc": "eli@poczta.example"}, {"drop": "1"}]
)
def test_a_sent_form_with_other_people_or_files_is_held(cast, sign_in, other) -> None:
    client = sign_in(cast.ben)
    kept = keep_upload(b"bill", name="bill.txt", content_type="text/plain", by=cast.ben.actor)
    plain = form(cast, reply_to="dora@poczta.example", upload=kept.pk)
    if "drop" in other:
        other = {"drop": kept.pk}
    client.post(at(cast), plain)
    client.post(at(cast), plain)
    page = client.post(at(cast), {**plain, "anyway": "1", **other}).content.decode()
    assert "with other words, people or files" in page
    assert Message.objects.filter(conversation=cast.tent, text="Dziękuję!").count() == 1


def test_the_answer_stands_in_the_thread_with_the_way_back(cast, sign_in) -> None:
    part = sign_in(cast.ben).post(at(cast), form(cast), headers=HTMX).content.decode()
    message = Message.objects.get(client_key="key-1")
    assert f'id="m-{message.pk}"' in part
    assert f'hx-post="/inbox/messages/{message.pk}/delivery"' in part
    assert 'data-fresh="1"' in part
    assert 'value="key-1"' not in part


def test_a_message_taken_back_stands_in_the_composer_again(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    upload = SimpleUploadedFile("a.txt", b"words", content_type="text/plain")
    client.post(at(cast), form(cast, files=upload))
    message = Message.objects.get(client_key="key-1")
    part = client.post(
        f"/inbox/messages/{message.pk}/delivery", {"_method": "delete"}, headers=HTMX
    ).content.decode()
    message.refresh_from_db()
    assert message.withdrawn_at
    assert ">\nDziękuję!</textarea>" in part
    assert "a.txt" in part
    assert "taken back before it left" in part


def test_a_reply_is_held_when_the_customer_wrote_meanwhile(cast, sign_in) -> None:
    seen = cast.tent.last_message_id
    make_inbound(cast.tent, text="Already solved, thanks!")
    client = sign_in(cast.ben)
    for headers in ({}, HTMX):
        page = client.post(at(cast), form(cast, seen=seen), headers=headers).content.decode()
        assert "Nothing was sent: this was said while you wrote" in page
        assert "Already solved, thanks!" in page
        assert ">\nDziękuję!</textarea>" in page
        assert not Message.objects.filter(client_key="key-1").exists()
    client.post(at(cast), form(cast, seen=seen, anyway="1"))
    assert Message.objects.filter(client_key="key-1").exists()


def test_what_is_refused_keeps_words_and_files(cast, sign_in) -> None:
    upload = SimpleUploadedFile("a.txt", b"words")
    page = sign_in(cast.ben).post(at(cast), form(cast, reply_to="not an address", files=upload))
    kept = Attachment.objects.get(name="a.txt")
    assert page.status_code == 409
    assert f'name="upload" value="{kept.pk}"' in page.content.decode()
    assert ">\nDziękuję!</textarea>" in page.content.decode()
    assert not Message.objects.filter(client_key="key-1").exists()


def test_a_note_stays_with_us(cast, sign_in) -> None:
    sign_in(cast.ben).post(at(cast), form(cast, kind="note", text="**careful**"))
    note = Message.objects.get(client_key="key-1")
    assert note.direction == "note"
    assert not Delivery.objects.filter(message=note).exists()


def test_a_forward_goes_to_whom_it_is_meant_for_only(cast, sign_in) -> None:
    fields = form(cast, kind="forward", forward_to="Eve <eve@lab.example>", text="Please look")
    sign_in(cast.ben).post(at(cast), fields)
    message = Message.objects.get(client_key="key-1")
    assert [a["address"] for a in message.addresses["to"]] == ["eve@lab.example"]
    assert "zwrot pieniędzy" in message.quoted


def test_send_and_solve_is_one_step(cast, sign_in) -> None:
    sign_in(cast.ben).post(at(cast), form(cast, then="solve"))
    assert Conversation.objects.get(pk=cast.tent.pk).state == State.SOLVED


def test_send_later_waits(cast, sign_in) -> None:
    sign_in(cast.ben).post(at(cast), form(cast, later="2031-05-01T09:00"))
    message = Message.objects.get(client_key="key-1")
    assert Delivery.objects.get(message=message).due_at.year == 2031
    page = sign_in(cast.ben).get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert "goes out 1 May 2031" in page


def test_an_empty_message_and_a_stranger_send_nothing(cast, sign_in, client) -> None:
    count = Message.objects.count()
    assert sign_in(cast.ben).post(at(cast), form(cast, text="  ")).status_code == 409
    assert sign_in(cast.cy).post(at(cast), form(cast)).status_code == 404
    assert client.post(at(cast), form(cast)).status_code == 302
    assert Message.objects.count() == count


def test_somebody_elses_upload_is_not_sent(cast, sign_in) -> None:
    secret = Attachment.objects.create(name="payroll.xls", uploaded_by=cast.ada, stored_name="x")
    sign_in(cast.ben).post(at(cast), form(cast, upload=str(secret.pk)))
    secret.refresh_from_db()
    assert secret.message_id is None


def test_addresses_are_read_as_people_type_them() -> None:
    typed = 'Eve <eve@lab.example>; bob@x.example, "O\'Hara, Ann" <ann@x.example>'
    found = addresses_in(typed)
    assert [a["address"] for a in found] == ["eve@lab.example", "bob@x.example", "ann@x.example"]
    assert people(found[:2]) == "Eve <eve@lab.example>, bob@x.example"
    assert addresses_in("") == []


def test_a_note_marks_whom_it_calls_and_tells_its_writer_whom_it_does_not_reach(
    cast, sign_in
) -> None:
    said = form(cast, kind="note", text="`@Ada` & **@Ada**, ask @Cy <b>@Ada</b>")
    page = sign_in(cast.ben).post(at(cast), said, headers=HTMX).content.decode()
    assert '<code>@Ada</code> &amp; <strong><strong class="call">@Ada</strong></strong>' in page
    assert '&lt;b&gt;<strong class="call">@Ada</strong>&lt;/b&gt;' in page
    assert page.count("Cy may not see this conversation and does not hear of it.") == 2
