"""Lists: sums, smallest and largest, sorted or not, where an item is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from k8s_tutor.embedded.apiserver.cel.libraries.function import Function

__all__ = ["LISTS"]

_NUMBERS = ("int", "uint", "double", "duration")
_ORDERED = (*_NUMBERS, "string", "bool", "bytes", "timestamp")


def _sum(items: list[Any]) -> Any:
    if not items:
        return 0
    if isinstance(items[0], timedelta):
        from google.protobuf.duration_pb2 import Duration  # noqa: PLC0415 — with the first expression

        total = Duration()
        total.FromTimedelta(sum(items, timedelta()))
        return total
    return sum(items)


def _pick(name: str, pick: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    def picked(items: list[Any]) -> Any:
        if not items:
            raise ValueError(f"{name} called on empty list")
        return pick(items)

    return picked


def _is_sorted(items: list[Any]) -> bool:
    return all(one <= other for one, other in pairwise(items))


def _index(items: list[Any], wanted: Any) -> int:
    return next((index for index, item in enumerate(items) if item == wanted), -1)


def _last_index(items: list[Any], wanted: Any) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if items[index] == wanted), -1)


def _inserted(into: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    if key in into:
        raise ValueError(f"insert failed: key {key} already exists")
    return {**into, key: value}


def _merged(into: dict[Any, Any], entries: dict[Any, Any]) -> dict[Any, Any]:
    for key, value in entries.items():
        into = _inserted(into, key, value)
    return into


LISTS = (
    *(Function("sum", (f"list<{one}>",), one, _sum, method=True) for one in _NUMBERS),
    *(
        Function(name, (f"list<{one}>",), one, does, method=True)
        for one in _ORDERED
        for name, does in (("min", _pick("min", min)), ("max", _pick("max", max)))
    ),
    *(Function("isSorted", (f"list<{one}>",), "bool", _is_sorted, method=True) for one in _ORDERED),
    Function("indexOf", ("list<~T>", "~T"), "int", _index, method=True),
    Function("lastIndexOf", ("list<~T>", "~T"), "int", _last_index, method=True),
    # What transformMap and transformMapEntry are made of; the package declares it and forgets to provide it.
    Function("cel.@mapInsert", ("=map", "dyn", "dyn"), "dyn", _inserted),
    Function("cel.@mapInsert", ("=map", "=map"), "dyn", _merged),
)
