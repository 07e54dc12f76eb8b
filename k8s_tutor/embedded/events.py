"""The event recorder: what a component says about an object, as `Event`s that do not flood the cluster.

As client-go correlates them (k8s.io/client-go/tools/record): the same event again raises the count of the first one;
from the tenth different message of one reason on, within ten minutes, they are combined; a source that says more than
25 things of one type (Normal, Warning) about one object at once is cut to one in five minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar
from zlib import crc32

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock, rfc3339
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["EventRecorder", "EventWriter"]

SIMILAR, SIMILAR_WINDOW = 10, 600.0
BURST, REFILL_PER_SECOND = 25, 1 / 300
COMBINED = "(combined from similar events): "

REMEMBERED = 4096

Subject: TypeAlias = tuple[str, ...]
Kept = TypeVar("Kept")


class EventWriter(Protocol):
    """The two writes a recorder needs; `apiserver.local.Local` has them."""

    def create(self, obj: Obj) -> Obj:
        """Creates an object."""
        ...

    def patch(self, obj: Obj, patch: Obj, subresource: str = "") -> Obj:
        """Merge-patches an object."""
        ...


@dataclass(slots=True)
class _Similar:
    """Messages of one reason about one object, lately."""

    messages: dict[str, None]
    last: float


@dataclass(slots=True)
class _Written:
    """An event that stands in the cluster."""

    event: Obj
    count: int


@dataclass(slots=True)
class _Bucket:
    """Tokens left for one object."""

    tokens: float
    filled: float


class EventRecorder:
    """Says things about objects in the name of one component.

    Args:
        writer: Writes in the component's name.
        clock: Virtual time.
        component: `replicaset-controller`, `kubelet`, `default-scheduler`.
        host: The node, for a kubelet.
    """

    def __init__(self, writer: EventWriter, clock: Clock, component: str, host: str = "") -> None:
        self._writer = writer
        self._clock = clock
        self._component = component
        self._host = host
        self._similar: dict[Subject, _Similar] = {}
        self._written: dict[Subject, _Written] = {}
        self._buckets: dict[Subject, _Bucket] = {}
        # Two components that speak of one object in one instant start from different numbers.
        self._emitted = crc32(f"{component}/{host}".encode()) % 1000

    def emit(self, event: EmitEvent) -> None:
        """Writes the event, or counts it with its like; a refusal (a namespace that ends) is let go."""
        now = self._clock.now()
        about = _reference(event.about, event.field_path)
        kept_apart = (about["kind"], about["namespace"], about["name"], about["uid"])
        similar = (*kept_apart, event.type, event.reason)
        message, combined = self._combine(similar, event.message, now)
        if not self._allowed((*kept_apart, event.type), now):
            return
        same = similar if combined else (*similar, about.get("fieldPath", ""), message)
        try:
            self._write(same, event, about, message, now)
        except StatusError:
            self._written.pop(same, None)

    def _combine(self, similar: Subject, message: str, now: float) -> tuple[str, bool]:
        known = self._similar.get(similar)
        if known is None or now - known.last > SIMILAR_WINDOW:
            known = _remember(self._similar, similar, _Similar({}, now))
        known.messages[message] = None
        known.last = now
        if len(known.messages) < SIMILAR:
            return message, False
        del known.messages[next(iter(known.messages))]
        return COMBINED + message, True

    def _allowed(self, about: Subject, now: float) -> bool:
        bucket = self._buckets.get(about) or _remember(self._buckets, about, _Bucket(BURST, now))
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.filled) * REFILL_PER_SECOND)
        bucket.filled = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _write(self, same: Subject, event: EmitEvent, about: Obj, message: str, now: float) -> None:
        known = self._written.get(same)
        if known is not None:
            patch = {"count": known.count + 1, "lastTimestamp": rfc3339(now), "message": message}
            try:
                self._writer.patch(known.event, patch)
            except StatusError as error:
                if error.code != 404:
                    raise
            else:
                known.count += 1
                return
        _remember(self._written, same, _Written(self._create(event, about, message, now), 1))

    def _create(self, event: EmitEvent, about: Obj, message: str, now: float) -> Obj:
        while True:
            try:
                return self._writer.create(self._event(event, about, message, now))
            except StatusError as error:
                if error.reason != "AlreadyExists":
                    raise

    def _event(self, event: EmitEvent, about: Obj, message: str, now: float) -> Obj:
        source = {"component": self._component} | ({"host": self._host} if self._host else {})
        namespace = about["namespace"] or "default"
        # An aggregated event of client-go loses its reporting component: as on a real cluster.
        combined = message.startswith(COMBINED)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self._name(about["name"], now), "namespace": namespace},
            "involvedObject": {field: value for field, value in about.items() if value},
            "reason": event.reason,
            "message": message,
            "source": source,
            "firstTimestamp": rfc3339(now),
            "lastTimestamp": rfc3339(now),
            "count": 1,
            "type": event.type,
            "eventTime": None,
            "reportingComponent": "" if combined else self._component,
            "reportingInstance": "" if combined else self._host,
        }

    def _name(self, about: str, now: float) -> str:
        """`web.18ea9fc30092ea6a`: the nanoseconds since the epoch, which differ for two events of one instant."""
        self._emitted += 1
        return f"{about}.{int(now * 1e6) * 1000 + self._emitted:016x}"


def _remember(memory: dict[Subject, Kept], subject: Subject, kept: Kept) -> Kept:
    """Keeps the latest few thousand, as the recorder's caches do."""
    memory[subject] = kept
    if len(memory) > REMEMBERED:
        del memory[next(iter(memory))]
    return kept


def _reference(obj: Obj, field_path: str) -> Obj:
    return {
        "kind": obj["kind"],
        "namespace": metadata.namespace(obj),
        "name": metadata.name(obj),
        "uid": metadata.uid(obj),
        "apiVersion": obj["apiVersion"],
        "resourceVersion": obj["metadata"].get("resourceVersion", ""),
        "fieldPath": field_path,
    }
