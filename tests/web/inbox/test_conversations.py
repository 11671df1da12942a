from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import Attachment, Conversation, Message, Participant
from rapport.conversations.solving import solve_conversation
from rapport.customers.models import Customer
from rapport.kernel import clock
from tests.makers import make_conversation, make_customer, make_inbound
from tests.web.inbox.conftest import HTMX


def address(cast) -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}"


def test_the_thread_shows_messages_notes_and_changes_in_their_order(cast, sign_in) -> None:
    solve_conversation(cast.tent, by=cast.ben.actor)
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    places = [
        page.index(words)
        for words in ("przecieka przy szwie", "<strong>zdjęcie</strong>", "W załączniku", "Ask @Cy")
    ]
    assert [*places, page.index("Ben solved this")] == sorted(
        [*places, page.index("Ben solved this")]
    )
    assert "note, only for us" in page


def test_who_was_copied_in_without_a_name_stands_there_with_the_address(cast, sign_in) -> None:
    nameless = make_customer("", email="Sales@maple.example")
    Customer.objects.filter(pk=nameless.pk).update(name="")
    Participant.objects.create(conversation=cast.tent, customer=nameless)
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert "<bdi>Sales@maple.example</bdi>" in page


def test_the_title_says_what_is_shown(cast, sign_in) -> None:
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert f"<title>C-{cast.tent.pk} · Namiot przecieka · Maple Outdoors</title>" in page


def test_cy_zoe_and_strangers_find_nothing(cast, sign_in, client) -> None:
    assert sign_in(cast.cy).get(address(cast)).status_code == 404
    assert sign_in(cast.zoe).get(address(cast)).status_code == 403
    assert client.get(address(cast)).status_code == 302


def test_htmx_gets_the_thread_and_the_other_panes_for_their_places(cast, sign_in) -> None:
    part = sign_in(cast.ben).get(address(cast), headers=HTMX).content.decode()
    assert "<html" not in part
    assert '<main class="thread" id="thread"' in part
    assert 'hx-target="#person"' in part
    assert 'hx-target="#live"' in part


def test_other_conversations_of_the_customer_are_those_the_reader_may_see(cast, sign_in) -> None:
    make_conversation(cast.dora, subject="Old boots", team=cast.support)
    make_conversation(cast.dora, subject="Secret", team=cast.returns)
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert "Old boots" in page
    assert "Secret" not in page


def test_hostile_words_stay_words_and_sanitised_ones_lose_their_looks(cast, sign_in) -> None:
    make_inbound(cast.tent, text="<script>alert(1)</script> https://a.example/x?y=1&z=2.")
    make_inbound(
        cast.tent,
        text="x",
        html='<p style="color:red" id="x">Hi <b>you</b> <img src="cid:pic"></p>'
        '<p><img data-held-src="https://spy.example/a.png"></p>',
    )
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert "<script>alert" not in page
    assert 'href="https://a.example/x?y=1&amp;z=2"' in page
    assert "color:red" not in page
    assert "<b>you</b>" in page
    assert ' src="https://spy' not in page
    assert "Pictures from elsewhere are held back" in page


def test_pictures_that_came_along_stand_in_their_place(cast, sign_in) -> None:
    mail = make_inbound(cast.tent, text="x", html='<p>See <img src="cid:pic@x"></p>')
    picture = Attachment.objects.create(
        message=mail, name="a.png", content_type="image/png", content_id="pic@x", is_inline=True,
        size=3, stored_name="aa/bb/cc",
    )  # fmt: skip
    Attachment.objects.create(message=mail, name="big.iso", size=9**9, refused="Too large.")
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert page.count(f'src="/inbox/files/{picture.pk}"') == 1
    assert "big.iso" in page
    assert "Too large." in page


def test_quoted_history_is_folded_and_not_deleted(cast, sign_in) -> None:
    make_inbound(cast.tent, text="New words", quoted="> old words", signature="-- \nDora")
    html = "<p>Newer <b>words</b></p><blockquote><p>older words</p></blockquote><p>&nbsp;</p>"
    make_inbound(cast.tent, text="Newer words", quoted="> older", html=html)
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert page.count('<details class="fold">') == 3
    assert "&gt; old words" in page
    assert "<blockquote><p>older words</p></blockquote></details>" in page


def test_a_long_thread_opens_at_its_end_and_goes_back_page_by_page(cast, sign_in) -> None:
    start = clock.now() - timedelta(days=30)
    for number in range(120):
        moment = start + timedelta(minutes=number)
        make_inbound(cast.tent, text=f"Word {number}.", sent_at=moment)
    client = sign_in(cast.ben)
    page, seen = client.get(address(cast)).content.decode(), []
    while True:
        seen += [part.partition(".")[0] for part in page.split("Word ")[1:] if part[0].isdigit()]
        if 'id="older"' not in page:
            break
        before = page.partition("before=")[2].partition('"')[0]
        page = client.get(address(cast), {"before": before}, headers=HTMX).content.decode()
    assert sorted(set(seen), key=int) == [str(number) for number in range(120)]


def test_the_number_of_queries_does_not_grow_with_the_messages(cast, sign_in) -> None:
    client = sign_in(cast.ben)
    with CaptureQueriesContext(connection) as few:
        client.get(address(cast))
    for _ in range(30):
        message = make_inbound(cast.tent, text="more")
        Attachment.objects.create(message=message, name="a.pdf", stored_name="aa/bb/cc")
    with CaptureQueriesContext(connection) as many:
        client.get(address(cast))
    assert len(many) == len(few) <= 24


def test_a_conversation_without_words_or_names_still_opens(cast, sign_in) -> None:
    Message.objects.all().delete()
    Conversation.objects.filter(pk=cast.tent.pk).update(subject="", preview="")
    type(cast.dora).objects.filter(pk=cast.dora.pk).update(name="")
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert "No subject" in page
    assert "No name" in page
