"""Customers by the beginning of a name or a whole address, as far as one may see them."""

from __future__ import annotations

import pytest

from rapport.conversations.finding_people import find_people
from rapport.kernel.asking import ask
from tests.cast import Cast
from tests.makers import make_conversation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "words", ["dor", "DORA", "Dora Z", "ziel", "Zielińska", "dora@poczta.example"]
)
def test_a_name_a_family_name_and_an_address_lead_to_dora(cast: Cast, words: str) -> None:
    cast.dora.name = "Dora Zielińska"
    cast.dora.save()
    met = find_people(cast.ben, words)
    assert [(each.name, each.conversation) for each in met] == [(cast.dora.name, cast.tent.pk)]


@pytest.mark.parametrize(
    ("name", "words"), [("Łucja Żak", "łuc"), ("Łucja Żak", "ża"), ("王小明", "王")]
)
def test_great_and_small_letters_of_any_script(cast: Cast, name: str, words: str) -> None:
    cast.dora.name = name
    cast.dora.save()
    assert [each.name for each in find_people(cast.ben, words)] == [name]


@pytest.mark.parametrize("words", ["", "  ", "%", "_ora", "\0", "x" * 500, "@", "'; --"])
def test_what_names_nobody_finds_nobody(cast: Cast, words: str) -> None:
    assert find_people(cast.ben, words) == []


def test_nobody_finds_a_customer_of_whom_they_may_see_nothing(cast: Cast) -> None:
    cast.dora.name = "Dora Zielińska"
    cast.dora.save()
    for stranger in (cast.cy, cast.zoe):
        assert find_people(stranger, "Dora") == find_people(stranger, "dora@poczta.example") == []
    theirs = make_conversation(cast.dora, subject="Other", assignee=cast.cy)
    assert [each.conversation for each in find_people(cast.cy, "Dora")] == [theirs.pk]


def test_an_index_answers(cast: Cast) -> None:
    ask("SELECT set_config('enable_seqscan', 'off', true)", {})
    plan = ask(
        """EXPLAIN SELECT id FROM customers_customer WHERE lower(name COLLATE "C") >= %(a)s
           AND lower(name COLLATE "C") < %(b)s""",
        {"a": "dora", "b": "dora\U0010ffff"},
    )
    assert "customers_customer_name_begins" in str(plan)
