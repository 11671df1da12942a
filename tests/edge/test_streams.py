"""Live news: pages hear what their ticket names, nothing else, and miss nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import httpx
import psycopg
import pytest
from django.db import connection, transaction

from rapport.kernel import clock, journal
from rapport.kernel.actors import Actor
from rapport.kernel.live.tickets import make_ticket
from tests.edge.conftest import RunningEdge

BEN, CY = 2, 3
SOMEBODY = Actor.system("a test")


@dataclass(frozen=True, kw_only=True)
class Happened(journal.Event):
    """Something on the streams that the test names."""

    kind: ClassVar[str] = ""
    on: tuple[str, ...]

    @property
    def streams(self) -> tuple[str, ...]:
        return self.on


def happen(*streams: str) -> None:
    with transaction.atomic():
        journal.record(Happened(by=SOMEBODY, on=streams))


class Page:
    """What a page hears: the events of one open stream, read one after the other."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self, name: str = "at") -> dict[str, Any]:
        """The next event of this name; raises StopIteration when the stream has ended."""
        event: dict[str, str] = {}
        while True:
            line = next(self._lines)
            field, _, value = line.partition(": ")
            if line and field:
                event[field] = value
            elif not line and event.get("event") == name:
                return json.loads(event["data"]) | {"id": event.get("id")}
            elif not line:
                event = {}


@contextmanager
def listening(edge: RunningEdge, ticket: str, since: str = "", **headers: str) -> Iterator[Page]:
    address = f"http://127.0.0.1:{edge.port}/live?ticket={ticket}&since={since}"
    with httpx.stream("GET", address, headers=headers, timeout=10) as answer:
        assert answer.status_code == 200, answer.read()
        yield Page(answer)


def ticket_of(agent: int, *streams: str, name: str = "") -> str:
    return make_ticket(agent, streams, now=clock.now(), name=name)


def test_a_page_hears_of_its_conversation(edge: RunningEdge) -> None:
    with listening(edge, ticket_of(BEN, "conversation:5")) as page:
        hello = page.next()
        happen("conversation:5", "inbox:1")
        news = page.next()
    assert news["streams"] == ["conversation:5"]
    assert news["id"] == news["position"]
    assert journal.Position.parse(news["id"]) > journal.Position.parse(hello["id"])


def test_a_page_does_not_hear_of_others(edge: RunningEdge) -> None:
    with listening(edge, ticket_of(BEN, "conversation:5", "inbox:1")) as page:
        page.next()
        happen("conversation:55", "inbox:12", "agent:3")
        happen("inbox:1")
        assert page.next()["streams"] == ["inbox:1"]


def test_whoever_sees_all_hears_of_every_list(edge: RunningEdge) -> None:
    with listening(edge, ticket_of(BEN, "inbox:*")) as page:
        page.next()
        happen("conversation:5", "inbox:7")
        assert page.next()["streams"] == ["inbox:7"]


def test_a_page_that_comes_back_is_told_what_it_missed(edge: RunningEdge) -> None:
    ticket = ticket_of(BEN, "conversation:5", "inbox:1")
    with listening(edge, ticket) as page:
        was_at = page.next()["id"]
    happen("inbox:1")
    happen("conversation:9")
    with listening(edge, ticket, **{"last-event-id": was_at}) as page:
        assert wait_for(page)["streams"] == ["inbox:1"]
    with listening(edge, ticket, since=was_at) as page:
        again = wait_for(page)
    assert again["streams"] == ["inbox:1"]
    with listening(edge, ticket, since=again["id"]) as page:
        assert page.next()["streams"] == []


def wait_for(page: Page) -> dict[str, Any]:
    """The hello, or the event after it if the edge had not read the journal yet."""
    event = page.next()
    return event if event["streams"] else page.next()


def test_a_page_that_does_not_know_where_it_was_is_told_that_all_may_have_moved(
    edge: RunningEdge,
) -> None:
    ticket = ticket_of(BEN, "conversation:5", "inbox:1")
    for since in ("", "nonsense", "1.2", "-1.-1.-1"):
        with listening(edge, ticket, since=since) as page:
            assert page.next()["streams"] == ["conversation:5", "inbox:1"]


def test_a_slow_commit_is_not_skipped(edge: RunningEdge, database: str) -> None:
    slow = psycopg.connect(database)
    insert = """INSERT INTO journal_entry (kind, subject_kind, subject_id, streams, by_kind, by_name,
                at, recorded_at, details) VALUES ('t', '', 0, %s, 'system', '', now(), now(), '{}')"""
    with listening(edge, ticket_of(BEN, "conversation:1", "conversation:2")) as page, slow:
        page.next()
        slow.execute(insert, ["conversation:1"])
        happen("conversation:2")
        time.sleep(0.3)
        slow.commit()
        heard: set[str] = set()
        while heard != {"conversation:1", "conversation:2"}:
            heard |= set(page.next()["streams"])
    slow.close()


def test_a_storm_is_told_in_few_words(edge: RunningEdge) -> None:
    with listening(edge, ticket_of(BEN, "conversation:5")) as page:
        page.next()
        with transaction.atomic():
            journal.record_all([Happened(by=SOMEBODY, on=("conversation:5",))] * 2000)
        happen("conversation:5")
        last = page.next()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and last["position"] != newest():
            last = page.next()
    assert last["position"] == newest()


def newest() -> str:
    from rapport.kernel.journal.models import Entry

    return str(Entry.objects.order_by("era", "xid", "id").last().position)


@pytest.mark.parametrize(
    "forge",
    [
        lambda ticket: "",
        lambda ticket: "guess",
        lambda ticket: "..",
        lambda ticket: ticket[:-4] + "AAAA",
        lambda ticket: ticket.partition(".")[0],
        lambda ticket: "\u00e9" + ticket,
        lambda ticket: "x" * 20_000,
    ],
)
def test_a_forged_ticket_opens_nothing(edge: RunningEdge, forge: Any) -> None:
    forged = forge(ticket_of(BEN, "inbox:*"))
    answer = edge.http.get("/live", params={"ticket": forged})
    assert answer.status_code == 401


def test_bens_ticket_cannot_be_made_cys(edge: RunningEdge) -> None:
    import base64

    body, _, mac = ticket_of(BEN, "conversation:5").partition(".")
    opened = base64.urlsafe_b64decode(body + "==")
    assert b"conversation:5" in opened
    stolen = base64.urlsafe_b64encode(opened.replace(b"conversation:5", b"conversation:6"))
    ticket = f"{stolen.decode().rstrip('=')}.{mac}"
    assert edge.http.get("/live", params={"ticket": ticket}).status_code == 401
    whisper = {"ticket": ticket, "stream": "conversation:6"}
    assert edge.http.post("/live/typing", json=whisper).status_code == 401


def test_an_expired_ticket_ends_the_stream(edge: RunningEdge) -> None:
    almost_over = clock.now() - timedelta(minutes=10) + timedelta(seconds=2)
    ticket = make_ticket(BEN, ["conversation:5"], now=almost_over)
    with listening(edge, ticket) as page:
        page.next()
        page.next("expired")
        with pytest.raises(StopIteration):
            page.next()
    happen("conversation:5")
    told = edge.http.get("/live", params={"ticket": ticket}).text
    assert told == "event: expired\ndata: {}\n\n", "whoever found it in a log learns nothing"
    answer = edge.http.post("/live/typing", json={"ticket": ticket, "stream": "conversation:5"})
    assert answer.status_code == 401


def doing(heard: dict[str, Any]) -> list[tuple[str, str]]:
    return [(person["name"], person["doing"]) for person in heard["people"]]


def say(edge: RunningEdge, ticket: str, doing: str, stream: str = "conversation:5") -> None:
    said = {"ticket": ticket, "stream": stream, "doing": doing}
    assert edge.http.post("/live/typing", json=said).status_code == 204


def test_colleagues_see_who_types_and_the_typist_does_not(edge: RunningEdge) -> None:
    bens = ticket_of(BEN, "conversation:5", name="Ben")
    with listening(edge, ticket_of(CY, "conversation:5")) as cy, listening(edge, bens) as ben:
        cy.next(), ben.next()
        say(edge, bens, "typing")
        assert doing(cy.next("typing")) == [("Ben", "typing")]
        assert doing(ben.next("typing")) == []
        say(edge, bens, "noting")
        assert doing(cy.next("typing")) == [("Ben", "noting")]
        say(edge, bens, "nothing")
        assert doing(cy.next("typing")) == []


def test_nobody_types_where_the_ticket_does_not_lead(edge: RunningEdge) -> None:
    ticket = ticket_of(BEN, "conversation:5", "inbox:*")
    for stream in ("conversation:6", "inbox:*", "conversation:*"):
        answer = edge.http.post("/live/typing", json={"ticket": ticket, "stream": stream})
        assert answer.status_code == 403
    assert edge.http.post("/live/typing", json={"ticket": ticket}).status_code == 400


def test_who_types_no_longer_still_looks(edge: RunningEdge) -> None:
    bens = ticket_of(BEN, "conversation:77", name="Ben")
    with listening(edge, ticket_of(CY, "conversation:77")) as cy:
        say(edge, bens, "typing", "conversation:77")
        assert doing(cy.next("typing")) == [("Ben", "typing")]
        assert doing(cy.next("typing")) == [("Ben", "viewing")]


def happen_often() -> None:
    try:
        for _ in range(50):
            happen("conversation:5")
    finally:
        connection.close()


def test_a_page_that_stops_reading_costs_nobody_else(edge: RunningEdge) -> None:
    ticket = ticket_of(BEN, "conversation:5")
    with listening(edge, ticket), listening(edge, ticket) as awake:
        awake.next()
        writer = threading.Thread(target=happen_often)
        writer.start()
        assert awake.next()["streams"] == ["conversation:5"]
        writer.join()
