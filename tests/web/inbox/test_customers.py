"""The customer's pane and page: seen by whom may see them, changed in place, live for others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.accounts.models import Agent, Role
from rapport.conversations.indexing import index_messages
from rapport.conversations.models import Message
from rapport.conversations.recognising_people import recognise_people
from rapport.conversations.solving import solve_conversation
from rapport.customers.defining_attributes import define_attribute
from rapport.customers.models import Customer, CustomerNote
from rapport.customers.tagging import tag_customer
from rapport.customers.writing_notes import write_customer_note
from tests.makers import make_conversation, make_customer
from tests.web.inbox.conftest import HTMX

pytestmark = pytest.mark.django_db


def page_of(client: Any, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_pane_says_what_is_known_of_the_person(cast, sign_in) -> None:
    define_attribute(None, key="plan", label="Contract", by=cast.ada.actor)
    Customer.objects.filter(pk=cast.dora.pk).update(attributes={"plan": "gold", "vip": True})
    write_customer_note(cast.dora, text="Wants <b>calls</b>", by=cast.ben.actor)
    tag_customer(cast.dora, tag="wholesale", by=cast.ben.actor)
    page = page_of(sign_in(cast.ben), f"/inbox/conversations/C-{cast.tent.pk}")
    assert "<dt>Contract</dt><dd>gold</dd>" in page
    assert "<dt>vip</dt><dd>yes</dd>" in page
    assert "Wants &lt;b&gt;calls&lt;/b&gt;" in page
    assert "wholesale" in page
    assert "Guessed by the number or the language: Europe/Warsaw" in page
    assert f'href="/inbox/customers/{cast.dora.pk}"' in page


def test_facts_are_changed_in_place_and_taken_back(cast, sign_in) -> None:
    define_attribute(None, key="seats", label="Seats", type="number", by=cast.ada.actor)
    Customer.objects.filter(pk=cast.dora.pk).update(attributes={"zoo": "lynx"})
    ben, path = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}/facts"
    form = page_of(ben, path)
    assert "Europe/Warsaw (a guess)" in form
    seats = re.search(r'name="(attribute_\w+)" [^>]*inputmode', form)
    zoo = re.search(r'name="(attribute_\w+)" value="lynx"', form)
    assert seats, form
    assert zoo, form
    given = {"name": "Dora Z.", "organisation": "Żagle", "time_zone": "Europe/Warsaw"}
    given |= {seats[1]: "12", zoo[1]: "", "key": "boat", "value": "blue"}
    answer = ben.post(path, given, headers=HTMX).content.decode()
    assert 'hx-target="#person_known"' in answer
    assert "Dora Z." in answer
    dora = Customer.objects.get(pk=cast.dora.pk)
    assert dora.attributes == {"seats": 12, "boat": "blue"}
    assert (dora.name, dora.time_zone, dora.organisation.name) == (
        "Dora Z.", "Europe/Warsaw", "Żagle",
    )  # fmt: skip
    flash = answer.partition('class="flash')[2]
    back = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', flash))
    assert ben.post(path, back, headers=HTMX).status_code == 200
    dora = Customer.objects.get(pk=cast.dora.pk)
    assert dora.name == "Dora Zielińska"
    assert (dora.time_zone, dora.organisation) == ("", None)


def test_what_does_not_fit_stands_beside_its_field(cast, sign_in) -> None:
    define_attribute(None, key="seats", label="Seats", type="number", by=cast.ada.actor)
    ben, path = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}/facts"
    seats = re.search(r'name="(attribute_\w+)" [^>]*inputmode', page_of(ben, path))
    assert seats
    answer = ben.post(path, {"name": "Dora", seats[1]: "many"}, headers=HTMX).content.decode()
    assert "“many” does not fit Seats." in answer
    assert ben.post(path, {"name": "D", "language": "po polsku"}).status_code == 200
    assert Customer.objects.get(pk=cast.dora.pk).name == "Dora Zielińska"


def test_notes_tags_and_addresses_without_scripts(cast, sign_in) -> None:
    ben, here = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}"
    for path, given in (
        (f"{here}/notes", {"text": "Calls only"}),
        (f"{here}/tags", {"tag": "vip"}),
        (f"{here}/identities", {"kind": "phone", "value": "+48 601 555 014", "proved": "on"}),
    ):
        assert page_of(ben, path)
        answer = ben.post(path, given)
        assert (answer.status_code, answer["Location"]) == (302, here)
    page = page_of(ben, here)
    assert all(words in page for words in ("Calls only", "vip", "+48 601 555 014"))
    note = CustomerNote.objects.get()
    assert page_of(ben, f"/inbox/notes/{note.pk}")
    ben.post(f"/inbox/notes/{note.pk}", {"text": "Never call"})
    identity = cast.dora.identities.get(kind="phone")
    assert page_of(ben, f"/inbox/identities/{identity.pk}")
    ben.post(f"/inbox/identities/{identity.pk}", {"proved": "no"})
    identity.refresh_from_db()
    assert not identity.is_verified
    page = page_of(ben, here)
    assert "Never call" in page
    for path in (f"/inbox/notes/{note.pk}", f"/inbox/identities/{identity.pk}"):
        assert ben.post(path, {"_method": "delete"}).status_code == 302
    ben.post(f"{here}/tags", {"_method": "delete", "tag": "VIP"})
    page = page_of(ben, here).partition("flashes")[0]
    assert not any(words in page for words in ("Never call", "+48 601 555 014"))
    assert ben.post(f"{here}/notes", {"text": " "}).status_code == 200
    assert ben.post(f"{here}/tags", {"tag": ""}).status_code == 200
    taken = ben.post(f"{here}/identities", {"kind": "email", "value": "eli@xinxiang.example"})
    assert "belongs to another customer" in taken.content.decode()


def test_a_viewer_reads_and_changes_nothing(cast, sign_in) -> None:
    Agent.objects.filter(pk=cast.ben.pk).update(role=Role.VIEWER)
    viewer, here = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}"
    page = page_of(viewer, here)
    assert "/facts" not in page
    assert "/identities" not in page
    for path in ("facts", "notes", "tags", "identities"):
        given = {"name": "X", "text": "X", "tag": "X", "kind": "phone", "value": "+48601555014"}
        assert viewer.post(f"{here}/{path}", given).status_code == 403


def test_only_whom_one_may_know_is_shown_and_listed(cast, sign_in) -> None:
    make_conversation(cast.eli, subject="Boots", team=cast.returns)
    recognise_people([cast.dora.pk, cast.eli.pk])
    for who, sees in ((cast.ada, {"Zieli", "林"}), (cast.ben, {"Zieli"}), (cast.cy, {"林"})):
        client = sign_in(who)
        for page in (
            page_of(client, "/inbox/customers"),
            page_of(client, "/inbox/customers", q="dora")
            + page_of(client, "/inbox/customers", q="eli@"),
        ):
            assert {name for name in ("Zieli", "林") if name in page} == sees
    assert sign_in(cast.cy).get(f"/inbox/customers/{cast.dora.pk}").status_code == 404
    assert sign_in(cast.zoe).get("/inbox/customers").status_code == 403


@pytest.mark.parametrize(
    "words",
    ["zieli", "DORA ziel", "dora@poczta", "poczta.example", "601 555", "+48 601555014", "wholes"],
)
def test_a_customer_is_found_by_the_beginning_of_whatever_is_known(cast, sign_in, words) -> None:
    from rapport.customers.adding_identities import add_identity
    from rapport.customers.changing_customers import change_customer

    add_identity(cast.dora, kind="phone", value="+48 601 555 014", by=cast.ben.actor)
    change_customer(cast.dora, organisation="Wholesale Żagle", by=cast.ben.actor)
    recognise_people([cast.dora.pk, cast.eli.pk])
    page = page_of(sign_in(cast.ada), "/inbox/customers", q=words)
    assert "Zieli" in page
    assert "林" not in page


@pytest.mark.parametrize("words", ["怡立", "林怡"])
def test_a_chinese_name_is_found_by_either_half(cast, sign_in, words) -> None:
    recognise_people([cast.dora.pk, cast.eli.pk])
    assert "林怡立" in page_of(sign_in(cast.ada), "/inbox/customers", q=words)
    assert "Nobody found" in page_of(sign_in(cast.ada), "/inbox/customers", q=f"{words} dora")


def test_the_history_is_one_line_over_all_channels(cast, sign_in) -> None:
    shop = make_conversation(cast.dora, subject="Parcel", channel=cast.hook)
    make_conversation(cast.dora, subject="Secret", team=cast.returns)
    solve_conversation(cast.tent, by=cast.ben.actor)
    ben, here = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}"
    page = page_of(ben, here)
    assert page.index(f"C-{shop.pk}") < page.index(f"C-{cast.tent.pk}")
    assert "Secret" not in page
    assert "Parcel" not in page_of(ben, here, state="solved")
    assert "Namiot" not in page_of(ben, here, channel="webhook")
    assert "Nothing here" in page_of(ben, here, state="spam")
    assert page_of(ben, here, state="' OR 1=1", channel="\x00", after="x.y")
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    found = page_of(ben, f"{here}/search", q="przecieka")
    assert f"conversations/C-{cast.tent.pk}" in found
    assert "Nothing found" in page_of(ben, f"{here}/search", q="zzz")
    assert "Secret" not in page_of(ben, f"{here}/search", q="hello")


def test_a_long_history_and_a_long_list_go_on_page_by_page(cast, sign_in) -> None:
    for number in range(90):
        make_conversation(cast.dora, subject=f"Matter {number}.", text="")
        make_conversation(make_customer(f"Somebody {number}."), text="")
    ben = sign_in(cast.ben)
    for path, word, end in (
        (f"/inbox/customers/{cast.dora.pk}", "Matter ", "after="),
        ("/inbox/customers", "Somebody ", "after="),
    ):
        page, seen = page_of(ben, path), []
        while True:
            seen += re.findall(rf"{word}(\d+)\.(?:</strong>|</bdi>)", page)
            if end not in page:
                break
            after = page.partition("after=")[2].partition('"')[0]
            page = ben.get(path, {"after": after}, headers=HTMX).content.decode()
        assert sorted(seen, key=int) == [str(number) for number in range(90)]


def test_the_pages_cost_the_same_for_two_as_for_forty(cast, sign_in) -> None:
    ben = sign_in(cast.ben)
    paths = ["/inbox/customers", f"/inbox/customers/{cast.dora.pk}", "/inbox/customers?q=example"]
    paths.append(f"/inbox/conversations/C-{cast.tent.pk}")

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            ben.get(path)
        return len(asked)

    recognise_people([cast.dora.pk])
    for path in paths:
        ben.get(path)
    few = [count(path) for path in paths]
    for number in range(40):
        write_customer_note(cast.dora, text=f"Note {number}", by=cast.ben.actor)
        tag_customer(cast.dora, tag=f"tag {number}", by=cast.ben.actor)
        other = make_customer()
        make_conversation(other, text="")
        make_conversation(cast.dora, text="")
        recognise_people([other.pk])
    assert [count(path) for path in paths] == few
    assert max(few) <= 14, few


def test_a_change_is_news_on_the_page_of_others(cast, sign_in) -> None:
    here = f"/inbox/conversations/C-{cast.tent.pk}"
    page = page_of(sign_in(cast.ada), here)
    assert f"customer:{cast.dora.pk}" in page
    updates = re.search(r'updates="([^"]+)"', page)
    since = re.search(r'since="([^"]+)"', page)
    assert updates
    assert since
    write_customer_note(cast.dora, text="Wants calls", by=cast.ben.actor)
    asked = f"{updates[1].replace('&amp;', '&')}&since={since[1]}"
    answer = sign_in(cast.ada).get(asked, headers=HTMX).content.decode()
    assert answer.count('id="live"') == 1
    own = sign_in(cast.ada).get(f"/inbox/customers/{cast.dora.pk}/updates", headers=HTMX)
    assert "Wants calls" in own.content.decode()


def test_two_are_compared_merged_and_parted_on_pages(cast, sign_in) -> None:
    make_conversation(cast.eli, subject="Boots", team=cast.support)
    Customer.objects.filter(pk=cast.dora.pk).update(attributes={"plan": "silver"})
    Customer.objects.filter(pk=cast.eli.pk).update(attributes={"plan": "gold"})
    recognise_people([cast.dora.pk, cast.eli.pk])
    ben, path = sign_in(cast.ben), f"/inbox/customers/{cast.dora.pk}/merge"
    assert "林怡立" in page_of(ben, path, q="eli@")
    page = page_of(ben, path, **{"with": str(cast.eli.pk)})
    assert "Each of them has proved an address." in page
    given = {"with": str(cast.eli.pk), "take": ["attributes.plan"]}
    assert "Make sure that it is one person." in ben.post(path, given).content.decode()
    answer = ben.post(path, {**given, "sure": "on"})
    assert answer["Location"] == f"/inbox/customers/{cast.dora.pk}"
    page = page_of(ben, f"/inbox/customers/{cast.dora.pk}")
    assert "Boots" in page
    assert "<dd>gold</dd>" in page
    old = ben.get(f"/inbox/customers/{cast.eli.pk}")
    assert old["Location"] == f"/inbox/customers/{cast.dora.pk}"
    undo = re.search(r'action="(/inbox/unions/\d+)"', page)
    assert undo
    assert sign_in(cast.cy).post(undo[1], {"_method": "delete"}).status_code == 404
    ben.post(undo[1], {"_method": "delete"})
    page = page_of(ben, f"/inbox/customers/{cast.dora.pk}")
    assert "<dd>silver</dd>" in page
    assert "Boots" not in page


def test_a_proposal_is_shown_only_to_whom_may_know_both(cast, sign_in) -> None:
    from rapport.customers.adding_identities import add_identity

    add_identity(cast.dora, kind="phone", value="+54 9 11 5555-0123", by=cast.ben.actor)
    add_identity(cast.eli, kind="phone", value="+541155550123", by=cast.ben.actor)
    boots = make_conversation(cast.eli, subject="Boots", team=cast.returns)
    recognise_people([cast.dora.pk, cast.eli.pk])
    here = f"/inbox/customers/{cast.dora.pk}"
    assert "Possibly the same as" not in page_of(sign_in(cast.ben), here)
    page = page_of(sign_in(cast.ada), f"/inbox/conversations/C-{cast.tent.pk}")
    assert "the same phone number" in page
    likeness = re.search(r'action="(/inbox/likenesses/\d+)"', page)
    assert likeness
    gone = {"_method": "delete", "here": str(cast.dora.pk)}
    assert sign_in(cast.ben).post(likeness[1], gone).status_code == 404
    answer = sign_in(cast.ada).post(likeness[1], gone, headers=HTMX).content.decode()
    assert "They stay two people." in answer
    assert "Possibly the same as" not in page_of(sign_in(cast.ada), here)
    assert boots.customer == cast.eli
