"""`quantity("1.5Gi")`: amounts, compared and added exactly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from k8s_tutor.embedded.apiserver.cel.types import Function, content, wrapped
from k8s_tutor.objects.quantity import Quantity, QuantityError, parse

__all__ = ["LISTS", "QUANTITIES", "SEMVER", "VERSIONS", "compare_versions"]

# ---- `semver("1.2.3")`: semantic versions (semver.org), compared by their precedence

SEMVER = "kubernetes.Semver"
_NUMBER = r"(0|[1-9]\d*)"
_LABELS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_LABELS}))?(?:\+({_LABELS}))?")


def _made_version(text: str, normalize: bool = False) -> dict[str, str]:
    found = _normalized(text) if normalize else text
    match = _VERSION.fullmatch(found)
    if match is None or any(_leading_zero(part) for part in (match[4] or "").split(".")):
        raise ValueError(_complaint(found))
    return wrapped(SEMVER, found)


def _complaint(text: str) -> str:
    parts = text.split(".", 2)
    if len(parts) != 3:
        return "No Major.Minor.Patch elements found"
    for part in (*parts[:2], re.split(r"[-+]", parts[2])[0]):
        if not part.isdigit():
            return f'Invalid character(s) found in number "{part}"'
        if _leading_zero(part):
            return f'Number must not contain leading zeroes "{part}"'
    return f'Invalid semantic version "{text}"'


def _leading_zero(text: str) -> bool:
    return len(text) > 1 and text.isdigit() and text[0] == "0"


def _normalized(text: str) -> str:
    """A leading v, leading zeros and missing parts are put right."""
    rest = text.removeprefix("v")
    core = re.split(r"[-+]", rest, maxsplit=1)[0]
    tail = rest[len(core) :]
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in core.split(".")]
    if len(parts) < 3 and tail:
        return rest
    return ".".join([*parts, "0", "0"][: max(3, len(parts))]) + tail


def _is_version(text: str, normalize: bool = False) -> bool:
    try:
        _made_version(text, normalize)
    except ValueError:
        return False
    return True


def compare_versions(left: str, right: str) -> int:
    """-1, 0 or 1 by semver's precedence: what follows + does not count."""
    one, other = _precedence(left), _precedence(right)
    return (one > other) - (one < other)


def _precedence(text: str) -> tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]:
    match = _VERSION.fullmatch(text)
    assert match is not None
    core = tuple(int(match[index]) for index in (1, 2, 3))
    labels = match[4].split(".") if match[4] else []
    ranks = tuple((0, int(label), "") if label.isdigit() else (1, 0, label) for label in labels)
    return core, not labels, ranks


def _part(index: int, value: dict[str, str]) -> int:
    return int(re.split(r"[-+]", content(value), maxsplit=1)[0].split(".")[index])


VERSIONS = (
    Function("semver", ("string",), SEMVER, _made_version),
    Function("semver", ("string", "bool"), SEMVER, _made_version),
    Function("isSemver", ("string",), "bool", _is_version),
    Function("isSemver", ("string", "bool"), "bool", _is_version),
    Function("major", (SEMVER,), "int", lambda value: _part(0, value), method=True),
    Function("minor", (SEMVER,), "int", lambda value: _part(1, value), method=True),
    Function("patch", (SEMVER,), "int", lambda value: _part(2, value), method=True),
)


# ---- `quantity("1.5Gi")`: amounts, compared and added exactly

QUANTITY = "kubernetes.Quantity"
_NANO = 10**9
_LARGEST = 2**63 - 1


def _made(text: str) -> dict[str, str]:
    try:
        return wrapped(QUANTITY, str(parse(text).nanos))
    except QuantityError as error:
        raise ValueError(str(error)) from error


def _is(text: str) -> bool:
    try:
        parse(text)
    except QuantityError:
        return False
    return True


def _nanos(value: Any) -> int:
    return int(content(value))


def _compare(left: dict[str, str], right: dict[str, str]) -> int:
    if SEMVER in left:
        return compare_versions(content(left), content(right))
    return (_nanos(left) > _nanos(right)) - (_nanos(left) < _nanos(right))


def _sum(left: dict[str, str], right: Any, sign: int = 1) -> dict[str, str]:
    other = right * _NANO if isinstance(right, int) else _nanos(right)
    return wrapped(QUANTITY, str(_nanos(left) + sign * other))


def _integer(value: dict[str, str]) -> int:
    whole, rest = divmod(_nanos(value), _NANO)
    if rest or abs(whole) > _LARGEST:
        raise ValueError("cannot convert value to integer")
    return whole


def _is_integer(value: dict[str, str]) -> bool:
    whole, rest = divmod(_nanos(value), _NANO)
    return not rest and abs(whole) <= _LARGEST


def _sign(value: dict[str, str]) -> int:
    return (_nanos(value) > 0) - (_nanos(value) < 0)


def _float(value: dict[str, str]) -> float:
    return Quantity(_nanos(value)).nanos / _NANO


def _difference(left: dict[str, str], right: Any) -> dict[str, str]:
    return _sum(left, right, -1)


QUANTITIES = (
    Function("quantity", ("string",), QUANTITY, _made),
    Function("isQuantity", ("string",), "bool", _is),
    Function("isInteger", (QUANTITY,), "bool", _is_integer, method=True),
    Function("asInteger", (QUANTITY,), "int", _integer, method=True),
    Function("asApproximateFloat", (QUANTITY,), "double", _float, method=True),
    Function("sign", (QUANTITY,), "int", _sign),
    Function("add", (QUANTITY, QUANTITY), QUANTITY, _sum, method=True),
    Function("add", (QUANTITY, "int"), QUANTITY, _sum, method=True),
    Function("sub", (QUANTITY, QUANTITY), QUANTITY, _difference, method=True),
    Function("sub", (QUANTITY, "int"), QUANTITY, _difference, method=True),
    *(
        Function(name, (one, one), returns, does, method=True)
        for one in (QUANTITY, SEMVER)
        for name, returns, does in (
            ("isGreaterThan", "bool", lambda left, right: _compare(left, right) > 0),
            ("isLessThan", "bool", lambda left, right: _compare(left, right) < 0),
            ("compareTo", "int", _compare),
        )
    ),
)


# ---- Lists: sums, smallest and largest, sorted or not, where an item is

_NUMBERS = ("int", "uint", "double", "duration")
_ORDERED = (*_NUMBERS, "string", "bool", "bytes", "timestamp")


def _sum_of_list(items: list[Any]) -> Any:
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
    *(Function("sum", (f"list<{one}>",), one, _sum_of_list, method=True) for one in _NUMBERS),
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
