"""When an object became what it is, read off the object itself.

An observer in another thread, or behind a slow network, sees a change later than it happened, and on the embedded
cluster its own clock may have moved on. The object's timestamps are the cluster's word, in whole seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects.types import Obj

__all__ = ["deletion_began", "moment", "moment_of"]


def moment(obj: Obj) -> float | None:
    """The latest time that an object names as past, in seconds since the epoch; None when it names none.

    Read are: creation, the request of deletion, transitions of conditions, start and end of containers, and the writes
    noted in `managedFields` and in an Event's own time fields.
    """
    return max(_moments(obj), default=None)


def moment_of(text: object) -> float | None:
    """Seconds since the epoch of an API timestamp, None for an empty or missing one."""
    return from_rfc3339(str(text)) if text else None


def deletion_began(obj: Obj) -> float | None:
    """When deletion was asked for: `deletionTimestamp` is that time plus the grace period (API conventions)."""
    meta = obj.get("metadata") or {}
    end = moment_of(meta.get("deletionTimestamp"))
    return None if end is None else end - float(meta.get("deletionGracePeriodSeconds") or 0)


def _moments(obj: Obj) -> Iterator[float]:
    meta = obj.get("metadata") or {}
    status = obj.get("status") or {}
    began = deletion_began(obj)
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
        when = moment_of(text)
        if when is not None:
            yield when


def _rows(value: object) -> list[Obj]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
