"""Where a kind keeps its number of replicas."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ScalePaths"]


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Paths as tuples of field names; the built-in kinds' unless told otherwise."""

    wanted: tuple[str, ...] = ("spec", "replicas")
    observed: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")
