"""From the envelope to the message."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from rapport.accounts.models import Company
from rapport.channels.email.recognising import thread_secret
from rapport.channels.models import Channel, Envelope
from rapport.channels.receiving import receive_batch
from rapport.conversations.models import Conversation, JoinProposal, Message, State
from rapport.conversations.solving import solve_conversation
from rapport.kernel.actors import Actor
from rapport.kernel.journal.models import Entry
from rapport.kernel.mail.tagging_threads import reply_token
from tests.channels.mails import SENT, mail, put, receive

pytestmark = pytest.mark.django_db
ELI = "Eli <eli@example.net>"


@pytest.fixture
def mailbox(db: None) -> Channel:
    Company.objects.create(name="Maple Outdoors")
    return Channel.objects.create(kind="email", name="Help", address="help@maple.example")


def test_a_mail_opens_a_conversation_and_the_journal_says_so(mailbox: Channel) -> None:
    (message,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    conversation = message.conversation
    assert conversation.state == State.OPEN
    assert conversation.subject == "Where is my parcel?"
    assert conversation.waiting_since == SENT
    assert conversation.customer.name == "Dora"
    assert message.text.strip() == "Hello, it has not come yet."
    assert message.sent_at == SENT
    kinds = list(Entry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["conversations.opened", "conversations.message_received"]


def test_her_answer_joins_by_reference_because_she_belongs(mailbox: Channel) -> None:
    first, second = receive(
        mailbox,
        mail(Message_ID="<1@poczta.example>"),
        mail(Message_ID="<2@poczta.example>", In_Reply_To="<1@poczta.example>", text="Any news?"),
    )
    assert second.conversation_id == first.conversation_id
    assert second.why["thread"] == "reference"
    assert Conversation.objects.get().message_count == 2


def test_what_she_writes_in_one_breath_is_taken_in_as_one_batch(
    mailbox: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever opens a conversation and goes on in the same batch, with somebody copied in, is there once."""
    first, *others = receive(
        mailbox,
        mail(Message_ID="<1@poczta.example>", Cc=ELI),
        mail(Message_ID="<2@poczta.example>", In_Reply_To="<1@poczta.example>", text="And", Cc=ELI),
        mail(sender=ELI, In_Reply_To="<2@poczta.example>", text="Me too"),
    )
    assert {message.conversation_id for message in others} == {first.conversation_id}
    assert first.conversation.participants.count() == 2
    assert caplog.messages == []


def test_p15_a_stranger_who_quotes_her_message_id_sees_a_conversation_of_his_own(
    mailbox: Channel,
) -> None:
    hers, his = receive(
        mailbox,
        mail(Message_ID="<1@poczta.example>"),
        mail(sender=ELI, Message_ID="<3@x.example>", In_Reply_To="<1@poczta.example>"),
    )
    assert his.conversation_id != hers.conversation_id
    proposal = JoinProposal.objects.get(conversation=his.conversation)
    assert proposal.other == hers.conversation
    assert proposal.reasons == ["reference_of_stranger"]


def test_her_answer_joins_by_the_reply_address_though_her_mailer_dropped_all_headers(
    mailbox: Channel,
) -> None:
    """Apple Mail, Outlook and Salesforce lose or replace References; the address stays."""
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    token = reply_token(thread_secret(), first.conversation_id)
    (answer,) = receive(mailbox, mail(to=f"help+{token}@maple.example", subject="Odp: x"))
    assert answer.conversation_id == first.conversation_id
    assert answer.why["thread"] == "token"
    assert Conversation.objects.get().participants.count() == 1


def test_p15_a_stranger_with_her_reply_address_is_proposed_not_joined(mailbox: Channel) -> None:
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    token = reply_token(thread_secret(), first.conversation_id)
    (his,) = receive(mailbox, mail(sender=ELI, to=f"help+{token}@maple.example"))
    assert his.conversation_id != first.conversation_id
    assert JoinProposal.objects.get().reasons == ["token_of_stranger"]


def test_p15_a_forged_reply_address_proves_nothing(mailbox: Channel) -> None:
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    forged = f"help+c{first.conversation_id}-aaaaaaaaaaaaaaaa@maple.example"
    (again,) = receive(mailbox, mail(to=forged, text="new"))
    assert again.conversation_id != first.conversation_id


@pytest.mark.parametrize("prefix", ["AW: ", "WG: ", "Odp: ", "回复：", "回覆: ", "RE[2]: "])
def test_p15_the_same_person_and_subject_is_proposed_in_any_language(
    mailbox: Channel, prefix: str
) -> None:
    receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    (again,) = receive(mailbox, mail(subject=f"{prefix}Where is my parcel?", text="again"))
    proposal = JoinProposal.objects.get(conversation=again.conversation)
    assert proposal.reasons == ["same_person_and_subject"]


def test_p14_answers_to_a_newsletter_by_different_people_stay_apart(mailbox: Channel) -> None:
    letters = receive(
        mailbox,
        *(
            mail(sender=f"p{n}@example.org", In_Reply_To="<news@maple.example>", text=f"Hi {n}")
            for n in range(4)
        ),
    )
    assert len({message.conversation_id for message in letters}) == 4


def test_p12_mails_without_any_message_id_are_stored_and_never_joined(mailbox: Channel) -> None:
    letters = receive(
        mailbox,
        mail(sender="MAILER-DAEMON@a.example", Message_ID="", text="one"),
        mail(sender=ELI, text="two", In_Reply_To="<>", References="<> <>"),
        mail(text="three", In_Reply_To=" "),
    )
    assert len({message.conversation_id for message in letters}) == 3


def test_p12_a_repeated_message_id_is_two_messages_when_the_words_differ(mailbox: Channel) -> None:
    letters = receive(
        mailbox,
        mail(Message_ID="<same@poczta.example>", text="one"),
        mail(Message_ID="<same@poczta.example>", text="two"),
    )
    assert [message.text.strip() for message in letters] == ["one", "two"]


def test_p12_a_message_id_of_300_bytes_is_kept(mailbox: Channel) -> None:
    (message,) = receive(mailbox, mail(Message_ID=f"<{'x' * 290}@example.org>"))
    assert message.pk


def test_p12_an_id_that_no_index_can_hold_is_kept_short_and_still_joins(mailbox: Channel) -> None:
    """998 characters fit on a line, and in Chinese they are three times as many bytes."""
    chance = random.Random(1)
    letters = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(990))
    first, other, answer = receive(
        mailbox,
        with_id(mail(text="one"), f"<{letters}@x.example>"),
        with_id(mail(text="two"), f"<{letters[:-1]}@x.example>"),
        with_id(mail(text="three"), f"<3@x.example>\r\nIn-Reply-To: <{letters}@x.example>"),
    )
    assert answer.conversation_id == first.conversation_id != other.conversation_id
    assert answer.why["thread"] == "reference"
    assert len(first.external_id) < 100


def with_id(raw: bytes, message_id: str) -> bytes:
    """The mail with this Message-ID as it stands, and whatever follows it."""
    return f"Message-ID: {message_id}\r\n".encode() + raw


def test_a_sender_whose_address_grows_when_it_is_folded_is_known_again(mailbox: Channel) -> None:
    strange = "\u0390" * 300 + "@x.example"
    raws = [mail(text=f"{n}").replace(b"dora@poczta.example", strange.encode()) for n in range(2)]
    one, two = receive(mailbox, *raws)
    assert one.customer_id == two.customer_id


def test_p11_the_same_mail_through_two_doors_is_one_message(mailbox: Channel) -> None:
    raw = mail(Message_ID="<1@poczta.example>")
    put(mailbox, raw)
    put(mailbox, b"Received: by another way\r\n" + raw, event_id="other")
    while receive_batch():
        pass
    assert Message.objects.count() == 1
    assert Envelope.objects.filter(state="done").count() == 2


def test_p14_a_mail_to_two_of_our_mailboxes_is_one_message(mailbox: Channel) -> None:
    other = Channel.objects.create(kind="email", name="Sales", address="sales@maple.example")
    raw = mail(to="help@maple.example, sales@maple.example", Message_ID="<1@poczta.example>")
    put(mailbox, raw)
    put(other, raw)
    while receive_batch():
        pass
    assert Message.objects.count() == 1
    assert Conversation.objects.get().participants.count() == 1


def test_a_later_mail_reopens_a_solved_conversation(mailbox: Channel) -> None:
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    solve_conversation(first.conversation, by=Actor.system("test"))
    receive(mailbox, mail(In_Reply_To="<1@poczta.example>", text="It broke again"))
    conversation = Conversation.objects.get()
    assert conversation.state == State.OPEN
    assert not conversation.solutions.standing().exists()
    assert Entry.objects.filter(kind="conversations.reopened").count() == 1


def test_p16_after_the_days_to_reopen_a_linked_one_opens(mailbox: Channel) -> None:
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    solution = solve_conversation(first.conversation, by=Actor.system("test"))
    solution.at = solution.at - timedelta(days=90)
    solution.save()
    (late,) = receive(
        mailbox, mail(In_Reply_To="<1@poczta.example>", subject="Another matter", text="Hi again")
    )
    assert late.conversation.continues == first.conversation
    assert late.conversation.subject == "Another matter"
    first.conversation.refresh_from_db()
    assert first.conversation.state == State.SOLVED


def test_p17_an_absence_note_wakes_nobody(mailbox: Channel) -> None:
    (first,) = receive(mailbox, mail(Message_ID="<1@poczta.example>"))
    solve_conversation(first.conversation, by=Actor.system("test"))
    (note,) = receive(
        mailbox,
        mail(
            In_Reply_To="<1@poczta.example>", Auto_Submitted="auto-replied", text="I am on holiday"
        ),
    )
    assert note.kind == "auto_reply"
    assert note.conversation == first.conversation
    assert Conversation.objects.get().state == State.SOLVED


def test_p17_whoever_she_copied_in_answers_as_themselves(mailbox: Channel) -> None:
    first, answer = receive(
        mailbox,
        mail(Message_ID="<1@poczta.example>", Cc=ELI),
        mail(sender=ELI, In_Reply_To="<1@poczta.example>", text="I agree"),
    )
    assert answer.conversation_id == first.conversation_id
    assert answer.customer is not None
    assert answer.customer.name == "Eli"
    assert first.conversation.customer.name == "Dora"


def test_what_cannot_be_read_is_parked_with_its_error_and_the_rest_goes_on(
    mailbox: Channel,
) -> None:
    bad = put(mailbox, b"", event_id="empty")
    receive(mailbox, mail())
    bad.refresh_from_db()
    assert bad.state == "parked"
    assert bad.error
    assert Message.objects.count() == 1


def test_what_cannot_be_placed_is_parked_alone(mailbox: Channel) -> None:
    """A row that the database refuses takes nobody with it."""
    poisoned = put(mailbox, mail(subject="poison", text="poison"))
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE conversations_message ADD CONSTRAINT no_poison CHECK (subject <> 'poison')"
        )
    receive(mailbox, *(mail(sender=f"p{n}@example.org", text=f"{n}") for n in range(3)))
    poisoned.refresh_from_db()
    assert poisoned.state == "parked"
    assert poisoned.error.endswith('violates check constraint "no_poison" (23514)')
    assert Message.objects.count() == 3


def test_a_row_that_comes_back_as_too_large_is_parked_and_not_tried_for_ever(
    mailbox: Channel,
) -> None:
    """PostgreSQL's limits come with the class of a database that is away, and never pass."""
    chance = random.Random(2)
    letters = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON conversations_message (text)")
    poisoned = put(mailbox, mail(text=letters))
    receive(mailbox, mail(sender=ELI))
    poisoned.refresh_from_db()
    assert poisoned.state == "parked"
    assert "index row" in poisoned.error
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_p08_eight_workers_at_once_make_one_message_of_each_mail_in_order() -> None:
    Company.objects.create(name="Maple Outdoors")
    box = Channel.objects.create(kind="email", name="Help", address="help@maple.example")
    for turn in range(10):
        for person in range(8):
            put(box, mail(sender=f"p{person}@example.org", text=f"{turn}", Message_ID=""))

    def work() -> None:
        deadline = time.monotonic() + 60
        while Envelope.objects.filter(state="waiting").exists() and time.monotonic() < deadline:
            if not receive_batch(limit=7):
                time.sleep(0.01)  # the lanes that wait are in other hands
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Envelope.objects.filter(state="done").count() == 80
    assert Message.objects.count() == 80
    for person in range(8):
        mine = Message.objects.filter(author_name=f"p{person}@example.org").order_by("id")
        assert [message.text.strip() for message in mine] == [str(turn) for turn in range(10)]
