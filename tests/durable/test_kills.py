"""Killing real processes at random moments: in small what `bench.kill` and `bench.order` do at length."""

from __future__ import annotations

import pytest

from bench import kill, order
from tests.services import needs_postgres, needs_redis

pytestmark = pytest.mark.processes
BOTH = [needs_postgres, needs_redis, pytest.mark.postgres, pytest.mark.redis]


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=BOTH)])
def test_nothing_is_lost_whatever_is_killed(store: str) -> None:
    """Every acknowledged event is answered; once on LINE, at most once more for each kill on Telegram."""
    found = kill.measure(store, kills=8, pause=0.6, rate=20.0, BENCH_LEASE="3")
    print(found)
    assert sum(found.kills.values()) == 8
    assert found.accepted["line"] > 20
    assert found.accepted["telegram"] > 5
    assert found.lost == []
    assert found.doubled["line"] == 0
    assert found.doubled["telegram"] <= 8
    assert found.unasked == 0
    assert set(found.states) == {"answered"}, "nothing waits, nothing was given up"


@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=BOTH)])
def test_a_conversation_keeps_its_order_while_processes_die(store: str) -> None:
    """Answers and turns of each conversation are in the order of the inbox, over two webs and two workers."""
    found = order.measure(store, conversations=60, rate=12.0, pause=0.8, BENCH_LEASE="3")
    print(found)
    assert sum(found.kills.values()) >= 3
    assert found.answered == found.messages == 180
    assert (found.doubled, found.answers_out_of_order, found.turns_out_of_order) == (0, 0, 0)
