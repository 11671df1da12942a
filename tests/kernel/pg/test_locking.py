"""A name has one lock, the same for everybody."""

from __future__ import annotations

import psycopg
from hypothesis import given
from hypothesis import strategies as some

from rapport.kernel.pg.locking import advisory_key, lock_name, lock_names, try_lock_name


@given(some.text(), some.text())
def test_every_name_has_a_key_that_postgresql_can_hold(namespace: str, value: str) -> None:
    assert -(2**63) <= advisory_key(namespace, value) < 2**63


def test_keys_never_change_between_releases() -> None:
    assert advisory_key("customers.identity", "dora@example.com") == DORA
    assert advisory_key("x", "y") != advisory_key("x", "z") != advisory_key("y", "z")
    assert advisory_key("a", "b c") != advisory_key("a b", "c")


def test_what_one_holds_another_does_not_get_until_the_transaction_ends(
    fresh_database: str,
) -> None:
    with psycopg.connect(fresh_database) as ben, psycopg.connect(fresh_database) as cy:
        lock_name(ben.cursor(), "conversation", 7)
        assert not try_lock_name(cy.cursor(), "conversation", 7)
        assert try_lock_name(cy.cursor(), "conversation", 8)
        ben.rollback()
        assert try_lock_name(cy.cursor(), "conversation", 7)


def test_many_names_are_locked_at_once(fresh_database: str) -> None:
    with psycopg.connect(fresh_database) as ben, psycopg.connect(fresh_database) as cy:
        lock_names(ben.cursor(), "conversation", [3, 1, 2, 1])
        lock_names(ben.cursor(), "conversation", [])
        assert [try_lock_name(cy.cursor(), "conversation", n) for n in (1, 2, 3, 4)] == [
            False,
            False,
            False,
            True,
        ]


DORA = -1278501016007499491
