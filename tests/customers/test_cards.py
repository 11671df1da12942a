"""App cards, against a real server: slow, huge, strange, hostile, gone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from rapport.accounts.access import AdminsOnly
from rapport.channels.webhook.signing import verify
from rapport.customers.asking_cards import REST, Item, ask_card
from rapport.customers.defining_cards import (
    BadCard,
    Unfilled,
    define_card,
    drop_card,
    fill_url,
    renew_secret,
)
from rapport.customers.models import Card, CardReply
from rapport.kernel import clock
from rapport.kernel.config import config
from rapport.kernel.journal.models import Entry
from tests.cast import Cast

pytestmark = pytest.mark.django_db


class System:
    """The company's own system: remembers what it was asked, answers what it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b'{"items": []}')
        self.waits = 0.0
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                heads = {name.lower(): value for name, value in self.headers.items()}
                system.came.append((self.path, heads, body))
                time.sleep(system.waits)
                status, headers, answer = system.answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(answer)
                except OSError:
                    pass

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def says(self, said: Any) -> None:
        self.answer = (200, {}, json.dumps(said).encode())


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setenv("RAPPORT_NET_ALLOW", "127.0.0.1")
    config.cache_clear()
    system = System()
    thread = threading.Thread(target=system.http.serve_forever)
    thread.start()
    yield system
    system.http.shutdown()
    thread.join()
    system.http.server_close()
    monkeypatch.undo()
    config.cache_clear()


def card_of(cast: Cast, system: System, **given: Any) -> tuple[Card, str]:
    url = given.pop("url", f"{system.url}/of/{{email}}")
    return define_card(None, title="Orders", kind="json", url=url, by=cast.ada.actor, **given)


def test_the_question_is_signed_and_says_who_is_meant(cast: Cast, system: System) -> None:
    card, secret = card_of(cast, system)
    said = {"title": "Orders of Dora", "href": "https://shop.example/d", "items": [
        {"label": "88213", "value": "sent", "href": "https://shop.example/88213"},
        {"label": "Total", "value": 12.5},
    ]}  # fmt: skip
    system.says(said)
    shown = ask_card(card, cast.dora, by=cast.ben.actor)
    assert (shown.title, shown.href, shown.fault) == (
        "Orders of Dora",
        "https://shop.example/d",
        "",
    )
    assert shown.items == (
        Item("88213", "sent", "https://shop.example/88213"),
        Item("Total", "12.5"),
    )
    path, heads, body = system.came[0]
    assert path == "/of/dora%40poczta.example"
    assert verify(heads, body, secrets=[secret], now=clock.now())
    asked = json.loads(body)
    assert asked["customer"]["id"] == cast.dora.pk
    assert asked["agent"] == {"id": cast.ben.pk, "name": "Ben"}


def test_an_answer_is_kept_for_a_while_and_asked_anew_on_demand(cast: Cast, system: System) -> None:
    card, _secret = card_of(cast, system, keep_seconds=60)
    system.says({"items": [{"label": "a", "value": "1"}]})
    assert ask_card(card, cast.dora, by=cast.ben.actor).age is not None
    system.says({"items": [{"label": "a", "value": "2"}]})
    assert ask_card(card, cast.dora, by=cast.ada.actor).items[0].value == "1"
    assert ask_card(card, cast.dora, by=cast.ada.actor, fresh=True).items[0].value == "2"
    CardReply.objects.update(said_at=clock.now() - 5 * REST)
    assert ask_card(card, cast.dora, by=cast.ada.actor).items[0].value == "2"
    assert len(system.came) == 3


def test_a_slow_one_is_given_up_in_time_and_rests_for_everybody(cast: Cast, system: System) -> None:
    card, _secret = card_of(cast, system, seconds=0.2)
    system.says({"items": [{"label": "a", "value": "1"}]})
    ask_card(card, cast.dora, by=cast.ben.actor)
    system.waits = 3
    shown = ask_card(card, cast.dora, by=cast.ben.actor, fresh=True)
    assert (shown.fault, shown.items[0].value) == ("slow", "1")
    card.refresh_from_db()
    assert ask_card(card, cast.eli, by=cast.ben.actor).fault == "rests"
    assert ask_card(card, cast.dora, by=cast.ben.actor).fault == "slow"
    assert len(system.came) == 2
    system.waits = 0
    assert ask_card(card, cast.dora, by=cast.ben.actor, fresh=True).fault == ""
    card.refresh_from_db()
    assert card.rests_until is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault"),
    [
        (500, {}, b"{}", "nonsense"),
        (302, {"location": "http://169.254.169.254/latest/meta-data"}, b"", "nonsense"),
        (200, {}, b"<html>", "nonsense"),
        (200, {}, b"[1, 2]", "nonsense"),
        (200, {}, b'{"items": 5}', "nonsense"),
        (200, {}, b'{"items": [1]}', "nonsense"),
        (200, {}, b'{"items": [{"label": "a"}]}', "nonsense"),
        (200, {}, b'{"items": [{"label": "a", "value": {"b": 1}}]}', "nonsense"),
        (200, {}, b"[" * 60_000, "nonsense"),
        (200, {}, b'{"items": [], "x": "' + b"x" * 70_000 + b'"}', "nonsense"),
        (200, {}, b"", ""),
        (204, {}, b"", ""),
    ],
)
def test_whatever_it_answers_nothing_breaks(
    cast: Cast, system: System, status: int, headers: dict[str, str], body: bytes, fault: str
) -> None:
    card, _secret = card_of(cast, system)
    system.answer = (status, headers, body)
    assert ask_card(card, cast.dora, by=cast.ben.actor).fault == fault
    assert len(system.came) == 1


def test_hostile_words_are_words_and_only_links_of_the_web_are_links(
    cast: Cast, system: System, client: Client
) -> None:
    card, _secret = card_of(cast, system)
    bad = [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        5,
        "https://a b",
    ]
    lines = [{"label": "<b>x</b>", "value": "\u202e\x00\ud800y" * 3, "href": each} for each in bad]
    system.says({"title": "<script>alert(1)</script>", "items": [*lines, *lines * 20]})
    client.force_login(cast.ben, backend="rapport.web.sign_in.recognising.Recogniser")
    page = client.get(f"/inbox/customers/{cast.dora.pk}/cards/{card.pk}").content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;x" in page
    for word in ("javascript:", "data:text", "//evil", "\u202e", "\x00"):
        assert word not in page
    assert page.count("&lt;b&gt;x") == 30


def test_inside_addresses_are_not_called_unless_an_operator_allows_them(cast: Cast) -> None:
    for url in ("https://127.0.0.1:9/", "https://169.254.169.254/", "http://shop.example/"):
        card, _secret = define_card(None, title="In", kind="json", url=url, by=cast.ada.actor)
        assert ask_card(card, cast.dora, by=cast.ben.actor).fault in ("forbidden", "unreachable")


def test_a_hole_that_nothing_fills_asks_nobody(cast: Cast, system: System) -> None:
    card, _secret = card_of(cast, system, url=f"{system.url}/{{phone}}")
    assert ask_card(card, cast.dora, by=cast.ben.actor).fault == "unknown"
    assert system.came == []


def test_what_fills_a_hole_stays_in_it() -> None:
    facts = {"name": "a/../b?x=1#y", "attribute:no": "1&2"}
    filled = fill_url("https://crm.example/c/{name}?no={attribute:no}", facts)
    assert filled == "https://crm.example/c/a%2F..%2Fb%3Fx%3D1%23y?no=1%262"
    with pytest.raises(Unfilled):
        fill_url("https://crm.example/{email}", facts)


@pytest.mark.parametrize(
    "url",
    [
        "crm.example",
        "ftp://crm.example",
        "https://{name}.example",
        "https://me@crm.example",
        "https://crm.example/{secret}",
        "https://crm.example/{",
        "https://crm.example/ x",
        "javascript:alert({name})",
        "https://crm.example/" + "x" * 2000,
    ],
)
def test_a_wrong_address_is_refused(cast: Cast, url: str) -> None:
    with pytest.raises(BadCard):
        define_card(None, title="CRM", url=url, by=cast.ada.actor)


def test_admins_define_cards_and_the_secret_is_shown_once(cast: Cast, client: Client) -> None:
    with pytest.raises(AdminsOnly):
        define_card(None, title="CRM", url="https://crm.example", by=cast.ben.actor)
    client.force_login(cast.ada, backend="rapport.web.sign_in.recognising.Recogniser")
    given = {"title": "CRM", "kind": "json", "url": "https://crm.example/{id}"}
    given |= {"seconds": "1", "keep_seconds": "300"}
    made = client.post("/settings/cards", given)
    assert made.status_code == 201
    card = Card.objects.get()
    secret = made.content.decode().partition("whsec_")[2].partition("<")[0]
    assert secret
    assert secret not in card.sealed
    pages = [
        client.get(path).content.decode()
        for path in ("/settings/cards", f"/settings/cards/{card.pk}")
    ]
    assert not any("whsec_" in page for page in pages)
    other = renew_secret(card, by=cast.ada.actor)
    assert secret not in other
    assert "whsec_" not in json.dumps([entry.details for entry in Entry.objects.all()])
    client.post(f"/settings/cards/{card.pk}", {"_method": "delete"})
    drop_card(card, by=cast.ada.actor)
    assert not Card.objects.exists()
    kinds = Entry.objects.filter(kind__startswith="customers.card").order_by("id")
    assert [entry.kind for entry in kinds] == [
        "customers.card_defined",
        "customers.card_defined",
        "customers.card_dropped",
    ]


def test_links_are_filled_in_beside_the_customer_and_left_out_where_they_cannot_be(
    cast: Cast, client: Client
) -> None:
    for title, url in (
        ("CRM", "https://crm.example/?q={email}"),
        ("Phone", "https://p.example/{phone}"),
    ):
        define_card(None, title=title, url=url, by=cast.ada.actor)
    define_card(None, title="Orders", kind="json", url="https://o.example", by=cast.ada.actor)
    client.force_login(cast.ben, backend="rapport.web.sign_in.recognising.Recogniser")
    page = client.get(f"/inbox/conversations/C-{cast.tent.pk}").content.decode()
    assert 'href="https://crm.example/?q=dora%40poczta.example"' in page
    assert "https://p.example" not in page
    card = Card.objects.get(title="Orders")
    assert f'hx-get="/inbox/customers/{cast.dora.pk}/cards/{card.pk}"' in page
    assert not CardReply.objects.exists()
