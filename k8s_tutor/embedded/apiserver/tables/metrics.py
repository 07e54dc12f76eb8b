"""What nodes and pods use, with metrics-server's columns."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, name
from k8s_tutor.objects.quantity import ZERO, parse
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS", "COLUMNS"]

_ROWS: list[list[Json]] = [
    ["Name", "string", "name", 0],
    ["cpu", "string", "quantity", 0],
    ["memory", "string", "quantity", 0],
    ["Window", "string", "duration", 0],
]


def node(obj: Obj, _: float) -> list[Json]:
    """Name, cpu, memory, Window."""
    usage = obj["usage"]
    return [name(obj), usage["cpu"], usage["memory"], obj["window"]]


def pod(obj: Obj, _: float) -> list[Json]:
    """The same, summed over the containers."""
    used = [container["usage"] for container in obj["containers"]]
    sums = [sum((parse(usage[resource]) for usage in used), ZERO) for resource in ("cpu", "memory")]
    return [name(obj), *map(str, sums), obj["window"]]


CELLS: dict[str, Cells] = {"nodes.metrics.k8s.io": node, "pods.metrics.k8s.io": pod}
COLUMNS = dict.fromkeys(CELLS, _ROWS)
