"""Quantities: `500m`, `1.5Gi`, `2e3`, exactly, as Kubernetes counts and writes them.

>>> parse("1500m") == parse("1.5"), str(parse("0.5") + parse("500m")), str(parse("1024Mi"))
(True, '1', '1Gi')

Rules: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity; checked against a real API server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import total_ordering
from typing import TypeAlias

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects.pods import of_containers
from k8s_tutor.objects.types import Obj

__all__ = [
    "ZERO",
    "Amounts",
    "Quantity",
    "QuantityError",
    "add",
    "age",
    "allocatable",
    "canonical",
    "for_scoring",
    "human_duration",
    "parse",
    "qos_class",
    "requests",
    "show",
    "subtract",
]

_PATTERN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = 10**9
_LONGEST = 1_000  # a real server keeps any number, and stands still for `1e999999999`
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
    if len(match[0]) > _LONGEST:
        raise QuantityError(f"a quantity has no more than {_LONGEST} characters on the embedded cluster")
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


# ---- Lengths of time as kubectl prints them: `45s`, `3m20s`, `5h`, `12d`

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 86400 * 365

# Up to (exclusive), unit, its letter, smaller unit, its letter: ever coarser the longer it lasts.
_STEPS: tuple[tuple[int, int, str, int, str], ...] = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


def human_duration(seconds: float) -> str:
    """A length of time for people, by the steps of kubectl (`duration.HumanDuration`).

    >>> [human_duration(n) for n in (119, 120, 200, 600, 30_000)]
    ['119s', '2m', '3m20s', '10m', '8h']
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    whole = max(whole, 0)
    for limit, unit, letter, small, small_letter in _STEPS:
        if whole < limit:
            rest = whole % unit // small if small else 0
            return f"{whole // unit}{letter}{rest}{small_letter}" if rest else f"{whole // unit}{letter}"
    return f"{whole // _YEAR}y"


def age(timestamp: str | None, now: float) -> str:
    """How long ago an API timestamp was; `<unknown>` without one."""
    return human_duration(now - from_rfc3339(timestamp)) if timestamp else "<unknown>"


# ---- How much a pod asks for and a node has: CPU in thousandths of a core, everything else in whole units
#
# A pod asks for the sum of its containers, or for what its greediest init container needs if that is more;
# sidecars
# (init containers that restart always) count with both.
# See kubernetes.io/docs/concepts/workloads/pods/sidecar-containers (Resource sharing within containers).

Amounts: TypeAlias = dict[str, int]

DEFAULTS = {"cpu": 100, "memory": 200 * 1024 * 1024}
"""What a container that asks for nothing counts in scores, so that such pods spread too."""

_IN_BYTES = ("memory", "ephemeral-storage")
_KI = 1024


def requests(pod: Obj) -> Amounts:
    """What a pod asks for."""
    return _total(pod, {})


def for_scoring(pod: Obj) -> Amounts:
    """What a pod asks for, with a little for each container that does not say."""
    return _total(pod, DEFAULTS)


def allocatable(node: Obj) -> Amounts:
    """What a node has for pods."""
    return _amounts((node.get("status") or {}).get("allocatable") or {})


def add(one: Mapping[str, int], two: Mapping[str, int]) -> Amounts:
    """The sum."""
    return {name: one.get(name, 0) + two.get(name, 0) for name in (*one, *(key for key in two if key not in one))}


def subtract(one: Mapping[str, int], two: Mapping[str, int]) -> Amounts:
    """The difference."""
    return add(one, {name: -amount for name, amount in two.items()})


def show(name: str, amount: int) -> str:
    """An amount as people write it: `500m` or `2` of CPU, `64Mi` or `7.7Gi` of memory; bytes are rounded."""
    if name == "cpu":
        return str(Quantity(amount * 10**6))
    if name not in _IN_BYTES or amount < _KI:
        return str(amount)
    power = next(power for power in (3, 2, 1) if amount >= _KI**power)
    whole = amount / _KI**power
    return f"{whole:.1f}".removesuffix(".0") + ("Ki", "Mi", "Gi")[power - 1]


def _total(pod: Obj, defaults: Mapping[str, int]) -> Amounts:
    spec = pod["spec"]
    nothing: Amounts = {}
    total = of_containers(spec, nothing, lambda container: _of_container(container, defaults), add, _larger)
    total = total | _amounts((spec.get("resources") or {}).get("requests") or {})
    return add(total, _amounts(spec.get("overhead") or {}))


def _of_container(container: Obj, defaults: Mapping[str, int]) -> Amounts:
    return {**defaults, **_amounts((container.get("resources") or {}).get("requests") or {})}


def _larger(one: Amounts, two: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), two.get(name, 0)) for name in (*one, *(key for key in two if key not in one))}


def _amounts(texts: Mapping[str, str]) -> Amounts:
    parsed = {name: parse(text) for name, text in texts.items()}
    return {name: amount.millis if name == "cpu" else amount.value for name, amount in parsed.items()}


# ---- How well a pod is treated when its node runs short. Source: kubernetes.io/docs/concepts/workloads/pods/pod-qos

_COUNTED = ("cpu", "memory")


def qos_class(spec: Obj) -> str:
    """`Guaranteed`, `Burstable` or `BestEffort`."""
    containers = [*spec.get("initContainers", ()), *spec.get("containers", ())]
    sources = [spec["resources"]] if spec.get("resources") else [row.get("resources") or {} for row in containers]
    asked = [_counted(source.get("requests")) for source in sources]
    limits = [_counted(source.get("limits")) for source in sources]
    if not any(asked) and not any(limits):
        return "BestEffort"
    complete = all(len(limit) == len(_COUNTED) for limit in limits)
    return "Guaranteed" if complete and asked == limits else "Burstable"


def _counted(resources: Obj | None) -> dict[str, Quantity]:
    parsed = {name: parse(amount) for name, amount in (resources or {}).items() if name in _COUNTED}
    return {name: amount for name, amount in sorted(parsed.items()) if amount}
