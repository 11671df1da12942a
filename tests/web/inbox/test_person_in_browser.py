"""The customer's pane in a browser: edited in place, live for others, and no half-written word is lost."""

from __future__ import annotations

import pytest

from rapport.customers.defining_cards import define_card
from rapport.customers.models import Customer
from rapport.customers.tagging import tag_customer
from rapport.customers.writing_notes import write_customer_note
from tests.browser import sign_in
from tests.cast import make_cast


@pytest.fixture
def cast(live_desk):
    """The named world, committed, so that the served desk sees it."""
    return make_cast()


@pytest.fixture
def pane(page, cast):
    """Ben, beside Dora's conversation."""
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_function("() => document.querySelector('live-updates').source?.readyState === 1")
    return page


def test_what_a_colleague_keeps_of_the_person_stands_there_by_itself(pane, cast) -> None:
    write_customer_note(cast.dora, text="Calls only", by=cast.ada.actor)
    pane.wait_for_selector("#person_known >> text=Calls only")
    tag_customer(cast.dora, tag="wholesale", by=cast.ada.actor)
    pane.wait_for_selector("#person_who >> text=wholesale")


def test_facts_are_edited_in_place_and_news_take_no_word_away(pane, cast) -> None:
    pane.click("#person_known >> text=Edit")
    pane.wait_for_selector("#fact_name:focus")
    pane.fill("#fact_organisation", "Żagle i liny")
    write_customer_note(cast.dora, text="Calls only", by=cast.ada.actor)
    pane.wait_for_selector("#person_known >> text=Calls only")
    assert pane.input_value("#fact_organisation") == "Żagle i liny"
    pane.press("#fact_organisation", "Enter")
    pane.wait_for_selector("#person_known >> text=Żagle i liny")
    pane.wait_for_selector("#fact_name", state="detached")
    assert Customer.objects.get(pk=cast.dora.pk).organisation.name == "Żagle i liny"
    pane.click(".flash >> text=Undo")
    pane.wait_for_selector("#person_known >> text=Żagle i liny", state="detached")


def test_a_form_is_left_and_a_fault_stands_in_it(pane, cast) -> None:
    pane.click("#person_known >> text=Add")
    pane.wait_for_selector("#address_value:focus")
    pane.fill("#address_value", "no address")
    pane.press("#address_value", "Enter")
    pane.wait_for_selector("#person_edit .field__error")
    pane.click("#person_edit >> text=Leave it")
    pane.wait_for_selector("#address_value", state="detached")


def test_a_card_is_asked_by_itself_and_says_what_went_wrong(page, cast) -> None:
    define_card(None, title="Shop", kind="json", url="https://127.0.0.1:9/", by=cast.ada.actor)
    sign_in(page, cast.ben)
    page.goto(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open")
    page.wait_for_selector("#person_cards >> text=Try again")
    page.click("#person_cards >> text=Try again")
    page.wait_for_selector("#person_cards >> text=Try again")
