"""The snapshots of the graph's tests: what a real cluster gave."""

from __future__ import annotations

from tests.unit.graph.conftest import moving, recorded, seven, stuck, unready

__all__ = ["moving", "recorded", "seven", "stuck", "unready"]
