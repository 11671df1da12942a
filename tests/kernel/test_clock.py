"""There is one clock; it can be set back for history, for one thread and one block only."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from rapport.kernel import clock

MAY = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def test_it_stands_still_within_the_block_and_goes_on_after_it():
    with clock.frozen_at(MAY):
        assert clock.now() == clock.now() == MAY
        with clock.frozen_at(MAY + timedelta(days=1)):
            assert clock.now().day == 5
        assert clock.now() == MAY
    assert clock.now() != MAY


def test_an_error_within_the_block_sets_it_right_again():
    with pytest.raises(KeyError), clock.frozen_at(MAY):
        raise KeyError
    assert clock.now() > MAY - timedelta(days=3650)
    assert clock.now() != MAY


def test_another_thread_has_its_own_time():
    seen = []
    with clock.frozen_at(MAY):
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
    assert seen[0] != MAY


def test_a_moment_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="zone"), clock.frozen_at(MAY.replace(tzinfo=None)):
        pass
