"""How many requests a component may send: so many a second, and a burst of them at once.

As client-go's flowcontrol does it, with what kube-controller-manager sets (--kube-api-qps, --kube-api-burst).
"""

from __future__ import annotations

from k8s_tutor.clock import Clock

__all__ = ["RateLimit"]


class RateLimit:
    """A bucket of tokens, one for each request; it fills with time.

    Args:
        clock: Virtual time.
        per_second: Tokens that come in a second.
        burst: Tokens it holds.
    """

    def __init__(self, clock: Clock, per_second: float = 20.0, burst: int = 30) -> None:
        self._clock = clock
        self._seconds = 1 / per_second  # until the next token comes
        self._spare = (burst - 1) * self._seconds  # how long before it is full a bucket has a token
        self._full_at = clock.now()

    def take(self) -> float:
        """Takes a token, be it one that is still to come: seconds until the request may be sent, 0 for now.

        Who asks first goes first.
        """
        now = self._clock.now()
        wait = self._full_at - self._spare - now
        self._full_at = max(self._full_at, now) + self._seconds
        return max(wait, 0.0)
