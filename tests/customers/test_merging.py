"""Two customers become one person, and two again exactly as they were."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.accounts.models import Role
from rapport.conversations.models import Conversation, Message, Participant
from rapport.conversations.recognising_people import recognise_people
from rapport.conversations.rehoming import rehome_strays
from rapport.customers.access import NotAllowed
from rapport.customers.adding_identities import add_identity
from rapport.customers.changing_customers import change_customer
from rapport.customers.comparing import dismiss_likeness, restore_likeness
from rapport.customers.identifying import Address, identify_customers
from rapport.customers.locking import MergedAway
from rapport.customers.merging import BothVerified, NotMergeable, merge_customers
from rapport.customers.models import (
    Customer,
    CustomerMerge,
    CustomerNote,
    CustomerTagging,
    Identity,
    Likeness,
)
from rapport.customers.parting import part_customers
from rapport.customers.tagging import tag_customer
from rapport.customers.writing_notes import write_customer_note
from rapport.kernel.actors import Actor
from rapport.kernel.journal.models import Entry
from tests.cast import Cast, make_cast
from tests.conversations.racing import race
from tests.makers import make_conversation, make_customer, make_inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def dodo(cast: Cast) -> Customer:
    """Dora by another address that nobody proved, with a conversation, a seat in hers, facts, notes and tags."""
    dodo = make_customer("D. Zielińska", email="dora@work.example", language="de")
    dodo.identities.update(is_verified=False)
    Customer.objects.filter(pk=dodo.pk).update(attributes={"plan": "gold", "size": 42})
    Customer.objects.filter(pk=cast.dora.pk).update(attributes={"plan": "silver"})
    make_conversation(dodo, subject="Buty", team=cast.support, channel=cast.mail)
    Participant.objects.create(conversation=cast.tent, customer=dodo)
    make_inbound(cast.tent, text="From work", customer=dodo)
    write_customer_note(dodo, text="Calls only", by=cast.ben.actor)
    for tag in ("vip", "wholesale"):
        tag_customer(dodo, tag=tag, by=cast.ben.actor)
    tag_customer(cast.dora, tag="VIP", by=cast.ben.actor)
    return Customer.objects.get(pk=dodo.pk)


def everything() -> dict[str, list[Any]]:
    """All that a merge may touch."""
    return {
        "people": list(
            Customer.objects.order_by("pk").values(
                "pk", "name", "language", "attributes", "organisation", "merged_into"
            )
        ),
        "identities": list(Identity.objects.order_by("pk").values("pk", "customer", "is_verified")),
        "conversations": list(Conversation.objects.order_by("pk").values("pk", "customer")),
        "messages": list(Message.objects.order_by("pk").values("pk", "customer")),
        "seats": sorted(Participant.objects.values_list("conversation", "customer")),
        "notes": list(CustomerNote.objects.order_by("pk").values("pk", "customer", "ended_at")),
        "tags": sorted(CustomerTagging.objects.values_list("customer", "tag__name")),
    }


def test_merging_brings_all_over_and_parting_restores_exactly(cast: Cast, dodo: Customer) -> None:
    before = everything()
    merge = merge_customers(dodo, into=cast.dora, by=cast.ben.actor, take=["attributes.plan"])
    assert merge_customers(dodo, into=cast.dora, by=cast.ben.actor) == merge
    dora = Customer.objects.get(pk=cast.dora.pk)
    assert dora.attributes == {"plan": "gold", "size": 42}
    assert (dora.name, dora.language) == ("Dora Zielińska", "pl")
    assert dora.conversations.count() == 2
    assert dora.identities.count() == 2
    assert not Participant.objects.filter(customer=dodo).exists()
    assert not Message.objects.filter(customer=dodo).exists()
    assert sorted(dora.taggings.values_list("tag__name", flat=True)) == ["vip", "wholesale"]
    part_customers(merge, by=cast.ben.actor)
    part_customers(merge, by=cast.ben.actor)
    assert everything() == before
    kinds = Entry.objects.filter(kind__in=["customers.merged", "customers.parted"])
    assert [(e.kind, e.details["other"]) for e in kinds.order_by("id")] == [
        ("customers.merged", dodo.pk),
        ("customers.parted", dodo.pk),
    ]


def test_later_mail_from_either_address_finds_the_one(cast: Cast, dodo: Customer) -> None:
    merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    both = [Address("email", each) for each in ("dora@work.example", "dora@poczta.example")]
    found = identify_customers(both)
    assert {person.pk for person in found.values()} == {cast.dora.pk}


def test_what_came_since_stays_with_whose_address_it_came_by(cast: Cast, dodo: Customer) -> None:
    merge = merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    dora = Customer.objects.get(pk=cast.dora.pk)

    def from_(address: str) -> dict[str, Any]:
        return {"addresses": {"from": [{"name": "", "address": address}]}}

    home = make_conversation(dora, subject="Home", text="")
    make_inbound(home, text="From home", **from_("dora@poczta.example"))
    work = make_conversation(dora, subject="Work", text="")
    make_inbound(work, text="From work", **from_("Dora@Work.example"))
    answer = make_inbound(home, text="From work, too", **from_("dora@work.example"))
    change_customer(dora, name="Dora Nowak", by=cast.ben.actor)
    part_customers(merge, by=cast.ben.actor)
    assert Conversation.objects.get(pk=home.pk).customer == cast.dora
    assert Conversation.objects.get(pk=work.pk).customer == dodo
    assert Message.objects.get(pk=answer.pk).customer == dodo
    seats = Participant.objects.filter(conversation__in=[home, work])
    assert sorted(seats.values_list("conversation", "customer")) == sorted(
        [(home.pk, cast.dora.pk), (home.pk, dodo.pk), (work.pk, dodo.pk)]
    )
    assert Customer.objects.get(pk=cast.dora.pk).name == "Dora Nowak"


def test_nobody_is_joined_across_proved_addresses_unless_a_colleague_means_it(
    cast: Cast, dodo: Customer
) -> None:
    dodo.identities.update(is_verified=True)
    with pytest.raises(BothVerified):
        merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    for machine in (Actor.system("likeness"), Actor("rule", 1), Actor("assistant", None)):
        with pytest.raises(BothVerified):
            merge_customers(dodo, into=cast.dora, by=machine, across_verified=True)
    merge_customers(dodo, into=cast.dora, by=cast.ben.actor, across_verified=True)


def test_who_may_not_work_merges_nobody_and_nobody_merges_with_themselves(
    cast: Cast, dodo: Customer
) -> None:
    type(cast.cy).objects.filter(pk=cast.cy.pk).update(role=Role.VIEWER)
    merge = merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    for by in (cast.cy.actor, cast.zoe.actor):
        with pytest.raises(NotAllowed):
            merge_customers(cast.eli, into=cast.dora, by=by)
        with pytest.raises(NotAllowed):
            part_customers(merge, by=by)
    with pytest.raises(NotMergeable):
        merge_customers(cast.eli, into=cast.eli, by=cast.ben.actor)
    for source, into in ((dodo, cast.eli), (cast.eli, dodo)):
        with pytest.raises(MergedAway):
            merge_customers(source, into=into, by=cast.ben.actor, across_verified=True)
    with pytest.raises(MergedAway):
        tag_customer(dodo, tag="x", by=cast.ben.actor)


@pytest.mark.parametrize("order", ["outer first", "inner first"])
def test_a_chain_comes_apart_in_either_order(cast: Cast, dodo: Customer, order: str) -> None:
    before = everything()
    inner = merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    outer = merge_customers(cast.dora, into=cast.eli, by=cast.ben.actor, across_verified=True)
    assert Conversation.objects.exclude(customer=cast.eli).count() == 0
    for merge in (outer, inner) if order == "outer first" else (inner, outer):
        part_customers(merge, by=cast.ben.actor)
    assert everything() == before


def test_a_pair_that_was_parted_is_not_proposed_again(cast: Cast, dodo: Customer) -> None:
    add_identity(dodo, kind="phone", value="+54 9 11 5555 0123", by=cast.ben.actor)
    add_identity(cast.dora, kind="phone", value="+54 11 5555-0123", by=cast.ben.actor)
    recognise_people([dodo.pk, cast.dora.pk])
    assert Likeness.objects.standing().count() == 1
    merge = merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    recognise_people([dodo.pk, cast.dora.pk])
    assert Likeness.objects.standing().count() == 0
    part_customers(merge, by=cast.ben.actor)
    recognise_people([dodo.pk, cast.dora.pk])
    assert Likeness.objects.standing().count() == 0


def test_what_slips_in_at_the_moment_of_a_merge_follows(cast: Cast, dodo: Customer) -> None:
    merge_customers(dodo, into=cast.dora, by=cast.ben.actor)
    late = make_conversation(dodo, subject="Late")
    rehome_strays([dodo.pk, cast.dora.pk])
    late.refresh_from_db()
    assert late.customer == cast.dora
    assert late.participants.get().customer == cast.dora


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_each_into_the_other_at_once_leave_one() -> None:
    cast = make_cast()
    cast.eli.identities.update(is_verified=False)

    def merge(source: Customer, into: Customer) -> str:
        try:
            merge_customers(source, into=into, by=cast.ada.actor)
        except MergedAway:
            return "late"
        return "merged"

    done = race(lambda: merge(cast.dora, cast.eli), lambda: merge(cast.eli, cast.dora))
    assert sorted(done) == ["late", "merged"]
    assert Customer.objects.filter(merged_into=None).count() == 1
    assert CustomerMerge.objects.standing().count() == 1


def alike(*people: Customer) -> list[list[str]]:
    recognise_people([person.pk for person in people])
    return [row.reasons for row in Likeness.objects.standing().order_by("pk")]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"phone": "+54 9 11 5555-0123"}, {"phone": "+541155550123"}, ["phone"]),
        ({"phone": "+52 1 55 5555 0123"}, {"phone": "+52 55 5555 0123"}, ["phone"]),
        ({"phone": "+55 11 95555-0123"}, {"phone": "+55 11 5555-0123"}, ["phone"]),
        ({"email": "d.nowak@gmail.com"}, {"email": "D.Nowak+shop@googlemail.com"}, ["mail"]),
        ({"phone": "+48601555014"}, {"phone": "+48601555015"}, None),
        ({"email": "nowak@a.example"}, {"email": "nowak@b.example"}, None),
    ],
)
def test_the_same_number_or_address_in_another_form_is_proposed(
    cast: Cast, one: dict[str, str], other: dict[str, str], reasons: list[str] | None
) -> None:
    people = [make_customer("Ona"), make_customer("Pan Nikt")]
    for person, known in zip(people, (one, other), strict=True):
        for kind, value in known.items():
            add_identity(person, kind=kind, value=value, by=cast.ben.actor)
    assert alike(*people) == ([reasons] if reasons else [])


def test_the_same_name_at_the_same_company_is_proposed_but_not_at_a_free_house(cast: Cast) -> None:
    firm = [make_customer("Jan Żak", email=f"{name}@zagle.example") for name in ("jan", "j.zak")]
    make_customer("Jan Żak", email="jan@gmail.com")
    free = make_customer("Jan Żak", email="zak@gmail.com")
    assert alike(*firm, free, *Customer.objects.filter(name="Jan Żak")) == [["named"]]


def test_a_number_in_a_signature_is_a_reason(cast: Cast) -> None:
    add_identity(cast.eli, kind="phone", value="+48 601 555 014", by=cast.ben.actor)
    mail = make_inbound(cast.tent, text="Hi", signature="Dora\ntel. 601 555 014, NIP 1234567")
    recognise_people([cast.dora.pk, cast.eli.pk], messages=[mail.pk])
    assert Likeness.objects.get().reasons == ["signed"]


def test_what_many_share_says_nothing(cast: Cast) -> None:
    people = [make_customer() for _ in range(7)]
    for number, person in enumerate(people):
        mail = make_inbound(
            make_conversation(person, text=""), text="Hi", signature="Tel +48 22 555 01 00"
        )
        recognise_people([person.pk], messages=[mail.pk])
        if number == 6:
            assert alike(person) == []


def test_a_proposal_goes_with_its_reason_and_is_dismissed_for_good(cast: Cast) -> None:
    one = add_identity(cast.dora, kind="phone", value="+54 9 11 5555-0123", by=cast.ben.actor)
    add_identity(cast.eli, kind="phone", value="+541155550123", by=cast.ben.actor)
    assert alike(cast.dora, cast.eli) == [["phone"]]
    found = Likeness.objects.get()
    dismiss_likeness(found, by=cast.ben.actor)
    dismiss_likeness(found, by=cast.ben.actor)
    assert alike(cast.dora, cast.eli) == []
    restore_likeness(found, by=cast.ben.actor)
    assert alike(cast.dora, cast.eli) == [["phone"]]
    one.delete()
    assert alike(cast.dora) == []
