from __future__ import annotations

import pytest

from rapport.channels.models import Delivery, Envelope
from rapport.conversations.models import Attachment, Conversation, Message
from tests.makers import make_conversation, make_inbound, make_message

RAW = b"From: dora@poczta.example\r\nSubject: x\r\n\r\n<script>alert(1)</script>\xff\x00"


@pytest.fixture
def mail(cast) -> Message:
    envelope = Envelope.objects.create(channel=cast.mail, event_id="e1", raw=RAW)
    return make_inbound(
        cast.tent,
        text="Hello",
        html='<p style="color:red">Hi <img data-held-src="https://spy.example/a.png"></p>',
        has_held_images=True,
        envelope_id=envelope.pk,
        why={"thread": "token", "proof": "1"},
    )


def test_the_page_says_why_the_message_stands_here(cast, sign_in, mail) -> None:
    page = sign_in(cast.ben).get(f"/inbox/messages/{mail.pk}").content.decode()
    assert "It was sent to the reply address of this conversation" in page
    assert "dora@poczta.example" in page


@pytest.mark.parametrize("rest", ["", "/formatted", "/source"])
def test_cy_and_zoe_see_no_part_of_it(cast, sign_in, mail, rest: str) -> None:
    assert sign_in(cast.cy).get(f"/inbox/messages/{mail.pk}{rest}").status_code == 404
    assert sign_in(cast.zoe).get(f"/inbox/messages/{mail.pk}{rest}").status_code == 403


def test_who_wrote_it_is_said_by_a_person_and_taken_back(cast, sign_in) -> None:
    late = make_inbound(cast.tent, text="When?", kind="bulk", why={"kind": "it has List-Id"})
    client, at = sign_in(cast.ben), f"/inbox/messages/{late.pk}"
    assert "Mailing: it has the header List-Id" in client.get(at).content.decode()
    assert client.post(f"{at}/writer", {"kind": "human"}).status_code == 302
    said = client.get(at).content.decode()
    assert f"{cast.ben.name} says that a person wrote it." in said
    thread = client.get(f"/inbox/conversations/{cast.tent.ref}").content.decode()
    assert f"{cast.ben.name} says that a person wrote a message" in thread
    assert "List-Id" not in thread
    client.post(f"{at}/writer", {"_method": "delete"})
    assert "Mailing: it has the header List-Id" in client.get(at).content.decode()
    client.post(f"{at}/writer", {"kind": "nonsense"})
    late.refresh_from_db()
    assert (late.kind, late.why) == ("bulk", {"kind": "it has List-Id"})


def test_the_formatted_mail_lives_in_a_sandbox_and_holds_pictures_back(cast, sign_in, mail) -> None:
    client, path = sign_in(cast.ben), f"/inbox/messages/{mail.pk}/formatted"
    held, shown = client.get(path), client.get(path, {"pictures": "1"})
    for page in (held, shown):
        policy = page["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "script" not in policy
        assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert b' src="https://spy' not in held.content
    assert "https:" not in held["Content-Security-Policy"]
    assert b' src="https://spy' in shown.content


def test_the_source_is_shown_as_words_and_kept_whole(cast, sign_in, mail) -> None:
    client, path = sign_in(cast.ben), f"/inbox/messages/{mail.pk}/source"
    assert b"<script>alert" not in client.get(path).content
    download = client.get(path, {"download": "1"})
    assert download.content == RAW
    assert download["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download["Content-Security-Policy"]


def test_a_file_that_is_gone_and_numbers_beyond_all_bounds_are_not_found(
    cast, sign_in, mail
) -> None:
    client = sign_in(cast.ben)
    gone = Attachment.objects.create(message=mail, name="x", stored_name="aa/bb/cc")
    far = 10**30
    paths = [f"files/{gone.pk}", f"files/{far}", f"messages/{far}", f"parked/{far}"]
    for path in [*paths, "conversations/C-999999999999999999", f"merges/{far}"]:
        assert client.get(f"/inbox/{path}").status_code in (403, 404, 405), path


def test_a_wrongly_placed_message_gets_a_conversation_of_its_own_and_comes_back(
    cast, sign_in, mail
) -> None:
    client = sign_in(cast.ben)
    client.post(f"/inbox/messages/{mail.pk}/place")
    mail.refresh_from_db()
    assert mail.conversation_id != cast.tent.pk
    client.post(f"/inbox/messages/{mail.pk}/place", {"into": f"C-{cast.tent.pk}"})
    mail.refresh_from_db()
    assert Message.objects.get(pk=mail.pk).conversation_id in (
        cast.tent.pk,
        mail.conversation.merged_into_id,
    )


def test_a_secret_is_taken_out_for_good(cast, sign_in) -> None:
    mail = make_inbound(cast.tent, text="My card is 4111 1111 1111 1111.")
    sign_in(cast.ben).post(
        f"/inbox/messages/{mail.pk}/redaction", {"secret": "4111 1111 1111 1111"}
    )
    assert "4111" not in Message.objects.get(pk=mail.pk).text


@pytest.mark.parametrize(("decision", "state"), [("arrived", "accepted"), ("again", "queued")])
def test_a_person_decides_about_an_unknown_delivery(cast, sign_in, decision, state) -> None:
    ours = make_message(cast.tent, direction="out", agent=cast.ben, author_name="Ben", text="x")
    delivery = Delivery.objects.create(message=ours, channel=cast.mail, state="unknown")
    client = sign_in(cast.ben)
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert "It arrived" in page
    client.post(f"/inbox/messages/{ours.pk}/delivery", {"decision": decision})
    delivery.refresh_from_db()
    assert delivery.state == state


def test_two_conversations_are_merged_by_number_and_parted_again(cast, sign_in) -> None:
    other = make_conversation(cast.dora, subject="Tent again", team=cast.support)
    client = sign_in(cast.ben)
    answered = client.post(
        f"/inbox/conversations/C-{other.pk}/merge", {"into": f"c-{cast.tent.pk} "}
    )
    assert answered.url.startswith(f"/inbox/conversations/C-{cast.tent.pk}")
    page = client.get(answered.url).content.decode()
    undo = page.partition('action="/inbox/merges/')[2].partition('"')[0]
    client.post(f"/inbox/merges/{undo}", {"_method": "delete"})
    assert Conversation.objects.get(pk=other.pk).state == "open"


def test_merging_two_people_is_asked_for_twice(cast, sign_in) -> None:
    other = make_conversation(cast.eli, subject="Other person", team=cast.support)
    client, path = sign_in(cast.ben), f"/inbox/conversations/C-{other.pk}/merge"
    page = client.post(path, {"into": f"C-{cast.tent.pk}"}).content.decode()
    assert "These are two people" in page
    assert Conversation.objects.get(pk=other.pk).state == "open"
    client.post(path, {"into": f"C-{cast.tent.pk}", "across": "1"})
    assert Conversation.objects.get(pk=other.pk).state == "merged"


def test_messages_are_parted_and_brought_back(cast, sign_in) -> None:
    client, path = sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}/split"
    last = cast.tent.messages.filter(direction="in").last()
    assert b'type="checkbox"' in client.get(path).content
    answered = client.post(path, {"message": [last.pk], "subject": "Refund"})
    assert Message.objects.get(pk=last.pk).conversation.subject == "Refund"
    page = client.get(answered.url).content.decode()
    undo = page.partition('action="/inbox/splits/')[2].partition('"')[0]
    client.post(f"/inbox/splits/{undo}", {"_method": "delete"})
    assert Message.objects.get(pk=last.pk).conversation == cast.tent


def test_a_doubted_sender_is_told_in_the_thread_and_on_the_page(cast, sign_in) -> None:
    check = {"server": "mx.<b>.example", "spf": "fail", "dkim": "", "dmarc": "fail"}
    doubted = make_inbound(
        cast.tent,
        text="Please pay to another account",
        extras={"doubts": ["dmarc_failed", "nonsense"], "sender_check": check},
    )
    client = sign_in(cast.ben)
    thread = client.get(f"/inbox/conversations/{cast.tent.ref}").content.decode()
    page = client.get(f"/inbox/messages/{doubted.pk}").content.decode()
    assert thread.count("the domain of its sender disowns it") == 1
    assert "the domain of its sender disowns it" in page
    assert "<bdi>mx.&lt;b&gt;.example</bdi>: SPF fail, DMARC fail" in page


def test_a_server_that_is_not_trusted_is_named_without_its_words(cast, sign_in) -> None:
    heard = make_inbound(cast.tent, text="Hello", extras={"unheard": ["mx.maple.example"]})
    page = sign_in(cast.ben).get(f"/inbox/messages/{heard.pk}").content.decode()
    assert "<bdi>mx.maple.example</bdi>: not heard" in page
    assert "mail__doubt" not in page
