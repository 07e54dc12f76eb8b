"""What became of requests that were sent to a Service or a Pod: who answered each, and why some got no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["SENDER", "SENDER_NAME", "Failure", "Reply", "Tally", "Traffic", "Via", "is_sender"]

SENDER = "k8s-tutor.dev/traffic-client"
"""The label of the Pods from which requests are sent: they are ours, and no part of what a learner built."""
SENDER_NAME = "k8s-tutor-client"
"""What the first of them is called; the others add a number."""


class Failure(StrEnum):
    """Why a request got no good answer."""

    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    NO_SUCH_NAME = "no-such-name"
    STATUS = "status"
    BROKEN = "broken"


class Via(StrEnum):
    """Which way requests took into the cluster."""

    LOAD_BALANCER = "loadbalancer"
    SERVICE = "service"
    NODE_PORT = "nodeport"
    POD = "pod"


@dataclass(frozen=True, slots=True)
class Reply:
    """One request and its end.

    Attributes:
        number: Its place among all requests, from 1.
        client: Which client sent it, from 1.
        pod: The Pod that answered; `""` where none did, or where the answer does not say.
        failure: Why there was no good answer; None where there was one.
        code: The HTTP status code, 0 without an answer.
        says: The failure in the tool's own words, or the beginning of the answer.
    """

    number: int
    client: int = 1
    pod: str = ""
    failure: Failure | None = None
    code: int = 200
    says: str = ""


@dataclass(frozen=True)
class Traffic:
    """Requests that were sent, in order, and what became of them.

    Attributes:
        focus: `service/web` or `pod/web`: where they were meant to go.
        url: What was asked for.
        via: The way they took.
        port: The port that was dialled.
        answers: One a request, in order.
        wanted: How many were to be sent; fewer were when nothing came back for too long.
        clients: How many clients sent them.
        outside: Whether they came from the learner's computer instead of a Pod.
    """

    focus: str
    url: str
    via: Via
    port: int
    answers: tuple[Reply, ...]
    wanted: int
    clients: int = 1
    outside: bool = False

    @cached_property
    def by_pod(self) -> Mapping[str, int]:
        """How many requests each Pod answered well, the busiest first. Pods that got none are not in it."""
        return _counted([answer.pod for answer in self.answers if answer.pod and answer.failure is None])

    @cached_property
    def failures(self) -> Mapping[str, int]:
        """How many requests failed, by kind: `refused`, `timed-out`, `no-such-name`, `broken`, or a code: `503`."""
        return _counted(
            [
                str(answer.code) if answer.failure is Failure.STATUS else str(answer.failure)
                for answer in self.answers
                if answer.failure is not None
            ]
        )

    @property
    def answered(self) -> int:
        """How many got a good answer."""
        return sum(answer.failure is None for answer in self.answers)

    @property
    def unnamed(self) -> int:
        """How many got a good answer that does not say from whom."""
        return sum(answer.failure is None and not answer.pod for answer in self.answers)

    def pods_of(self, client: int) -> tuple[str, ...]:
        """The Pods that answered one client, each once, in the order of their first answer."""
        return tuple(dict.fromkeys(answer.pod for answer in self.answers if answer.client == client and answer.pod))


def is_sender(obj: Obj) -> bool:
    """Whether an object is one of our clients."""
    return SENDER in metadata.labels(obj)


def _counted(words: list[str]) -> dict[str, int]:
    counts = {word: words.count(word) for word in dict.fromkeys(words)}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


# ---- What becomes of requests that never end

_POD_COUNTS = 16  # Pods that are counted by name; of those before them only the sum is kept
_LATEST = 12  # answers that fly as dots after each burst


@dataclass
class Tally:
    """What became of requests so far, in room that does not grow.

    Attributes:
        by_pod: How many each Pod answered well, for the Pods that answered last.
        earlier: How many were answered by Pods before those, or do not say by whom.
        lost: How many got no good answer, by kind: `refused`, `503`.
        latest: Who answered in the last burst, a sample; `""` is nobody.
        bursts: How many there were.
    """

    by_pod: Counter[str] = field(default_factory=Counter)
    earlier: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    latest: tuple[str, ...] = ()
    bursts: int = 0

    @property
    def answered(self) -> int:
        """How many got a good answer."""
        return sum(self.by_pod.values()) + self.earlier

    def add(self, traffic: Traffic) -> None:
        """Counts a burst."""
        for pod, count in traffic.by_pod.items():
            before = self.by_pod.pop(pod, 0)  # put last: the first are forgotten first
            self.by_pod[pod] = before + count
        self.earlier += traffic.unnamed
        while len(self.by_pod) > _POD_COUNTS:
            self.earlier += self.by_pod.pop(next(iter(self.by_pod)))
        self.lost.update(traffic.failures)
        self.latest = tuple(map(_who, traffic.answers[:: max(len(traffic.answers) // _LATEST, 1)][:_LATEST]))
        self.bursts += 1


def _who(reply: Reply) -> str:
    return reply.pod if reply.failure is None else ""
