"""Merging on the page: the other one is searched, one survives, two persons are told apart, and it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.conversations.indexing import index_messages
from rapport.conversations.merging import merge_conversations
from rapport.conversations.models import Conversation, Merge, Message, State
from tests.cast import Cast
from tests.makers import make_conversation
from tests.web.inbox.conftest import HTMX


@pytest.fixture
def others(cast: Cast) -> dict[str, Conversation]:
    """One more of Dora's, one of Eli's in the same team, one that Ben may not see."""
    made = {
        "hers": make_conversation(cast.dora, subject="Śpiwór", team=cast.support),
        "his": make_conversation(cast.eli, subject="帳篷漏水", team=cast.support, text="marmot"),
        "hidden": make_conversation(cast.dora, subject="Zwrot", team=cast.returns, text="marmot"),
    }
    index_messages(list(Message.objects.values_list("pk", flat=True)))
    return made


def address(cast: Cast) -> str:
    return f"/inbox/conversations/C-{cast.tent.pk}/merge"


def test_her_own_are_offered_first(cast: Cast, sign_in: Any, others: Any) -> None:
    page = sign_in(cast.ben).get(address(cast)).content.decode()
    assert "Śpiwór" in page
    assert "帳篷漏水" not in page
    assert "Zwrot" not in page


def test_words_and_numbers_find_another_ones_and_say_so(
    cast: Cast, sign_in: Any, others: Any
) -> None:
    for words in ("marmot", others["his"].ref, str(others["his"].pk)):
        part = sign_in(cast.ben).get(address(cast), {"q": words}, headers=HTMX).content.decode()
        assert "帳篷漏水" in part
        assert "another customer" in part
        assert "Zwrot" not in part
    hidden = sign_in(cast.ben).get(address(cast), {"q": others["hidden"].ref}).content.decode()
    assert "Nothing that you may see answers this." in hidden


def test_one_chooses_who_survives(cast: Cast, sign_in: Any, others: Any) -> None:
    client, hers = sign_in(cast.ben), others["hers"]
    page = client.get(address(cast), {"other": hers.ref}).content.decode()
    assert "Which one goes on?" in page
    assert "two people" not in page
    answer = client.post(address(cast), {"into": hers.ref, "survivor": "this"})
    assert answer.headers["Location"].startswith(f"/inbox/conversations/C-{cast.tent.pk}")
    hers.refresh_from_db()
    assert (hers.state, hers.merged_into_id) == (State.MERGED, cast.tent.pk)


def test_two_persons_are_named_and_a_tick_is_asked_for(
    cast: Cast, sign_in: Any, others: Any
) -> None:
    client, his = sign_in(cast.ben), others["his"]
    page = client.get(address(cast), {"other": his.ref}).content.decode()
    assert "These are two people: Dora Zielińska and 林怡立." in page
    assert 'name="across" value="1" required' in page
    refused = client.post(address(cast), {"into": his.ref}).content.decode()
    assert "These are two people" in refused
    assert not Merge.objects.exists()
    client.post(address(cast), {"into": his.ref, "across": "1"})
    assert Merge.objects.get().target == his


def test_what_went_elsewhere_says_where_and_can_come_back(
    cast: Cast, sign_in: Any, others: Any
) -> None:
    client = sign_in(cast.ben)
    merge = merge_conversations(cast.tent, into=others["hers"], by=cast.ada.actor)
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert f"Ada merged this into {others['hers'].ref}." in page
    client.post(f"/inbox/merges/{merge.pk}", {"_method": "delete"})
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert "merged this into" not in page


def test_who_may_not_see_the_survivor_is_not_led_there(
    cast: Cast, sign_in: Any, others: Any
) -> None:
    merge_conversations(cast.tent, into=others["hidden"], by=cast.ada.actor)
    page = sign_in(cast.ben).get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert "<follow-merge" not in page
    assert "Zwrot" not in page


@pytest.mark.parametrize("query", [{"other": "C-999999"}, {"other": "x"}, {"q": "9" * 30}])
def test_what_is_not_there_offers_the_search(
    cast: Cast, sign_in: Any, others: Any, query: dict[str, str]
) -> None:
    answer = sign_in(cast.ben).get(address(cast), query)
    assert answer.status_code == 200
    assert "Search for the other conversation" in answer.content.decode()
