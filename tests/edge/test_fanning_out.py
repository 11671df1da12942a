"""What the hub remembers, and for whom."""

from __future__ import annotations

from rapport.edge.fanning_out import REMEMBERED, Hub
from rapport.kernel.journal.positions import Position

DORAS = frozenset({"conversation:5", "inbox:1"})


def hub_at(number: int) -> Hub:
    hub = Hub()
    hub.begin_at(Position(1, 100, number))
    return hub


def test_a_position_from_before_the_start_may_have_missed_everything() -> None:
    hub = hub_at(7)
    assert hub.moved_since(Position(1, 100, 6), DORAS) == DORAS
    assert hub.moved_since(Position(1, 100, 7), DORAS) == set()


def test_a_full_memory_forgets_the_oldest_and_says_so() -> None:
    hub = hub_at(0)
    for number in range(1, REMEMBERED + 11):
        hub.publish(Position(1, 100, number), ("conversation:9",))
    assert hub.moved_since(Position(1, 100, 9), DORAS) == DORAS
    assert hub.moved_since(Position(1, 100, 10), DORAS) == set()
    everybody = [f"conversation:{number}" for number in range(100, 100 + REMEMBERED)]
    hub.publish(Position(1, 101, 1), everybody)
    assert hub.moved_since(Position(1, 100, REMEMBERED + 9), DORAS) == DORAS
    assert hub.moved_since(Position(1, 100, REMEMBERED + 10), DORAS) == set()


def test_a_subscriber_keeps_names_and_no_queue() -> None:
    hub = hub_at(0)
    page = hub.subscribe(DORAS, agent=1)
    for number in range(1, 1000):
        hub.publish(Position(1, 100, number), ("conversation:5", "conversation:6"))
    assert page.moved == {"conversation:5"}
    hub.unsubscribe(page)
    hub.publish(Position(1, 101, 1), ("inbox:1",))
    assert page.moved == {"conversation:5"}


def test_closing_ends_those_who_listen_and_those_who_come() -> None:
    hub = hub_at(0)
    page = hub.subscribe(DORAS, agent=1)
    hub.close()
    assert page.is_over
    assert hub.subscribe(DORAS, agent=2).is_over
