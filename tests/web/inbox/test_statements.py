"""A page asks as many statements for two hundred rows, messages, colleagues as for one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from rapport.conversations.models import Attachment
from rapport.conversations.noting import write_note
from rapport.conversations.tagging import tag_conversation
from tests.cast import Cast
from tests.makers import (
    make_agent,
    make_conversation,
    make_customer,
    make_inbound,
    make_message,
    make_team,
)
from tests.web.inbox.conftest import HTMX
from tests.web.inbox.statements import counted, statements_of

SIZES = (1, 50, 200)
Grow = Callable[[int, int], None]


@pytest.fixture
def ben(cast: Cast, sign_in) -> Client:
    return sign_in(cast.ben)


def pages_of(cast: Cast) -> dict[str, tuple[str, dict[str, str]]]:
    """Every page that is open all day, whole and as a fragment."""
    tent = f"/inbox/conversations/C-{cast.tent.pk}?shelf=open"
    return {
        "list": ("/inbox/open", {}),
        "waiting": ("/inbox/waiting", {}),
        "conversation": (tent, {}),
        "opened by htmx": (tent, HTMX),
        "search": ("/inbox/search?q=namiot", {}),
    }


def counts_at(cast: Cast, client: Client, grow: Grow) -> dict[str, list[int]]:
    """How many statements each page takes at each size."""
    found: dict[str, list[int]] = {name: [] for name in pages_of(cast)}
    have = 0
    for size in SIZES:
        grow(have, size)
        have = size
        for name, (path, headers) in pages_of(cast).items():
            found[name].append(statements_of(client, path, **headers))
    return found


def check_flat(found: dict[str, list[int]]) -> None:
    assert {name: counts for name, counts in found.items() if len(set(counts)) > 1} == {}
    assert all(0 < counts[0] < 15 for counts in found.values()), found


def test_nothing_is_missed_by_who_counts(cast: Cast) -> None:
    from django.db import connection

    from rapport.kernel.asking import Question, asked_together

    with counted() as said:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        with asked_together([Question("SELECT 2", {}), Question("SELECT 3", {})]):
            pass
    assert len(said) == 3


def test_rows_cost_no_statements(cast: Cast, ben: Client) -> None:
    def grow(have: int, size: int) -> None:
        for number in range(have, size):
            customer = make_customer(f"Dora {number}", language="pl")
            made = make_conversation(
                customer, subject=f"Namiot {number}", team=cast.support, channel=cast.mail,
                assignee=cast.ben if number % 2 else None,
            )  # fmt: skip
            tag_conversation(made, tag="vip", by=cast.ben.actor)

    check_flat(counts_at(cast, ben, grow))


def test_messages_cost_no_statements(cast: Cast, ben: Client) -> None:
    def grow(have: int, size: int) -> None:
        for number in range(have, size):
            if number % 3 == 0:
                message = make_inbound(cast.tent, text=f"Namiot {number}")
            elif number % 3 == 1:
                fields = {"agent": cast.ben, "author_name": "Ben", "text": f"**{number}**"}
                message = make_message(cast.tent, direction="out", **fields)
            else:
                message = write_note(cast.tent, by=cast.ada.actor, text=f"Note {number}")
            Attachment.objects.create(message=message, name=f"{number}.txt", size=1)

    check_flat(counts_at(cast, ben, grow))


def test_colleagues_and_teams_cost_no_statements(cast: Cast, ben: Client) -> None:
    def grow(have: int, size: int) -> None:
        for number in range(have, size):
            make_agent(f"Colleague {number}", team=make_team(f"Team {number}"))

    check_flat(counts_at(cast, ben, grow))


def test_a_customers_other_conversations_cost_no_statements(cast: Cast, ben: Client) -> None:
    def grow(have: int, size: int) -> None:
        for number in range(have, size):
            make_conversation(cast.dora, subject=f"Other {number}", team=cast.support)

    check_flat(counts_at(cast, ben, grow))


def test_news_cost_no_statements(cast: Cast, ben: Client) -> None:
    made = [
        make_conversation(make_customer(f"Eli {number}"), team=cast.support)
        for number in range(SIZES[-1])
    ]
    counts = []
    for size in SIZES:
        page = ben.get(f"/inbox/conversations/C-{cast.tent.pk}?shelf=open").text
        address = re.search(r'updates="([^"]+)"', page)[1].replace("&amp;", "&")
        since = re.search(r'since="([^"]+)"', page)[1]
        write_note(cast.tent, by=cast.ada.actor, text=f"News {size}")
        for conversation in made[:size]:
            write_note(conversation, by=cast.ada.actor, text=f"News {size}")
        counts.append(statements_of(ben, f"{address}&since={since}", **HTMX))
    assert len(set(counts)) == 1, counts
    assert 0 < counts[0] < 15
