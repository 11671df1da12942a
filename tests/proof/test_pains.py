"""What users of other desks suffer, from the raw bytes at the door to what a page and the API show."""

from __future__ import annotations

import json
import os
import quopri
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from rapport.channels.email.configuring import MailConfig
from rapport.channels.email.recognising import thread_secret
from rapport.channels.email.writing import keep_message_id, write_mail
from rapport.channels.models import Delivery, Envelope
from rapport.channels.webhook.configuring import thread_key
from rapport.conversations.models import Conversation, JoinProposal, Message, Solution
from rapport.conversations.solving import solve_conversation
from rapport.kernel.mail.tagging_threads import reply_token
from tests.channels.mails import SENT, mail
from tests.proof.house import House, visible_text

ELI = "Eli <eli@xinxiang.example>"
TENT = "<tent-2@poczta.example>"


def raw_mail(
    body: bytes, *, charset: str = "", encoding: str = "8bit", kind: str = "plain"
) -> bytes:
    label = f"; charset={charset}" if charset else ""
    return (
        b"From: Eli <eli@xinxiang.example>\r\nTo: help@maple.example\r\nSubject: Letters\r\n"
        b"Message-ID: <letters@xinxiang.example>\r\nMIME-Version: 1.0\r\n"
        + f"Content-Type: text/{kind}{label}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + body
    )


GBK = "订单 – 朱镕基 已付款"
POLISH = "Zażółć gęślą jaźń, gdzie paczka?"
JAPANESE = "荷物はまだ届いていません。"
LETTERS = {
    "gb18030 labelled gb2312": (raw_mail(GBK.encode("gb18030"), charset="gb2312"), GBK, "镕基"),
    "big5": (raw_mail("包裹還沒有到".encode("big5"), charset="big5"), "包裹還沒有到", "包裹"),
    "bare iso-2022-jp": (raw_mail(JAPANESE.encode("iso2022_jp")), JAPANESE, "荷物"),
    "iso-2022-jp in quoted-printable": (
        raw_mail(
            quopri.encodestring(JAPANESE.encode("iso2022_jp")),
            charset="iso-2022-jp",
            encoding="quoted-printable",
        ),
        JAPANESE,
        "荷物",
    ),
    "windows-1250": (raw_mail(POLISH.encode("cp1250"), charset="windows-1250"), POLISH, "gesla"),
    "iso-8859-2": (raw_mail(POLISH.encode("iso-8859-2"), charset="iso-8859-2"), POLISH, "jazn"),
    "windows-1258": (
        raw_mail("gói hàng".encode("cp1252"), charset="windows-1258"), "gói hàng", "hang"
    ),
    "utf-8 in html labelled gb2312": (
        raw_mail("<p>退款一直沒有收到</p>".encode(), charset="gb2312", kind="html"),
        "退款一直沒有收到",
        "退款",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LETTERS)
def test_p06_p34_letters_of_every_charset_are_readable_and_found(house: House, name: str) -> None:
    raw, text, query = LETTERS[name]
    (message,) = house.take_in(raw)
    assert message["text"].strip() == text
    conversation = house.page(f"/inbox/conversations/C-{message['conversation']}").text
    assert text in visible_text(conversation)
    house.index()
    assert f"C-{message['conversation']}" in house.page("/inbox/search", q=query).text


def test_p01_p04_whatever_bytes_come_they_are_on_screen(house: House) -> None:
    chance = random.Random(1)
    raws = [chance.randbytes(chance.randrange(1, 3000)) for _ in range(25)]
    raws += [b"\x00", b"From: \xff", b"Content-Type: multipart/mixed\r\n\r\n", b"x: y\r\n" * 5000]
    answers = [house.post_mail(raw) for raw in raws]
    assert {answer.status_code for answer in answers} == {202}
    house.work()
    for envelope in Envelope.objects.order_by("pk"):
        shown = house.get(f"/api/v1/envelopes/{envelope.pk}")
        assert shown["state"] in ("done", "parked")
        if shown["state"] == "parked":
            assert str(envelope.pk) in house.page("/inbox/parked").text
        else:
            assert house.page(f"/inbox/messages/{shown['message']}").status_code == 200


def test_p04_p12_no_empty_long_and_repeated_message_ids_are_all_kept_and_never_joined(
    house: House,
) -> None:
    ids = ["", "<>", "<@>", f"<{'x' * 290}@poczta.example>", "<same@x.example>", "<same@x.example>"]
    raws = [
        mail(sender=f"c{n}@poczta.example", text=f"Text {n}", Message_ID="<given@id>").replace(
            b"<given@id>", name.encode() + b"\r\nReferences: <> " + name.encode()
        )
        for n, name in enumerate(ids)
    ]
    messages = house.take_in(*raws)
    assert [message["text"].strip() for message in messages] == [f"Text {n}" for n in range(6)]
    assert len({message["conversation"] for message in messages}) == 6


AUTOMATIC = {
    "auto_reply": mail(sender=ELI, Auto_Submitted="auto-replied", subject="Absent"),
    "bulk": mail(sender=ELI, List_Id="<news.example>", Precedence="bulk", subject="News"),
    "bounce": mail(
        sender="MAILER-DAEMON@poczta.example", Return_Path="<>", Auto_Submitted="auto-replied",
        subject="Undelivered Mail Returned to Sender", Content_Description="Notification",
    ).replace(b"text/plain", b"multipart/report; report-type=delivery-status; boundary=x", 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_p17_automatic_mail_is_shown_as_such_and_nobody_waits_or_answers(
    house: House, kind: str
) -> None:
    (message,) = house.take_in(AUTOMATIC[kind])
    assert message["kind"] == kind
    assert message["auto_reply"] == (kind == "auto_reply")
    found = house.get(f"/api/v1/conversations/{message['conversation']}")
    assert found["waiting_since"] is None
    label = str(Message(kind=kind).get_kind_display())
    page = house.page(f"/inbox/conversations/C-{message['conversation']}").text
    assert label in visible_text(page)
    assert not Delivery.objects.exists()


def test_p17_our_own_mail_that_comes_back_makes_no_message(house: House) -> None:
    path = f"/api/v1/conversations/{house.cast.tent.pk}/messages"
    answer = house.ask("POST", path, json={"text": "Our own", "anyway": True}).json()
    sent, channel = Message.objects.get(pk=answer["id"]), house.cast.mail
    keep_message_id(sent, channel=channel)
    assert house.post_mail(write_mail(sent, channel=channel, settings=MailConfig()).raw)
    before = Message.objects.count()
    house.work()
    assert Message.objects.count() == before
    assert Envelope.objects.get().error == "own"


@pytest.mark.parametrize("prefix", ["Re: ", "AW: ", "Odp: ", "回复：", "[Ticket#{n}] ", "C-{n} "])
def test_p13_p15_a_stranger_who_names_her_conversation_sees_and_joins_nothing(
    house: House, prefix: str
) -> None:
    number = house.cast.tent.pk
    subject = prefix.format(n=number) + "Namiot przecieka"
    (message,) = house.take_in(mail(sender=ELI, subject=subject, In_Reply_To=TENT, References=TENT))
    assert message["conversation"] != number
    assert house.get(f"/api/v1/conversations/{number}")["message_count"] == 4
    page = house.page(f"/inbox/conversations/C-{message['conversation']}", by=house.cast.cy).text
    assert "zwrot pieni" not in page
    assert "dora@poczta" not in page


@pytest.mark.parametrize(
    ("heads", "has_token", "is_joined"),
    [
        ({"In_Reply_To": "<x@apple.example>", "References": "<x@apple.example>"}, True, True),
        ({"Thread_Index": "AQHZ1", "subject": "AW: Namiot przecieka"}, False, False),
        ({"Thread_Index": "AQHZ1", "subject": "RE: Namiot przecieka"}, True, True),
        ({"subject": "Case 7: answer"}, True, True),
        ({"subject": "回复：Namiot przecieka"}, False, False),
        ({"subject": "Odp: Namiot przecieka", "In_Reply_To": TENT}, False, True),
    ],
)
def test_p12_p15_mailers_that_lose_the_thread_join_by_what_is_ours_or_are_proposed(
    house: House, heads: dict[str, str], has_token: bool, is_joined: bool
) -> None:
    tent = house.cast.tent
    plus = f"+{reply_token(thread_secret(), tent.pk)}" if has_token else ""
    hers = {"sender": "Dora <dora@poczta.example>", "to": f"help{plus}@maple.example"}
    (answer,) = house.take_in(mail(**hers, **heads))
    assert (answer["conversation"] == tent.pk) == is_joined
    proposed = JoinProposal.objects.filter(conversation=answer["conversation"], other=tent)
    assert proposed.exists() != is_joined
    if not is_joined:
        assert tent.ref in house.page(f"/inbox/conversations/C-{answer['conversation']}").text


def test_p14_a_newsletters_answers_of_two_people_are_two_conversations(house: House) -> None:
    heads = {"In_Reply_To": "<news-7@maple.example>", "subject": "Re: Autumn sale"}
    one, two = house.take_in(mail(**heads), mail(sender=ELI, **heads))
    assert one["conversation"] != two["conversation"]


def test_p14_p16_her_late_answer_under_a_new_topic_is_linked_and_answered_under_it(
    house: House,
) -> None:
    tent = house.cast.tent
    solution = solve_conversation(tent, by=house.cast.ben.actor)
    Solution.objects.filter(pk=solution.pk).update(at=solution.at - timedelta(days=90))
    (late,) = house.take_in(
        mail(sender="dora@poczta.example", subject="Re: Inny temat: buty", In_Reply_To=TENT)
    )
    found = house.get(f"/api/v1/conversations/{late['conversation']}")
    assert found["continues"] == tent.pk
    answer = house.ask(
        "POST", f"/api/v1/conversations/{found['id']}/messages", json={"text": "Buty są."}
    )
    assert answer.json()["subject"] == "Re: Inny temat: buty"


def test_p17_whoever_was_copied_in_answers_under_their_own_name(house: House) -> None:
    (message,) = house.take_in(mail(sender="Dora <dora@poczta.example>", Cc=ELI))
    (answer,) = house.take_in(
        mail(sender=ELI, subject="Re: Where is my parcel?", text="From Eli", In_Reply_To=TENT)
    )
    assert answer["customer"] == house.cast.eli.pk
    assert message["customer"] == house.cast.dora.pk


def test_p08_p11_the_same_mail_eight_times_at_once_is_one_message(house: House) -> None:
    raw = mail(Message_ID="<eight@poczta.example>", text="Eight times")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.post_mail(raw), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
    house.work()
    found = house.get("/api/v1/messages", external_id="<eight@poczta.example>")
    assert len(found["items"]) == 1


def test_p08_p21_a_webhook_five_times_and_out_of_order_is_each_once_in_the_customers_order(
    house: House,
) -> None:
    def body(n: int, ref: str = "") -> bytes:
        contact = {"external_id": "u-1", "name": "Dora"}
        when = (SENT + timedelta(seconds=n)).isoformat()
        told = {"external_id": f"wh-{n}", "contact": contact, "text": f"Word {n}", "sent_at": when}
        return json.dumps(told | ({"conversation_ref": ref} if ref else {})).encode()

    assert house.post_signed(body(0), message_id="msg_0").status_code == 202
    house.work()
    number = house.get("/api/v1/messages", external_id="wh-0")["items"][0]["conversation"]
    ref = reply_token(thread_key(str(house.cast.hook.public_id)), number)
    bodies = [body(0), body(1, ref), body(2, ref)]
    for n in (2, 1):
        for again in range(5):
            answer = house.post_signed(bodies[n], message_id=f"msg_{n}")
            assert answer.status_code == (200 if again else 202), answer.text
    house.work()
    assert house.post_signed(bodies[0], message_id="msg_0").status_code == 200
    assert _words_of(house, number) == ["Word 0", "Word 1", "Word 2"]


def test_p09_a_double_click_in_two_tabs_is_one_message(house: House) -> None:
    path = f"/inbox/conversations/{house.cast.tent.ref}/messages"
    form = {"kind": "reply", "text": "Clicked twice", "client_key": "tab-1", "anyway": "1"}
    house.session(house.cast.ben)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.submit(path, by=house.cast.ben, **form), range(4)))
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert Message.objects.filter(text="Clicked twice").count() == 1
    assert Delivery.objects.count() == 1


def test_e12_of_two_agents_who_answer_within_a_second_the_second_is_shown_the_first(
    house: House,
) -> None:
    tent = house.cast.tent
    path = f"/inbox/conversations/{tent.ref}/messages"
    seen = {"kind": "reply", "seen": str(tent.last_message_id)}
    house.submit(path, by=house.cast.ben, text="Ben was first", client_key="b", **seen)
    warned = house.submit(path, by=house.cast.ada, text="Ada came second", client_key="a", **seen)
    assert "Ben was first" in warned.text
    assert "Ada came second" in warned.text
    assert not Message.objects.filter(text="Ada came second").exists()


def test_p18_her_mail_to_what_was_merged_and_the_way_back(house: House) -> None:
    cast = house.cast
    (bag,) = house.take_in(
        mail(sender="dora@poczta.example", subject="Plecak", Message_ID="<bag@poczta.example>")
    )
    before = _words_of(house, bag["conversation"])
    answer = house.submit(f"/inbox/conversations/C-{bag['conversation']}/merge", into=cast.tent.ref)
    assert answer.status_code in (200, 302)
    reply = mail(
        sender="dora@poczta.example",
        subject="Re: Plecak",
        text="Ucho",
        In_Reply_To="<bag@poczta.example>",
    )
    (late,) = house.take_in(reply)
    assert late["conversation"] == cast.tent.pk
    merge = Conversation.objects.get(pk=bag["conversation"]).merges_away.get()
    house.submit(f"/inbox/merges/{merge.pk}")
    assert _words_of(house, bag["conversation"])[: len(before)] == before
    (later,) = house.take_in(reply.replace(b"Ucho", b"Pasek"))
    assert later["conversation"] == bag["conversation"]


def test_p19_two_addresses_of_one_name_are_two_people_until_somebody_says_otherwise(
    house: House,
) -> None:
    one, two = house.take_in(
        mail(sender="Jan Nowak <jan@praca.example>"), mail(sender="Jan Nowak <jan@dom.example>")
    )
    assert one["customer"] != two["customer"]
    assert one["conversation"] != two["conversation"]


def test_p32_a_page_that_slept_catches_up_from_where_it_was(house: House) -> None:
    page = house.page("/inbox/open").text
    since = page.partition(' since="')[2].partition('"')[0]
    (fresh,) = house.take_in(mail(sender=ELI, subject="While you slept"))
    news = house.page("/inbox/updates", shelf="open", since=since)
    assert f"row_{fresh['conversation']}" in news.text
    assert "While you slept" in news.text
    assert os.environ["DATABASE_URL"] == house.desk.database_url


def _words_of(house: House, conversation: int) -> list[str]:
    items = house.get(f"/api/v1/conversations/{conversation}/messages")["items"]
    return [message["text"] for message in items]
