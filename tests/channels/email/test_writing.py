"""What a reply looks like on the wire."""

from __future__ import annotations

import threading
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.db import connection

from rapport.accounts.models import Agent, Brand
from rapport.channels.delivering import deliver
from rapport.channels.email.recognising import loop_marker, proved_conversations
from rapport.channels.models import Channel, Delivery
from rapport.conversations.models import Conversation, Message
from rapport.conversations.replying import reply
from rapport.conversations.uploading import keep_upload
from rapport.kernel import clock
from rapport.kernel.storage import store_file
from tests.channels.conftest import Send
from tests.channels.sinks import Sink


def on_the_wire(delivery: Delivery, sink: Sink) -> EmailMessage:
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "accepted", delivery.error
    mail: Any = message_from_bytes(bytes(sink.mails[-1].content or b""), policy=default)
    return mail


def said(conversation: Conversation, number: int, **fields: Any) -> Message:
    return Message.objects.create(
        conversation=conversation,
        direction="in",
        channel_kind="email",
        external_id=fields.pop("external_id", f"{number}@mail.example"),
        author_name="Dora",
        text=f"Words {number}",
        sent_at=clock.now() - timedelta(days=1) + timedelta(minutes=number),
        **fields,
    )


def test_an_answer_comes_back_to_its_conversation(
    send: Send, sink: Sink, conversation: Conversation
) -> None:
    mail = on_the_wire(send(), sink)
    assert proved_conversations([mail["Reply-To"].addresses[0].addr_spec], []) == [conversation.pk]
    assert proved_conversations([], [str(mail["Message-ID"]).strip("<>")]) == [conversation.pk]
    assert mail["X-Rapport-Loop"] == loop_marker()
    assert mail["From"] == "Ada via Shop <desk@shop.example>"


def test_a_mailbox_without_plus_addresses_has_none(
    send: Send, sink: Sink, channel: Channel
) -> None:
    Channel.objects.filter(pk=channel.pk).update(config={**sink.config, "reply_tokens": "none"})
    assert on_the_wire(send(), sink)["Reply-To"] is None


def test_the_thread_is_named_root_first_and_never_too_long(
    send: Send, sink: Sink, conversation: Conversation
) -> None:
    for number in range(30):
        said(conversation, number)
    mail = on_the_wire(send(), sink)
    ids = str(mail["References"]).split()
    assert mail["In-Reply-To"] == ids[-1] == "<29@mail.example>"
    assert (ids[0], len(ids)) == ("<0@mail.example>", 20)


def test_a_strangers_broken_message_id_does_not_stop_our_answer(
    send: Send, sink: Sink, conversation: Conversation
) -> None:
    said(conversation, 1)
    said(conversation, 2, external_id="two words\r\nBcc: eve@mail.example")
    mail = on_the_wire(send(), sink)
    assert mail["In-Reply-To"] == "<1@mail.example>"
    assert mail["Bcc"] is None


def test_nobody_sees_who_else_got_a_blind_copy(send: Send, sink: Sink) -> None:
    people = {"to": [{"name": "D", "address": "dora@mail.example"}]}
    mail = on_the_wire(send(**people, bcc=[{"name": "", "address": "eli@mail.example"}]), sink)
    assert sink.mails[0].rcpt_tos == ["dora@mail.example", "eli@mail.example"]
    assert "eli" not in str(mail)


def test_a_file_and_the_brands_signature_go_along(
    send: Send, sink: Sink, channel: Channel, conversation: Conversation
) -> None:
    brand = Brand.objects.create(name="Shop", signature="Shop, Kraków")
    Channel.objects.filter(pk=channel.pk).update(brand=brand)
    delivery = send("Bitte *sehen*")
    Message.objects.get(pk=delivery.message_id).attachments.create(
        name="Größe.txt", content_type="text/plain", stored_name=store_file(b"43"), size=2
    )
    mail = on_the_wire(delivery, sink)
    assert "<em>sehen</em>" in mail.get_body(("html",)).get_content()
    assert "Shop, Kraków" in mail.get_body(("plain",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["Größe.txt"]


def test_the_answered_words_stand_below_in_the_customers_language(
    send: Send, sink: Sink, conversation: Conversation
) -> None:
    asked = said(conversation, 1)
    delivery = send()
    Message.objects.filter(pk=delivery.message_id).update(in_reply_to=asked)
    plain = on_the_wire(delivery, sink).get_body(("plain",)).get_content()
    assert "> Words 1" in plain
    assert "Dora" in plain


def test_a_name_cannot_bring_a_header_of_its_own(send: Send, sink: Sink) -> None:
    bad = {"name": "Dora\r\nBcc: eve@mail.example", "address": "dora@mail.example"}
    mail = on_the_wire(send(to=[bad]), sink)
    assert mail["Bcc"] is None
    assert sink.mails[0].rcpt_tos == ["dora@mail.example"]


@pytest.mark.parametrize("address", ["no address", "dora@mail.example\r\nDATA", "@", ""])
def test_an_address_that_is_none_fails_before_the_line_is_opened(
    address: str, send: Send, sink: Sink
) -> None:
    delivery = send(to=[{"name": "", "address": address}])
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, sink.mails) == ("failed", [])


def test_a_domain_beyond_ascii_is_sent_in_its_ascii_form(send: Send, sink: Sink) -> None:
    on_the_wire(send(to=[{"name": "", "address": "dora@zażółć.example"}]), sink)
    assert sink.mails[0].rcpt_tos[0].startswith("dora@xn--")


def test_a_pasted_picture_stands_where_it_was_pasted(
    ada: Agent, channel: Channel, conversation: Conversation, sink: Sink
) -> None:
    Conversation.objects.update(channel_kind="email")
    conversation.refresh_from_db()
    place, other = "0123456789abcdef", "fedcba9876543210"
    files = [
        keep_upload(
            b"\x89PNG", name="a.png", content_type="image/png", by=ada.actor, content_id=each
        )
        for each in (place, other)
    ]
    reply(
        conversation,
        by=ada.actor,
        text=f"Look:\n\n![seam](cid:{place})\n\nThere.",
        to=["dora@mail.example"],
        attachments=[file.pk for file in files],
        undo=False,
    )
    mail: Any = on_the_wire(Delivery.objects.get(), sink)
    page = mail.get_body(("html",)).get_content()
    [picture] = [part for part in mail.walk() if part["Content-ID"]]
    named = str(picture["Content-ID"]).strip("<>")
    assert f'src="cid:{named}"' in page
    assert named == place
    assert "seam" in mail.get_body(("plain",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.png"]


def test_p09_a_double_click_is_one_message_and_one_mail(
    ada: Agent, channel: Channel, conversation: Conversation, sink: Sink
) -> None:
    def click() -> None:
        try:
            reply(
                conversation,
                by=ada.actor,
                text="Hello Dora",
                to=["dora@mail.example"],
                client_key="form-1",
                undo=False,
            )
        finally:
            connection.close()

    Conversation.objects.update(channel_kind="email")
    conversation.refresh_from_db()
    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    delivery = Delivery.objects.get()
    deliver(delivery.pk)
    deliver(delivery.pk)
    assert (Message.objects.count(), len(sink.mails)) == (1, 1)
