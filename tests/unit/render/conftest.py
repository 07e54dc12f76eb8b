"""The snapshots of the graph's tests: what a real cluster gave."""

from __future__ import annotations

from tests.unit.graph.conftest import recorded, seven, unready

__all__ = ["recorded", "seven", "unready"]
