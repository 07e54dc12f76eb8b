"""`quantity("1.5Gi")`: amounts, compared and added exactly."""

from __future__ import annotations

from typing import Any

from k8s_tutor.embedded.apiserver.cel.libraries.function import Function, content, wrapped
from k8s_tutor.embedded.apiserver.cel.libraries.versions import SEMVER, compare_versions
from k8s_tutor.objects.quantity import Quantity, QuantityError, parse

__all__ = ["QUANTITIES"]

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
