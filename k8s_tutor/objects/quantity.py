"""Quantities: `500m`, `1.5Gi`, `2e3`, exactly, as Kubernetes counts and writes them.

>>> parse("1500m") == parse("1.5"), str(parse("0.5") + parse("500m")), str(parse("1024Mi"))
(True, '1', '1Gi')

Rules: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity; checked against a real API server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import TypeAlias

__all__ = ["ZERO", "Quantity", "QuantityError", "canonical", "parse"]

_PATTERN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = 10**9
_FORMAT_WORDS = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

Number: TypeAlias = "Quantity | str | int | float"


class QuantityError(ValueError):
    """A text that is no quantity; the message is Kubernetes' own."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """An exact amount, to a billionth, which remembers in which style it was written.

    Attributes:
        nanos: The amount in billionths.
        style: `decimal` (500m, 2k), `binary` (1Gi) or `exponent` (2e3): how it is written back.
    """

    nanos: int
    style: str = "decimal"

    @property
    def value(self) -> int:
        """Whole units, rounded away from zero: bytes, cores, pods."""
        return _divide(self.nanos, _NANO)

    @property
    def millis(self) -> int:
        """Thousandths, rounded away from zero: millicores."""
        return _divide(self.nanos, 10**6)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos + other.nanos, self.style if self.nanos else other.style)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.nanos - other.nanos, self.style if self.nanos else other.style)

    def __neg__(self) -> Quantity:
        return Quantity(-self.nanos, self.style)

    def __mul__(self, times: int) -> Quantity:
        return Quantity(self.nanos * times, self.style)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.nanos == other.nanos

    def __lt__(self, other: Quantity) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __bool__(self) -> bool:
        return self.nanos != 0

    def __str__(self) -> str:
        """The canonical form: no fraction, the largest suffix that loses nothing."""
        if self.nanos == 0:
            return "0"
        whole, rest = divmod(self.nanos, _NANO)
        if self.style == "binary" and not rest and abs(whole) >= 1024:
            return _binary(whole)
        return _decimal(self.nanos, exponent=self.style == "exponent")


ZERO = Quantity(0)


def parse(text: Number) -> Quantity:
    """A quantity from a manifest's text or number.

    Raises:
        QuantityError: it is none, in Kubernetes' words.
    """
    if isinstance(text, Quantity):
        return text
    return _read(text)[0]


def canonical(text: Number, *, milli: bool = False) -> str:
    """How the API server writes a quantity back: `1000m` is `1`, `0.5` is `500m`.

    A spelling whose number and suffix need no change is kept as it was typed (`+1`, `1E3`), as the API server does.

    Args:
        text: A quantity.
        milli: Round up to thousandths, as in a container's requests and limits.

    Raises:
        QuantityError: it is none.
    """
    if isinstance(text, Quantity):
        return str(text)
    quantity, as_typed = _read(text)
    if milli and quantity.nanos % 10**6:
        quantity = Quantity(quantity.millis * 10**6, quantity.style)
        as_typed = False
    return str(text).strip() if as_typed else str(quantity)


def _read(text: str | int | float) -> tuple[Quantity, bool]:
    """The quantity, and whether its spelling may stay."""
    match = _PATTERN.fullmatch(str(text).strip()) if not isinstance(text, bool) else None
    if match is None or not (match[2] or match[3] is not None):
        raise QuantityError(_FORMAT_WORDS)
    sign, fraction, suffix = match[1], match[3] or "", match[4]
    digits = int(match[2] + fraction or "0")
    if suffix in _BINARY:
        numerator, denominator, style = digits * 2 ** _BINARY[suffix] * _NANO, 10 ** len(fraction), "binary"
        as_typed = not fraction and digits % 1024 != 0
    else:
        power, style = _power(suffix)
        power -= len(fraction)
        numerator, denominator = (digits * 10 ** (power + 9), 1) if power >= -9 else (digits, 10 ** (-9 - power))
        as_typed = power % 3 == 0 and digits % 1000 != 0 and power >= -9 and not (fraction and not int(match[2] or 0))
    nanos = _divide(numerator, denominator)
    return Quantity(-nanos if sign == "-" else nanos, style), as_typed


def _power(suffix: str) -> tuple[int, str]:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "decimal"
    if re.fullmatch(r"[eE][-+]?[0-9]+", suffix) and abs(int(suffix[1:])) < 100:
        return int(suffix[1:]), "exponent"
    raise QuantityError("unable to parse quantity's suffix")


def _divide(numerator: int, denominator: int) -> int:
    """Away from zero: whoever asks for any of a resource gets some."""
    return -(-numerator // denominator) if numerator >= 0 else numerator // denominator


def _decimal(nanos: int, *, exponent: bool) -> str:
    power = -9
    while nanos % 1000 == 0 and power < (99 if exponent else 18):
        nanos, power = nanos // 1000, power + 3
    if exponent:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{_DECIMAL_SUFFIX[power]}"


def _binary(whole: int) -> str:
    suffixes = list(_BINARY)
    place = -1
    while whole % 1024 == 0 and place < len(suffixes) - 1:
        whole, place = whole // 1024, place + 1
    return f"{whole}{suffixes[place] if place >= 0 else ''}"
