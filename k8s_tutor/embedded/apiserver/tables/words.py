"""Words many cells share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from k8s_tutor.objects import metadata, quantity, selectors
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Cells",
    "age",
    "containers",
    "join_some",
    "labels_text",
    "name",
    "part",
    "selector_text",
    "since",
]

Cells: TypeAlias = Callable[[Obj, float], list[Json]]
"""The cells of one object's row at a moment (seconds since the epoch)."""

name = metadata.name


def part(obj: Obj, *path: str) -> Json:
    """A field inside an object, None where any step is missing."""
    value: Json = obj
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def age(obj: Obj, now: float) -> str:
    """Time since the object was created."""
    return quantity.age(part(obj, "metadata", "creationTimestamp"), now)


def since(timestamp: str | None, now: float) -> str:
    """Time since a timestamp, `<unknown>` without one."""
    return quantity.age(timestamp, now)


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d`, sorted; `<none>` for none."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def selector_text(label_selector: Obj | None) -> str:
    """A `LabelSelector` in the words of `-l`; `<none>` for none."""
    try:
        return str(selectors.of(label_selector)) or "<none>"
    except selectors.SelectorError:
        return "<error>"


def containers(pod_spec: Obj | None) -> list[Json]:
    """The two cells names and images."""
    rows = (pod_spec or {}).get("containers") or ()
    return [",".join(str(row.get(field, "")) for row in rows) for field in ("name", "image")]


def join_some(items: Iterable[str], *, most: int = 3, separator: str = ",", empty: str = "<none>") -> str:
    """The first few, and how many more: `a,b,c + 2 more...`."""
    every = list(items)
    joined = separator.join(every[:most]) or empty
    return f"{joined} + {len(every) - most} more..." if len(every) > most else joined
