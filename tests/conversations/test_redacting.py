"""Redacting: wherever the conversation shows a secret, it shows it no more."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from rapport.conversations.access import NotAllowed
from rapport.conversations.indexing import index_messages
from rapport.conversations.keeping_files import discard_content
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Attachment, Conversation, Message, Redaction, SearchText
from rapport.conversations.redacting import (
    BLOCK,
    BadSecret,
    Blotter,
    NothingToRedact,
    redact_file,
    redact_secret,
)
from rapport.kernel.journal.models import Entry
from rapport.kernel.storage import store_file
from tests.cast import Cast
from tests.conversations.listening import kinds_of
from tests.makers import make_conversation, make_inbound, make_message

CARD = "4111 1111 1111 1111"


@pytest.fixture
def leak(cast: Cast) -> Message:
    """Dora sent her card's number in every place that a mail has, and Ben quoted it."""
    leak = make_inbound(
        cast.tent,
        subject=f"Karta {CARD}",
        text=f"x {CARD} y",
        html="<p>4111 <b>1111</b>&nbsp;1111 &#49;111</p>",
        signature=CARD,
        extras={"invites": [{"note": f"pay {CARD}"}]},
    )
    Attachment.objects.create(message=leak, name=f"{CARD}.pdf", stored_name="a")
    make_message(cast.tent, direction="out", text="Nie!", quoted="> 4111 1111\n> 1111 1111\n")
    cast.tent.subject = f"Karta {CARD}"
    cast.tent.save(update_fields=["subject"])
    index_messages(list(cast.tent.messages.values_list("pk", flat=True)))
    return leak


def everything_of(cast: Cast) -> str:
    """All that the database holds of the conversation and its news, as one text."""
    tables = (
        Conversation.objects.filter(pk=cast.tent.pk),
        Message.objects.filter(conversation=cast.tent),
        Attachment.objects.all(),
        Redaction.objects.all(),
        SearchText.objects.all(),
        Entry.objects.all(),
    )
    return " ".join(str(list(table.values())) for table in tables)


def test_it_stands_nowhere_any_more_whatever_broke_it_up(cast: Cast, leak: Message) -> None:
    assert "1111" in everything_of(cast)
    redacted = redact_secret(leak, secret=CARD, by=cast.ben.actor)
    assert "1111" not in everything_of(cast)
    assert "&#49;111" not in everything_of(cast)
    assert leak.text == f"x {BLOCK} y"
    assert leak.html == f"<p>{BLOCK}<b></b></p>"
    assert len(redacted) == 2
    assert redacted[0].places == [
        "subject",
        "text",
        "signature",
        "extras",
        "html",
        "files",
        "conversation",
    ]
    assert kinds_of(cast.tent) == ["message_redacted", "message_redacted"]


def test_done_once_it_finds_nothing_again(cast: Cast, leak: Message) -> None:
    redact_secret(leak, secret=CARD, by=cast.ben.actor)
    with pytest.raises(NothingToRedact):
        redact_secret(leak, secret=CARD, by=cast.ben.actor)
    assert Redaction.objects.count() == 2


def test_a_preview_that_was_cut_in_the_middle_shows_no_half_of_it(cast: Cast) -> None:
    long = make_inbound(cast.tent, text="a " * 95 + "hunter2-hunter2-hunter2")
    assert "hunter2" in cast.tent.preview
    redact_secret(long, secret="hunter2-hunter2-hunter2", by=cast.ben.actor)
    assert "hunter" not in everything_of(cast)


def test_what_was_merged_in_shows_it_no_more_either(cast: Cast) -> None:
    boots = make_conversation(cast.dora, channel=cast.mail, team=cast.support, text="pin 90210!")
    message = boots.messages.get()
    merge_conversations(boots, into=cast.tent, by=cast.ben.actor)
    message.refresh_from_db()
    redact_secret(message, secret="90210!", by=cast.ben.actor)
    boots.refresh_from_db()
    assert "90210" not in boots.preview


def test_a_regular_expression_and_markup_are_only_characters(cast: Cast) -> None:
    message = make_inbound(cast.tent, text="pw: a.*b<c>&", html="<p>pw: a.*b&lt;c&gt;&amp;</p>")
    other = make_inbound(cast.tent, text="axxb<c>&")
    redact_secret(message, secret="a.*b<c>&", by=cast.ben.actor)
    assert (message.text, message.html) == (f"pw: {BLOCK}", f"<p>pw: {BLOCK}</p>")
    assert Message.objects.get(pk=other.pk).text == "axxb<c>&"


@pytest.mark.parametrize("secret", ["", "  ", "abc", " a1 ", "x" * 1001])
def test_too_few_and_too_many_characters_are_refused(cast: Cast, secret: str) -> None:
    with pytest.raises(BadSecret):
        redact_secret(cast.tent.messages.first(), secret=secret, by=cast.ben.actor)


def test_cy_and_zoe_redact_nothing(cast: Cast, leak: Message) -> None:
    file = leak.attachments.get()
    for agent in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            redact_secret(leak, secret=CARD, by=agent.actor)
        with pytest.raises(NotAllowed):
            redact_file(file, by=agent.actor)


def test_a_file_is_gone_from_the_disk_unless_another_message_has_it(cast: Cast) -> None:
    message = cast.tent.messages.first()
    name = store_file(b"passport")
    first, second = (
        Attachment.objects.create(message=message, name="p.jpg", stored_name=name, size=8)
        for _turn in range(2)
    )
    redact_file(first, by=cast.ben.actor)
    assert not discard_content(name)
    assert default_storage.exists(name)
    assert redact_file(first, by=cast.ben.actor) is None
    redact_file(second, by=cast.ben.actor)
    assert discard_content(name)
    assert not default_storage.exists(name)
    assert (second.stored_name, second.name) == ("", "p.jpg")


def test_a_long_text_that_almost_matches_is_read_in_time() -> None:
    blotter = Blotter("1" * 40)
    text = ("1" * 39 + "\n> ") * 20_000
    assert blotter.text(text + "2") is not None
    assert blotter.markup("<b>" * 50_000 + "1" * 39) is not None
