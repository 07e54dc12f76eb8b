"""What every part of the embedded cluster is given: the loop, the store, the API server, the seeded randomness.

Parts read from the store and write through the API server, as on a real cluster; none of them knows another.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeAlias

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.nodeservices import ExecSession, Feed, PodPort
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

__all__ = [
    "ADMIN",
    "APISERVER",
    "AnyLoop",
    "ApiHandler",
    "CertificateAuthority",
    "Core",
    "Loop",
    "MachineLoop",
    "PortForward",
    "Providers",
    "ServerAnswer",
    "Signer",
    "Streaming",
    "Timer",
    "Upgrade",
    "User",
    "WebhookCaller",
    "generated_name",
    "new_uid",
    "suffix",
]

# ---- The event loop that owns all state: a heap of (time, sequence, callback) on a virtual clock
#
# Callbacks run in order of their time, and of their scheduling where times are equal, so that the same requests give
# the same history on any machine. The loop never waits: whoever holds it decides when time moves (`Pace`).


WATCHER = "watch "
"""How the labels of callbacks begin that only serve who looks on."""


@dataclass(order=True, slots=True)
class Timer:
    """A callback to come. `cancel` it and it never runs."""

    when: float
    sequence: int
    callback: Callable[[], None] | None = field(compare=False)
    label: str = field(compare=False, default="")

    def cancel(self) -> None:
        """Forgets the callback. Safe to call twice."""
        self.callback = None


class Loop:
    """Callbacks in virtual time.

    Attributes:
        clock: The clock this loop moves.
        on_schedule: Called after a callback is added; a real-time pace wakes up here. May be None.
        steps: How many callbacks have run, but for those of watches: who looks on changes nothing, and is not counted.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.on_schedule: Callable[[], None] | None = None
        self.steps = 0
        self._heap: list[Timer] = []
        self._sequence = itertools.count()

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.clock.now()

    def call_at(self, when: float, callback: Callable[[], None], label: str = "") -> Timer:
        """Runs `callback` when virtual time reaches `when` (at once-next if that is past)."""
        timer = Timer(max(when, self.now()), next(self._sequence), callback, label)
        self._push(timer)
        return timer

    def call_later(self, seconds: float, callback: Callable[[], None], label: str = "") -> Timer:
        """Runs `callback` after `seconds` of virtual time."""
        return self.call_at(self.now() + seconds, callback, label)

    def call_again(self, timer: Timer, callback: Callable[[], None]) -> None:
        """Runs `callback` at once-next, by a timer that has run: who holds it can still cancel it."""
        timer.when, timer.sequence, timer.callback = self.now(), next(self._sequence), callback
        self._push(timer)

    def _push(self, timer: Timer) -> None:
        heapq.heappush(self._heap, timer)
        if self.on_schedule is not None:
            self.on_schedule()

    def next_due(self) -> float | None:
        """When the next callback runs, or None when nothing is to come."""
        while self._heap and self._heap[0].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0].when if self._heap else None

    def step(self) -> bool:
        """Moves time to the next callback and runs that one; False when there is none."""
        if self.next_due() is None:
            return False
        timer = heapq.heappop(self._heap)
        self.clock.advance_to(timer.when)
        if not timer.label.startswith(WATCHER):
            self.steps += 1
        callback, timer.callback = timer.callback, None
        assert callback is not None  # next_due dropped the cancelled ones
        callback()
        return True

    def run_until(self, when: float) -> int:
        """Runs every callback due up to `when`, then stands at `when`; returns how many ran."""
        ran = 0
        while (due := self.next_due()) is not None and due <= when:
            self.step()
            ran += 1
        self.clock.advance_to(when)
        return ran


class MachineLoop:
    """The part of a loop that belongs to one machine: it can stand still while all others go on.

    As with a real machine that is frozen for a while, its clocks go on: what fell due meanwhile happens as soon as it
    moves again, in order.

    Attributes:
        suspended: Whether it stands still.
    """

    def __init__(self, loop: Loop) -> None:
        self.suspended = False
        self._loop = loop
        self._late: list[tuple[Timer, Callable[[], None]]] = []

    @property
    def clock(self) -> VirtualClock:
        """The cluster's clock."""
        return self._loop.clock

    def now(self) -> float:
        """See `Loop.now`."""
        return self._loop.now()

    def call_at(self, when: float, callback: Callable[[], None], label: str = "") -> Timer:
        """See `Loop.call_at`."""

        def due() -> None:
            if self.suspended:
                timer.callback = callback  # so that it can be cancelled still
                self._late.append((timer, callback))
            else:
                callback()

        timer = self._loop.call_at(when, due, label)
        return timer

    def call_later(self, seconds: float, callback: Callable[[], None], label: str = "") -> Timer:
        """See `Loop.call_later`."""
        return self.call_at(self.now() + seconds, callback, label)

    def suspend(self) -> None:
        """Stands still from now on. Safe to call twice."""
        self.suspended = True

    def resume(self) -> None:
        """Goes on, with what it is late for first. Safe to call twice."""
        self.suspended = False
        late, self._late = self._late, []
        for timer, callback in late:
            if timer.callback is not None:
                self._loop.call_again(timer, callback)


AnyLoop: TypeAlias = Loop | MachineLoop
"""For whoever only wants to be called later."""


# ---- What every part of the embedded cluster is given: the loop, the store, the API server, the seeded randomness


@dataclass(frozen=True, slots=True)
class User:
    """Who sends a request, after authentication.

    Attributes:
        name: `kubernetes-admin`, `system:serviceaccount:default:default`, …
        groups: In the order in which the server learned them.
        uid: `""` where the user has none.
        extra: What else is known, by key: how the user proved who it is, the pod it speaks from, …
    """

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def info(self) -> Obj:
        """As reviews and webhooks are told: `authentication.k8s.io/v1` UserInfo."""
        info: Obj = {"username": self.name}
        if self.uid:
            info["uid"] = self.uid
        if self.groups:
            info["groups"] = list(self.groups)
        if self.extra:
            info["extra"] = {key: list(values) for key, values in sorted(self.extra)}
        return info


ADMIN = User("kubernetes-admin", ("kubeadm:cluster-admins", "system:authenticated"))
APISERVER = User("system:apiserver", ("system:authenticated", "system:masters"))


@dataclass(frozen=True, slots=True)
class Streaming:
    """An answer that goes on: a watch (dicts, one JSON line each) or followed logs (bytes)."""

    feed: Feed[Obj] | Feed[bytes]
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """An answer that becomes a two-way stream (exec, attach).

    Attributes:
        session: What runs at the other end.
        stdin: Whether the client asked to send input; `stdout`, `stderr`: to get those.
        tty: Whether a terminal is between.
    """

    session: ExecSession
    stdin: bool = False
    stdout: bool = True
    stderr: bool = True
    tty: bool = False


@dataclass(frozen=True, slots=True)
class PortForward:
    """An answer that becomes connections to a pod's ports.

    Simulated containers speak HTTP and nothing below it.

    Attributes:
        connect: Opens a connection; ConnectionRefusedError, in the container runtime's words, where nothing listens.
    """

    connect: Callable[[int], PodPort]


ServerAnswer: TypeAlias = Response | Streaming | Upgrade | PortForward


class ApiHandler(Protocol):
    """The API server as its in-process callers see it."""

    @property
    def kinds(self) -> KindTable:
        """All kinds served now, custom ones included."""
        ...

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; None for nobody's."""
        ...

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> ServerAnswer:
        """Answers one request, now, in the loop's current instant. Errors come back as a `Response` with a `Status`.

        Args:
            request: What is asked.
            user: Who asks.
            acting_as: Whom the user wants to be for this request, if it may.
        """
        ...


@dataclass(frozen=True)
class Core:
    """The shared ground of all parts."""

    loop: Loop
    store: Store
    api: ApiHandler
    random: Random


# ---- What the engine does not do itself: signatures, certificates, calls to servers of the real world
#
# Whoever runs it hands them in; `embedded.runner.cluster` has them all. Where one is missing the API server says so
# to whoever asks for what needs it, and everything else works.


class Signer(Protocol):
    """An elliptic-curve key (P-256) that signs as ES256 wants it (RFC 7518): the numbers r and s, 32 bytes each."""

    @property
    def public_key(self) -> bytes:
        """The public half: DER, SubjectPublicKeyInfo, which ends with the point's x and y, 32 bytes each."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature: the same for the same data."""
        ...

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether this key has signed the data so."""
        ...


class CertificateAuthority(Protocol):
    """Signs the certificates of a cluster's users."""

    @property
    def certificate(self) -> bytes:
        """PEM, by which others know what it has signed."""
        ...

    def sign(self, request: bytes, seconds: float | None = None) -> bytes:
        """A client's certificate (PEM) for a request (PEM, PKCS #10), valid for so long.

        Raises:
            ValueError: it is no request, or not signed by its own key.
        """
        ...

    def read_organizations(self, request: bytes) -> list[str]:
        """The groups (O) that a request (PEM, PKCS #10) asks for.

        Raises:
            ValueError: it is no request.
        """
        ...


WebhookCaller: TypeAlias = Callable[[Obj, Obj], bytes]
"""Sends a review to a webhook (its settings, the review) and returns the body of the answer; takes real time.

Raises `CallFailed` where there is none.
"""


@dataclass(frozen=True, slots=True)
class Providers:
    """What a cluster was handed; None for what it has not.

    Attributes:
        signer: Signs the tokens of ServiceAccounts.
        authority: Signs certificates of users.
        call_webhook: Asks servers outside.
    """

    signer: Signer | None = None
    authority: CertificateAuthority | None = None
    call_webhook: WebhookCaller | None = None


# ---- Names and uids the API server makes up, from seeded randomness

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels and no look-alikes: k8s.io/apimachinery/pkg/util/rand
_LONGEST_BASE = 58  # a generated name has at most 63 characters
_SUFFIX = 5

_FIXED_BITS = (0xC000 << 48) | (0xF000 << 64)  # a UUID's variant and version
_VERSION_4 = (0x8000 << 48) | (4 << 76)


def suffix(random: Random) -> str:
    """Random letters as Kubernetes appends them to names."""
    return "".join(random.choices(_ALPHABET, k=_SUFFIX))


def generated_name(base: str, random: Random) -> str:
    """A name for `generateName`."""
    return base[:_LONGEST_BASE] + suffix(random)


def new_uid(random: Random) -> str:
    """A uid in the form of a UUID of version 4."""
    bits = random.getrandbits(128) & ~_FIXED_BITS | _VERSION_4
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
