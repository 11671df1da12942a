"""Mails that say they are from somebody else: they come in, they are marked, and they gain nothing."""

from __future__ import annotations

import pytest

from rapport.accounts.models import Company
from rapport.channels.models import Channel
from rapport.conversations.models import Conversation, Message
from tests.channels.mails import mail, receive

pytestmark = pytest.mark.django_db
MX = "mx.maple.example"
FAIL = (
    f"{MX}; spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail header.from=poczta.example"
)
NOTHING = f"{MX}; spf=pass smtp.mailfrom=evil.example; dkim=none; dmarc=none"


@pytest.fixture
def mailbox(db: None) -> Channel:
    Company.objects.create(name="Maple Outdoors")
    return Channel.objects.create(
        kind="email", name="Help", address="help@maple.example", config={"authserv_id": MX}
    )


def taken(mailbox: Channel, **heads: str) -> Message:
    (message,) = receive(mailbox, mail(**heads))
    return message


def test_a_mail_whose_sender_failed_comes_in_and_says_so(mailbox: Channel) -> None:
    message = taken(mailbox, Authentication_Results=FAIL)
    assert message.extras["doubts"] == ["dmarc_failed"]
    assert message.extras["sender_check"]["dmarc"] == "fail"


def test_mails_without_results_and_with_good_ones_raise_no_doubt(mailbox: Channel) -> None:
    good = f"{MX}; dmarc=pass header.from=poczta.example"
    assert taken(mailbox).extras == {}
    assert "doubts" not in taken(mailbox, text="2", Authentication_Results=good).extras
    assert "doubts" not in taken(mailbox, text="3", Authentication_Results=NOTHING).extras


def test_the_word_of_a_server_that_nobody_trusts_is_not_heard(mailbox: Channel) -> None:
    message = taken(mailbox, Authentication_Results=FAIL.replace(MX, "mx.evil.example"))
    assert message.extras == {"unheard": ["mx.evil.example"]}
    Channel.objects.update(config={})
    assert taken(mailbox, text="2", Authentication_Results=FAIL).extras == {"unheard": [MX]}


@pytest.mark.parametrize("sender", ["help@maple.example", "Ben <BEN@Maple.example>"])
def test_one_of_us_is_doubted_until_it_is_proved(mailbox: Channel, sender: str) -> None:
    assert taken(mailbox, sender=sender, Authentication_Results=NOTHING).extras["doubts"] == [
        "posing"
    ]
    proved = f"{MX}; dkim=pass header.d=maple.example"
    message = taken(mailbox, sender=sender, text="2", Authentication_Results=proved)
    assert "doubts" not in message.extras
    assert "doubts" not in taken(mailbox, sender=sender, text="inside the house").extras


def test_our_address_as_a_strangers_name_is_doubted_without_any_server(mailbox: Channel) -> None:
    posing = taken(mailbox, sender='"Ben, ben@maple.example" <x@evil.example>')
    assert posing.extras["doubts"] == ["posing_name"]
    honest = taken(mailbox, sender='"dora@other.example" <dora@poczta.example>')
    assert honest.extras == {}


def test_a_great_providers_domain_is_not_ours_alone(mailbox: Channel) -> None:
    Channel.objects.create(kind="email", name="G", address="maple.desk@gmail.com")
    elis = taken(mailbox, sender="eli@gmail.com", Authentication_Results=NOTHING)
    ours = taken(mailbox, sender="maple.desk@gmail.com", Authentication_Results=NOTHING)
    assert "doubts" not in elis.extras
    assert ours.extras["doubts"] == ["posing"]


def test_a_forged_mail_brings_nobody_into_her_conversation(mailbox: Channel) -> None:
    """Else the forger is copied in by his own mail, and reads what she is told."""
    hers = taken(mailbox, Message_ID="<1@poczta.example>")
    forged = taken(
        mailbox,
        text="Please copy my lawyer",
        In_Reply_To="<1@poczta.example>",
        Cc="mallory@evil.example",
        Authentication_Results=FAIL,
    )
    assert forged.conversation_id == hers.conversation_id
    his = taken(
        mailbox,
        sender="mallory@evil.example",
        text="And?",
        In_Reply_To="<1@poczta.example>",
    )
    assert his.conversation_id != hers.conversation_id
    assert Conversation.objects.get(pk=hers.conversation_id).participants.count() == 1
