"""What is kept of a person: facts with a type, notes, tags, addresses, and who may change them."""

from __future__ import annotations

import pytest

from rapport.accounts.access import AdminsOnly
from rapport.accounts.models import Role
from rapport.customers.access import NotAllowed
from rapport.customers.adding_identities import (
    IdentityTaken,
    NoAddress,
    add_identity,
    remove_identity,
    verify_identity,
)
from rapport.customers.changing_customers import Unfit, change_customer
from rapport.customers.defining_attributes import (
    BadDefinition,
    KeyTaken,
    define_attribute,
    drop_attribute,
)
from rapport.customers.guessing_zones import guess_zone
from rapport.customers.identifying import Address, identify_customers, normalise_address
from rapport.customers.models import Customer, CustomerTag, Organisation
from rapport.customers.tagging import BadTag, tag_customer, untag_customer
from rapport.customers.writing_notes import (
    NoWords,
    change_customer_note,
    drop_customer_note,
    restore_customer_note,
    write_customer_note,
)
from rapport.kernel.journal.models import Entry
from tests.cast import Cast, make_cast
from tests.conversations.racing import race

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    found = Entry.objects.filter(kind__startswith="customers.").order_by("id")
    return [kind.partition(".")[2] for kind in found.values_list("kind", flat=True)]


def test_a_viewer_and_zoe_change_nothing_of_anybody(cast: Cast) -> None:
    type(cast.cy).objects.filter(pk=cast.cy.pk).update(role=Role.VIEWER)
    identity = cast.dora.identities.get()
    note = write_customer_note(cast.dora, text="Wants calls", by=cast.ben.actor)
    for by in (cast.cy.actor, cast.zoe.actor):
        for attempt in (
            lambda by=by: change_customer(cast.dora, name="X", by=by),
            lambda by=by: write_customer_note(cast.dora, text="X", by=by),
            lambda by=by: change_customer_note(note, text="X", by=by),
            lambda by=by: drop_customer_note(note, by=by),
            lambda by=by: tag_customer(cast.dora, tag="X", by=by),
            lambda by=by: add_identity(cast.dora, kind="phone", value="+48601555014", by=by),
            lambda by=by: verify_identity(identity, is_verified=False, by=by),
            lambda by=by: remove_identity(identity, by=by),
        ):
            with pytest.raises(NotAllowed):
                attempt()
    assert kinds() == ["note_written"]


def test_an_organisation_is_one_whatever_its_case(cast: Cast) -> None:
    change_customer(cast.dora, organisation=" Poczta  Polska ", by=cast.ben.actor)
    change_customer(cast.eli, organisation="POCZTA POLSKA", by=cast.ben.actor)
    assert Organisation.objects.get().name == "Poczta Polska"
    change_customer(cast.eli, organisation="", by=cast.ben.actor)
    assert Customer.objects.get(pk=cast.eli.pk).organisation is None
    assert kinds() == ["customer_changed"] * 3


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("number", "1 234,5", 1234.5),
        ("number", "12", 12),
        ("truth", "true", True),
        ("date", "2026-02-28", "2026-02-28"),
        ("choice", "gold", "gold"),
        ("link", "https://crm.example/5", "https://crm.example/5"),
    ],
)
def test_a_value_is_kept_as_its_type_wants_it(
    cast: Cast, type: str, given: str, kept: object
) -> None:
    define_attribute(None, key="plan", label="Plan", type=type, choices=["gold"], by=cast.ada.actor)
    change_customer(cast.dora, attributes={"plan": given}, by=cast.ben.actor)
    assert Customer.objects.get(pk=cast.dora.pk).attributes == {"plan": kept}


@pytest.mark.parametrize(
    ("type", "bad"),
    [
        ("number", "many"),
        ("number", True),
        ("truth", "perhaps"),
        ("date", "2026-02-30"),
        ("choice", "lead"),
        ("link", "javascript:alert(1)"),
        ("link", "//evil.example"),
        ("text", ["a"]),
    ],
)
def test_a_value_of_another_type_is_refused_and_named(cast: Cast, type: str, bad: object) -> None:
    define_attribute(None, key="plan", label="Plan", type=type, choices=["gold"], by=cast.ada.actor)
    with pytest.raises(Unfit) as refused:
        change_customer(cast.dora, attributes={"plan": bad}, by=cast.ben.actor)
    assert refused.value.field == "attributes.plan"
    assert "customer_changed" not in kinds()


def test_attributes_are_defined_by_admins_once_and_leave_the_values(cast: Cast) -> None:
    with pytest.raises(AdminsOnly):
        define_attribute(None, key="plan", label="Plan", by=cast.ben.actor)
    plan = define_attribute(None, key="plan", label="Plan", by=cast.ada.actor)
    with pytest.raises(KeyTaken):
        define_attribute(None, key="plan", label="Again", by=cast.ada.actor)
    for key in ("", "Plan", "1st", "a b"):
        with pytest.raises(BadDefinition):
            define_attribute(None, key=key, label="Plan", by=cast.ada.actor)
    change_customer(cast.dora, attributes={"plan": "gold"}, by=cast.ben.actor)
    drop_attribute(plan, by=cast.ada.actor)
    assert Customer.objects.get(pk=cast.dora.pk).attributes == {"plan": "gold"}


def test_a_note_is_its_writers_and_the_leads_to_change(cast: Cast) -> None:
    note = write_customer_note(cast.dora, text=" Calls\r\nonly ", by=cast.ben.actor)
    assert write_customer_note(cast.dora, text="Calls\nonly", by=cast.ben.actor) == note
    with pytest.raises(NotAllowed):
        change_customer_note(note, text="Mine", by=cast.cy.actor)
    with pytest.raises(NotAllowed):
        drop_customer_note(note, by=cast.cy.actor)
    change_customer_note(note, text="Never call", by=cast.ada.actor)
    drop_customer_note(note, by=cast.ben.actor)
    drop_customer_note(note, by=cast.ben.actor)
    restore_customer_note(note, by=cast.ben.actor)
    assert cast.dora.notes.standing().get().text == "Never call"
    assert kinds() == ["note_written", "note_changed", "note_dropped", "note_restored"]
    for empty in ("", " \n ", "x" * 4001):
        with pytest.raises(NoWords):
            write_customer_note(cast.dora, text=empty, by=cast.ben.actor)


def test_a_tag_is_put_on_once_and_taken_off_once(cast: Cast) -> None:
    tag_customer(cast.dora, tag=" #Łódź  sail ", by=cast.ben.actor)
    tag_customer(cast.dora, tag="ŁÓDŹ SAIL", by=cast.ben.actor)
    assert CustomerTag.objects.get().name == "Łódź sail"
    assert untag_customer(cast.dora, tag="łódź sail", by=cast.ben.actor)
    assert not untag_customer(cast.dora, tag="łódź sail", by=cast.ben.actor)
    assert kinds() == ["tagged", "untagged"]
    with pytest.raises(BadTag):
        tag_customer(cast.dora, tag="#", by=cast.ben.actor)


def test_an_address_belongs_to_one_person_only(cast: Cast) -> None:
    phone = add_identity(cast.dora, kind="phone", value="+48 (601) 555-014", by=cast.ben.actor)
    again = add_identity(cast.dora, kind="phone", value="0048601555014", by=cast.ben.actor)
    assert again == phone
    assert (phone.value, phone.shown) == ("+48601555014", "+48 (601) 555-014")
    with pytest.raises(IdentityTaken) as taken:
        add_identity(cast.eli, kind="phone", value="+48601555014", by=cast.ben.actor)
    assert taken.value.customer == cast.dora
    for kind, value in (("email", "dora@"), ("phone", "call me"), ("telex", "123456")):
        with pytest.raises(NoAddress):
            add_identity(cast.dora, kind=kind, value=value, by=cast.ben.actor)
    verify_identity(phone, by=cast.ben.actor)
    verify_identity(phone, by=cast.ben.actor)
    remove_identity(phone, by=cast.ben.actor)
    remove_identity(phone, by=cast.ben.actor)
    assert kinds() == ["identity_added", "identity_verified", "identity_removed"]


@pytest.mark.django_db(transaction=True)
def test_an_agent_and_an_arrival_with_one_address_at_once_make_one_identity() -> None:
    from django.db import transaction

    cast = make_cast()

    def arrive() -> int:
        with transaction.atomic():
            found = identify_customers([Address("email", "dora@work.example")])
        return found["email", "dora@work.example"].pk

    def add() -> int:
        try:
            identity = add_identity(
                cast.dora, kind="email", value="Dora@work.example", by=cast.ben.actor
            )
        except IdentityTaken as taken:
            return taken.customer.pk
        return identity.customer_id

    one, other = race(arrive, add)
    assert one == other


@pytest.mark.parametrize("written", ["+48 601 555 014", "tel:+48601555014", "0048-601-555-014"])
def test_a_number_is_one_however_it_is_written(written: str) -> None:
    assert normalise_address("phone", written) == "+48601555014"


def test_a_zone_is_guessed_by_the_number_first_and_by_the_language() -> None:
    assert guess_zone(phones=["+886 2 5551 0123"], language="pl") == "Asia/Taipei"
    assert guess_zone(phones=["601555014"], language="pl") == "Europe/Warsaw"
    assert guess_zone(language="zh-Hant") == "Asia/Taipei"
    assert guess_zone(phones=["+1 212 555 0100"], language="en") == ""
