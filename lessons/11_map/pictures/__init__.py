"""The pictures of lesson 11: a time line that opens, and a map of the territory with its links."""

from __future__ import annotations

from .chart import Chart
from .timeline import Timeline

__all__ = ["PICTURES"]

PICTURES = (Timeline(), Chart())
"""What `t.picture` shows."""
