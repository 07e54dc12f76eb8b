"""Every change of a cluster in order, kept as data: to look back, to draw time lines, to replay without a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["RecordedChange", "Recording", "parse_moment", "read_deletion_start", "read_moment"]


# ---- When an object became what it is, read off the object itself
#
# An observer in another thread, or behind a slow network, sees a change later than it happened, and on the embedded
# cluster its own clock may have moved on. The object's timestamps are the cluster's word, in whole seconds.


def read_moment(obj: Obj) -> float | None:
    """The latest time that an object names as past, in seconds since the epoch; None when it names none.

    Read are: creation, the request of deletion, transitions of conditions, start and end of containers, and the writes
    noted in `managedFields` and in an Event's own time fields.
    """
    return max(_moments(obj), default=None)


def parse_moment(text: object) -> float | None:
    """Seconds since the epoch of an API timestamp, None for an empty or missing one."""
    return from_rfc3339(str(text)) if text else None


def read_deletion_start(obj: Obj) -> float | None:
    """When deletion was asked for: `deletionTimestamp` is that time plus the grace period (API conventions)."""
    meta = obj.get("metadata") or {}
    end = parse_moment(meta.get("deletionTimestamp"))
    return None if end is None else end - float(meta.get("deletionGracePeriodSeconds") or 0)


def _moments(obj: Obj) -> Iterator[float]:
    meta = obj.get("metadata") or {}
    status = obj.get("status") or {}
    began = read_deletion_start(obj)
    if began is not None:
        yield began
    times = [meta.get("creationTimestamp"), obj.get("lastTimestamp"), obj.get("eventTime")]
    times += [entry.get("time") for entry in meta.get("managedFields") or ()]
    times += [condition.get("lastTransitionTime") for condition in _rows(status.get("conditions"))]
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in _rows(status.get(field)):
            for state in (container.get("state") or {}).values():
                times += [state.get("startedAt"), state.get("finishedAt")]
    for text in times:
        when = parse_moment(text)
        if when is not None:
            yield when


def _rows(value: object) -> list[Obj]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


# ---- Every change of a cluster in order, kept as data: to look back, to draw time lines, to replay without a cluster


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """One change of one object.

    Attributes:
        time: When it was seen, on the observer's clock; `read_moment` gives the cluster's own word for it.
        type: ADDED, MODIFIED or DELETED, as in a watch.
        object: The object after the change; its last state for DELETED.
        version: The cluster's resourceVersion of the change: one order across all kinds.
    """

    time: float
    type: str
    object: Obj
    version: int

    @classmethod
    def of(cls, time: float, kind: str, obj: Obj, version: str = "") -> RecordedChange:
        """A change as a watch delivered it; `version` only where it is not the object's own resourceVersion."""
        text = version or str((obj.get("metadata") or {}).get("resourceVersion", ""))
        return cls(time, kind, obj, int(text) if text.isdigit() else 0)


class Recording:
    """Changes of any number of kinds, in the cluster's order.

    Safe to append to from several threads without a lock: appending to a list and copying one are atomic.
    """

    def __init__(self, changes: Iterable[RecordedChange] = ()) -> None:
        self._changes = list(changes)

    def append(self, change: RecordedChange) -> None:
        """Adds one change."""
        self._changes.append(change)

    def clear(self) -> None:
        """Forgets everything: a lesson starts anew."""
        self._changes.clear()

    def __len__(self) -> int:
        return len(self._changes)

    @property
    def changes(self) -> tuple[RecordedChange, ...]:
        """All changes by resourceVersion: the order in which they happened, whichever watch was faster."""
        return tuple(sorted(self._changes, key=lambda change: change.version))

    def about(self, kind: str, name: str = "", namespace: str = "") -> tuple[RecordedChange, ...]:
        """The changes of the objects of a kind (`Pod`); of all names, or of all namespaces, where none is given."""
        return tuple(
            change
            for change in self.changes
            if change.object.get("kind") == kind
            and name in ("", metadata.name(change.object))
            and namespace in ("", metadata.namespace(change.object))
        )

    def states(self, *, namespace: str = "") -> Iterator[Snapshot]:
        """The cluster after each change, one snapshot a change, with time as the objects tell it (never backwards)."""
        objects: dict[str, Obj] = {}
        time = 0.0
        for change in self.changes:
            uid = metadata.uid(change.object)
            if change.type == "DELETED":
                objects.pop(uid, None)
            else:
                objects[uid] = change.object
            time = max(time, read_moment(change.object) or change.time)
            yield Snapshot(objects.values(), time=time, namespace=namespace)

    def save(self, path: str | Path) -> Path:
        """Writes JSON lines, one change a line, in the cluster's order.

        Returns:
            The file written.
        """
        target = Path(path)
        with target.open("w", encoding="utf-8", newline="\n") as file:
            for change in self.changes:
                row = {"time": change.time, "type": change.type, "version": change.version, "object": change.object}
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        return target

    @classmethod
    def load(cls, path: str | Path) -> Recording:
        """A recording from the JSON lines that `save` wrote."""
        with Path(path).open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.strip()]
        return cls(RecordedChange(row["time"], row["type"], row["object"], row["version"]) for row in rows)
