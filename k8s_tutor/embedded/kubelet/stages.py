"""A container's way to running, as data: what happens in which order, how long it takes, what is said about it.

The durations are those seen on a small real cluster (three nodes on two cores, images present), rounded. Everything
that learners watch for seconds (pulls, grace periods, back-offs, probes) follows from the manifest and from Kubernetes'
own constants, not from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CREATE",
    "LOOK_AGAIN",
    "NOTICE",
    "RELIST",
    "RESYNC_ON_ERROR",
    "SANDBOX",
    "SHIM",
    "START",
    "STOP_SANDBOX",
    "Stage",
]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step.

    Attributes:
        seconds: Virtual time from its begin to its end.
        reason: Of the event at its end; empty for none.
        message: Of that event.
    """

    seconds: float
    reason: str = ""
    message: str = ""


NOTICE = Stage(0.02)
"""From a change in the API server to the kubelet's first look at it."""

SANDBOX = Stage(0.35)
"""The pod's network namespace and address, before any container."""

CREATE = Stage(0.04, "Created", "Container created")
"""The container's files and configuration."""

START = Stage(0.12, "Started", "Container started")
"""Its first process."""

STOP_SANDBOX = Stage(0.05)
"""The network goes, with the address."""

LOOK_AGAIN = Stage(0.01)
"""From the end of a round that did something to the look at what came of it."""

SHIM = Stage(0.05)
"""So long after its start a container's end is noticed at the earliest: one that ends at once is seen running."""

RELIST = 1.0
"""The kubelet asks the runtime once a second what has changed; that is how it learns that a container has ended."""

RESYNC_ON_ERROR = 10.0
"""After an error the kubelet looks at the pod again after this many seconds, times a random 1 to 1.5."""
