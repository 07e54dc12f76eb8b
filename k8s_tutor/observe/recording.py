"""Every change of a cluster in order, kept as data: to look back, to draw time lines, to replay without a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.moment import moment
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["Change", "Recording"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one object.

    Attributes:
        time: When it was seen, on the observer's clock; `moment` gives the cluster's own word for it.
        type: ADDED, MODIFIED or DELETED, as in a watch.
        object: The object after the change; its last state for DELETED.
        version: The cluster's resourceVersion of the change: one order across all kinds.
    """

    time: float
    type: str
    object: Obj
    version: int

    @classmethod
    def of(cls, time: float, kind: str, obj: Obj, version: str = "") -> Change:
        """A change as a watch delivered it; `version` only where it is not the object's own resourceVersion."""
        text = version or str((obj.get("metadata") or {}).get("resourceVersion", ""))
        return cls(time, kind, obj, int(text) if text.isdigit() else 0)


class Recording:
    """Changes of any number of kinds, in the cluster's order.

    Safe to append to from several threads without a lock: appending to a list and copying one are atomic.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._changes = list(changes)

    def append(self, change: Change) -> None:
        """Adds one change."""
        self._changes.append(change)

    def clear(self) -> None:
        """Forgets everything: a lesson starts anew."""
        self._changes.clear()

    def __len__(self) -> int:
        return len(self._changes)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes by resourceVersion: the order in which they happened, whichever watch was faster."""
        return tuple(sorted(self._changes, key=lambda change: change.version))

    def about(self, kind: str, name: str = "", namespace: str = "") -> tuple[Change, ...]:
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
            time = max(time, moment(change.object) or change.time)
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
        return cls(Change(row["time"], row["type"], row["object"], row["version"]) for row in rows)
