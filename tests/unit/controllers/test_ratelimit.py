from __future__ import annotations

import pytest

from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.controllers.queue import RateLimit


def sent(limit: RateLimit, clock: VirtualClock, seconds: float) -> int:
    """How many requests a component sends that never stops, in so many seconds."""
    end, count = clock.now() + seconds, 0
    while (start := clock.now() + limit.take()) <= end:
        clock.advance_to(start)
        count += 1
    clock.advance_to(end)
    return count


def limit_of(clock: VirtualClock) -> RateLimit:
    return RateLimit(clock, per_second=20, burst=30)


@pytest.mark.parametrize(("seconds", "requests"), [(0, 30), (10.01, 230)])
def test_a_burst_at_once_and_then_so_many_a_second(seconds: float, requests: int) -> None:
    clock = VirtualClock(1_800_000_000)
    assert sent(limit_of(clock), clock, seconds) == requests


@pytest.mark.parametrize(("rest", "requests"), [(1, 19), (3600, 30)])
def test_after_a_rest_there_may_be_a_burst_again_but_no_greater_one(rest: float, requests: int) -> None:
    clock = VirtualClock(1_800_000_000)
    limit = limit_of(clock)
    sent(limit, clock, 0)  # one more than may be sent has asked
    clock.advance_to(clock.now() + rest)
    assert sent(limit, clock, 0) == requests
