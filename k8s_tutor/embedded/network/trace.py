"""The way of one request: every hop, so that a picture can show it and a learner can follow it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Hop", "Trace"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step.

    Attributes:
        kind: `client`, `dns`, `loadbalancer`, `node`, `service`, `endpoint`, `pod`.
        name: What it is called: `namespace/name` of an object, or a DNS name.
        address: `10.96.0.12:80`, where there is one.
        note: What was decided there, in words.
    """

    kind: str
    name: str
    address: str = ""
    note: str = ""


@dataclass(slots=True)
class Trace:
    """Hops in order, the end of it in words, and how many virtual seconds it took.

    Attributes:
        outcome: `200`, `refused`, `timed out`, `unknown host`, `broken`.
    """

    hops: list[Hop] = field(default_factory=list)
    outcome: str = ""
    seconds: float = 0.0

    def add(self, kind: str, name: str, address: str = "", note: str = "") -> None:
        """Adds a hop."""
        self.hops.append(Hop(kind, name, address, note))
