"""Guessed ids: every address that Django serves, asked by a stranger, by Zoe, and by Cy of another team."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from rapport.accounts.granting_tokens import grant_token
from rapport.accounts.models import Agent
from rapport.conversations.models import Attachment, Conversation, Message
from rapport.kernel import clock
from rapport.kernel.live.tickets import read_ticket
from tests.cast import Cast
from tests.makers import make_conversation
from tests.proof.addresses import THEIR_WORDS, Address, make_theirs, private_addresses

pytestmark = pytest.mark.django_db
METHODS = ("get", "head", "post", "put", "patch", "delete")
#: Tables that change with every request, whoever asks.
RESTLESS = ("django_session", "procrastinate_", "django_migrations", "account_", "mfa_")
#: Not even an administrator's pages repeat these.
UNSAID = {"hook-secret-of-help"}
REFUSED = {302, 401, 403, 404, 405}


@pytest.fixture
def theirs(cast: Cast) -> dict[str, int]:
    return make_theirs(cast)


def browser_of(agent: Agent) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(agent, backend="rapport.web.sign_in.recognising.Recogniser")
    return client


def program_of(agent: Agent) -> Client:
    _row, token = grant_token(agent, name="guess", scopes=["*"], by=agent.actor)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


def everything(theirs: dict[str, int], uploads: list[int]) -> dict[str, Any]:
    """A body that satisfies any form and any shape, and names their things wherever a thing can be named."""
    tent, message = theirs["conversations/"], theirs["messages/"]
    return {
        "text": "Guessed", "kind": "reply", "reply_to": "spy@evil.example", "what": "team",
        "agent": None, "team": None, "priority": 1, "until": "2030-01-01T00:00:00Z", "name": "vip",
        "new": "vip", "tag": "vip", "into": f"C-{tent}", "across": "1", "message": str(message),
        "subject": "Guessed", "secret": "szwu", "decision": "again", "anyway": True, "forwards": message,
        "to": ["spy@evil.example"], "attachments": uploads, "upload": uploads, "conversation": tent,
    }  # fmt: skip


def ask(client: Client, method: str, address: Address, body: dict[str, Any]) -> HttpResponseBase:
    if method in ("get", "head"):
        query = {
            "q": question_at(address.path),
            "conversation": body["conversation"],
            "since": "0.0.0",
            "shelf": "all",
        }
        return getattr(client, method)(address.path, query)  # type: ignore[no-any-return]
    if address.path.endswith("/writer"):
        body = {**body, "kind": "human"}
    if address.route.endswith("/identities"):
        body = {**body, "kind": "phone", "value": "+48601555014"}
    if address.route.endswith("/trail"):
        body = {**body, "kind": "page", "title": "Guessed"}
    if address.route.endswith("/merges"):
        body = {**body, "source": int(address.path.split("/")[4])}
    if address.path.startswith("/api/"):
        return getattr(client, method)(address.path, json.dumps(body), "application/json")  # type: ignore[no-any-return]
    form = {name: value for name, value in body.items() if value is not None}
    if method == "post":
        return client.post(address.path, form)
    return client.post(address.path, {**form, "_method": method})


def words_of(answer: HttpResponseBase) -> str:
    parts = answer if answer.streaming else [answer.content]  # type: ignore[attr-defined]
    return b"".join(parts).decode(errors="replace") + str(answer.headers)


def answers(
    client: Client, theirs: dict[str, int], body: dict[str, Any], *, own: bool = True
) -> Iterator[tuple[str, Address, int, str]]:
    """Everything that this client gets by all methods at all addresses."""
    for address in private_addresses(theirs):
        for method in METHODS:
            if own or not address.is_own:
                answer = ask(client, method, address, body)
                yield method, address, answer.status_code, words_of(answer)


def spoken(theirs: dict[str, int], words: str) -> list[str]:
    """Which of their words are said; the address that was asked for may be repeated.

    C-1 is not said by C-1042, which stands in a field as an example, nor anything by the dice of a token.
    """
    tent = theirs["conversations/"]
    said = re.sub(r"conversations(/|%2F)C-\d+|[\w-]{20,}", "", words, flags=re.A)
    return [word for word in THEIR_WORDS if re.search(word.format(tent=tent) + r"(?!\d)", said)]


def rows() -> dict[str, list[Any]]:
    """Every row of every table that a request may not change by itself."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        kept = [table for table in tables if not table.startswith(RESTLESS)]
        found = {}
        for table in kept:
            cursor.execute(
                f"SELECT to_jsonb(t) - 'used_at' - 'last_used_at' - 'last_login' FROM {table} t"
            )
            found[table] = sorted(map(str, cursor.fetchall()))
    return found


def question_at(path: str) -> str:
    """What finds their conversation there: a list takes conditions, a search words."""
    return "subject:zwrot" if path == "/api/v1/conversations" else "zwrot"


def check_shut(
    client: Client, theirs: dict[str, int], *, may: Callable[[Address, str], bool]
) -> None:
    """Nothing of theirs is said, nothing is changed, nothing fails; `may` says where a 2xx is right."""
    upload = Attachment.objects.create(name="marmot.txt", size=6)
    body, before, wrong = everything(theirs, [upload.pk]), rows(), []
    for method, address, status, words in answers(client, theirs, body, own=False):
        is_shut = status in REFUSED or may(address, method)
        if not is_shut or status >= 500 or spoken(theirs, words):
            wrong.append((method, address.path, status, spoken(theirs, words)))
    assert wrong == []
    after = rows()
    assert [table for table in before if before[table] != after[table]] == []


def test_the_ids_are_real_ada_gets_them_all(cast: Cast, theirs: dict[str, int]) -> None:
    pages, program = browser_of(cast.ada), program_of(cast.ada)
    missing, said = [], set[str]()
    for address in private_addresses(theirs):
        client = program if address.path.startswith("/api/") else pages
        answer = client.get(address.path, {"q": question_at(address.path), "shelf": "all"})
        said.update(spoken(theirs, words_of(answer)))
        if answer.status_code not in (200, 302, 405) and not address.is_own:
            missing.append((address.path, answer.status_code))
    assert missing == []
    assert said >= set(THEIR_WORDS) - UNSAID


def test_a_stranger_gets_nothing_anywhere(cast: Cast, theirs: dict[str, int]) -> None:
    check_shut(Client(raise_request_exception=False), theirs, may=lambda *_: False)


def test_a_stranger_with_a_made_up_token_gets_nothing(cast: Cast, theirs: dict[str, int]) -> None:
    client = Client(
        headers={"Authorization": "Bearer rpt_1_made-up"}, raise_request_exception=False
    )
    check_shut(client, theirs, may=lambda *_: False)


def test_zoe_who_may_see_nothing_gets_nothing_by_page_or_program(
    cast: Cast, theirs: dict[str, int]
) -> None:
    check_shut(browser_of(cast.zoe), theirs, may=lambda *_: False)
    check_shut(program_of(cast.zoe), theirs, may=lambda *_: False)


def test_cy_of_another_team_gets_nothing_of_theirs_by_page(
    cast: Cast, theirs: dict[str, int]
) -> None:
    def may(address: Address, method: str) -> bool:
        return not address.is_about or address.route == "inbox/<slug:shelf>"

    check_shut(browser_of(cast.cy), theirs, may=may)


def test_cy_of_another_team_gets_nothing_of_theirs_by_program(
    cast: Cast, theirs: dict[str, int]
) -> None:
    def may(address: Address, method: str) -> bool:
        return not address.is_about and method in ("get", "head", "post")

    check_shut(program_of(cast.cy), theirs, may=may)


@pytest.mark.parametrize("by_program", [False, True])
def test_cy_cannot_reach_theirs_by_naming_it_within_his_own(
    cast: Cast, theirs: dict[str, int], by_program: bool
) -> None:
    boots = make_conversation(cast.eli, subject="Boots", channel=cast.mail, team=cast.returns)
    upload = Attachment.objects.create(name="marmot.txt", size=6, uploaded_by=cast.ben)
    client = (program_of if by_program else browser_of)(cast.cy)
    own = theirs | {"conversations/": boots.pk, "messages/": boots.messages.get().pk}
    body, wrong = everything(theirs, [upload.pk]), []
    before = list(cast.tent.messages.order_by("pk").values())
    for method, address, status, words in answers(client, own, body, own=False):
        if status >= 500 or spoken(theirs, words):
            wrong.append((method, address.path, status, spoken(theirs, words)))
    assert wrong == []
    assert list(cast.tent.messages.order_by("pk").values()) == before
    assert Attachment.objects.get(pk=upload.pk).message_id is None
    assert not Message.objects.filter(conversation=boots, quoted__contains="szwu").exists()
    assert not Conversation.objects.filter(pk=boots.pk, merged_into=cast.tent).exists()


def test_the_live_ticket_of_cys_page_names_nothing_of_theirs(
    cast: Cast, theirs: dict[str, int]
) -> None:
    for agent, hears in ((cast.cy, False), (cast.ben, True)):
        page = browser_of(agent).get("/inbox/all").content.decode()
        found = re.search(r'ticket="([A-Za-z0-9_.-]+)"', page)
        ticket = read_ticket(found[1], now=clock.now()) if found else None
        assert ticket is not None
        assert (f"inbox:{cast.support.pk}" in ticket.streams) == hears
        assert f"conversation:{cast.tent.pk}" not in ticket.streams
        assert "inbox:*" not in ticket.streams
