"""Asking: our own statements stand in Django's transactions and outlive a server that ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError

from rapport.accounts.models import Team
from rapport.kernel.asking import Question, ask, asked_together

TEAMS = "SELECT name FROM accounts_team WHERE name = ANY(%(names)s) ORDER BY id"


def test_it_sees_what_its_transaction_wrote_and_nothing_that_was_taken_back(db: None) -> None:
    with transaction.atomic():
        Team.objects.create(name="Returns")
        assert ask(TEAMS, {"names": ["Returns"]}) == [("Returns",)]
        transaction.set_rollback(True)
    assert ask(TEAMS, {"names": ["Returns"]}) == []


def test_times_are_aware_and_json_is_text(db: None) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    asked = "SELECT %(at)s::timestamptz, %(json)s::jsonb, %(nothing)s::bigint"
    given = {"at": moment, "json": '{"a": "ż"}', "nothing": None}
    [(at, json, nothing)] = ask(asked, given)
    assert (at, at.utcoffset(), json, nothing) == (moment, moment.utcoffset(), '{"a": "ż"}', None)


def test_it_is_counted_among_the_queries(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        ask(TEAMS, {"names": []})
        ask(TEAMS, {"names": ["x"]})


def test_it_raises_the_errors_that_django_raises(db: None) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        ask("SELECT nothing FROM nowhere", {})
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            ask("INSERT INTO accounts_team (name) VALUES (NULL) RETURNING id", {})
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            ask(TEAMS, {"names": []})
        transaction.set_rollback(False)


@pytest.mark.django_db(transaction=True)
def test_a_request_after_the_server_ended_the_line_gets_a_new_one() -> None:
    connection.set_autocommit(True)
    connection.health_check_enabled = True  # type: ignore[attr-defined]
    [(number,)] = ask("SELECT pg_backend_pid()", {})
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        other.connection.close()
    connection.close_if_unusable_or_obsolete()  # as at the beginning of every request
    [(fresh,)] = ask("SELECT pg_backend_pid()", {})
    assert fresh != number


@pytest.mark.django_db(transaction=True)
def test_the_line_is_not_asked_after_while_nothing_stands_on_it(
    django_assert_num_queries: Any,
) -> None:
    ask("SELECT 1", {})
    connection.close_if_unusable_or_obsolete()
    assert connection.health_check_done is False  # type: ignore[attr-defined]
    with django_assert_num_queries(1):
        ask("SELECT 1", {})
    assert connection.health_check_done is True  # type: ignore[attr-defined]


def test_what_was_asked_together_is_answered_once_and_only_within_the_block(
    db: None, django_assert_num_queries: Any
) -> None:
    team = Question(TEAMS, {"names": ["Returns"]})
    with django_assert_num_queries(2), asked_together([team, Question("SELECT 7", {})]):
        pass
    with asked_together([team, Question("SELECT 7", {})]):
        Team.objects.create(name="Returns")
        assert ask(*team) == []
        assert ask(*team) == [("Returns",)]
    assert ask("SELECT 7", {}) == [(7,)]
    with django_assert_num_queries(1):
        ask("SELECT 7", {})


def test_an_error_among_those_asked_together_leaves_nothing_behind(db: None) -> None:
    wrong = [Question("SELECT 7", {}), Question("SELECT 1 / 0", {}), Question("SELECT 8", {})]
    with pytest.raises(DataError), transaction.atomic(), asked_together(wrong):
        pytest.fail("never reached")
    assert ask("SELECT 9", {}) == [(9,)]
    with asked_together([Question("SELECT 7", {}), Question("SELECT 8", {})]):
        assert ask("SELECT 8", {}) == [(8,)]
