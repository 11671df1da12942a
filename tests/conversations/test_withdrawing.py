"""Withdrawing: as though it had not been sent, unless it has left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rapport.conversations.access import NotAllowed
from rapport.conversations.events import MessageWithdrawn
from rapport.conversations.models import Conversation, Message
from rapport.conversations.replying import reply
from rapport.conversations.uploading import keep_upload, waiting_uploads
from rapport.conversations.withdrawing import TooLateToWithdraw, withdraw_message
from rapport.kernel import journal
from rapport.kernel.journal.following import COMPANIONS
from tests.cast import Cast
from tests.conversations.listening import kinds_of
from tests.conversations.test_reckoning import columns_of


@pytest.fixture
def already_leaving() -> Iterator[None]:
    @journal.accompany(MessageWithdrawn)
    def refuse(event: MessageWithdrawn) -> None:
        raise TooLateToWithdraw

    yield
    COMPANIONS[MessageWithdrawn].remove(refuse)


@pytest.mark.usefixtures("already_leaving")
def test_what_has_begun_to_leave_stays_sent(cast: Cast) -> None:
    message = reply(cast.tent, by=cast.ben.actor, text="Zwrot")
    after = columns_of(cast.tent)
    with pytest.raises(TooLateToWithdraw):
        withdraw_message(message, by=cast.ben.actor)
    assert Message.objects.get(pk=message.pk).withdrawn_at is None
    assert columns_of(Conversation.objects.get(pk=cast.tent.pk)) == after
    assert kinds_of(cast.tent) == ["message_sent"]


def test_taken_back_the_customer_waits_as_before(cast: Cast) -> None:
    before = columns_of(cast.tent)
    message = reply(cast.tent, by=cast.ben.actor, text="Zwrot")
    withdraw_message(message, by=cast.ben.actor)
    assert columns_of(Conversation.objects.get(pk=cast.tent.pk)) == before


def test_taking_back_twice_is_once_and_the_files_wait_once(cast: Cast) -> None:
    upload = keep_upload(b"x", name="x.txt", content_type="text/plain", by=cast.ben.actor)
    message = reply(cast.tent, by=cast.ben.actor, text="Zwrot", attachments=[upload.pk])
    taken = withdraw_message(message, by=cast.ben.actor)
    withdraw_message(Message.objects.get(pk=message.pk), by=cast.ben.actor)
    assert waiting_uploads(cast.ben) == taken.uploads
    assert kinds_of(cast.tent) == ["message_sent", "message_withdrawn"]
    again = reply(
        cast.tent, by=cast.ben.actor, text="Zwrot", attachments=[u.pk for u in taken.uploads]
    )
    assert [file.name for file in again.attachments.all()] == ["x.txt"]


def test_what_came_in_and_a_strangers_message_are_not_taken_back(cast: Cast) -> None:
    with pytest.raises(TooLateToWithdraw):
        withdraw_message(
            cast.tent.messages.get(external_id="tent-1@poczta.example"), by=cast.ben.actor
        )
    message = reply(cast.tent, by=cast.ben.actor, text="Zwrot")
    for agent in (cast.cy, cast.zoe):
        with pytest.raises(NotAllowed):
            withdraw_message(message, by=agent.actor)
