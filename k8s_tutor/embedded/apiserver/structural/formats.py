"""The formats of texts that the API server checks in custom objects (`format:` in a schema).

Source: the formats of k8s.io/kube-openapi and which texts a real server took.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import cycle

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects import names

__all__ = ["FORMATS", "NUMBER_FORMATS", "fits"]

NUMBER_FORMATS = ("int32", "int64", "float", "double")
_HEX = "[0-9a-fA-F]"
_LETTER = r"[^\W_]"
_HOSTNAME = rf"{_LETTER}(-?[^\W_]{{0,62}})*|({_LETTER}([\w-]{{0,61}}{_LETTER})?\.)+[^\W\d_]{{2,63}}"
_UNITS = (
    "ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?"
    "|h|hrs?|hours?|d|days?|w|wks?|weeks?"
)
_DURATION = rf"[-+]?((\d+(\.\d*)?|\.\d+)\s*({_UNITS})\s*)+|[-+]?0"
_CARD = (
    r"4\d{12}(\d{3})?|5[1-5]\d{14}|(222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|6(011|5\d\d)\d{12}|3[47]\d{13}"
    r"|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11}"
)


def fits(form: str, text: str) -> bool:
    """Whether a text has a format; any text has one that nobody knows."""
    check = FORMATS.get(form)
    return check is None or check(text)


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def good(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return good


def _uuid(version: str = "") -> Callable[[str], bool]:
    third = f"{version}{_HEX}{{3}}" if version else f"{_HEX}{{4}}"
    fourth = f"[89abAB]{_HEX}{{3}}" if version in ("4", "5") else f"{_HEX}{{4}}"
    return _like(rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{third}-?{fourth}-?{_HEX}{{12}}")


def _ipv4(text: str) -> None:
    IPv4Address(
        ".".join(part.lstrip("0") or "0" for part in text.split(".")) if re.fullmatch(r"[\d.]+", text) else text
    )


def _cidr(text: str) -> None:
    if "/" not in text:
        raise ValueError(text)
    ip_network(text, strict=False)


def _date_time(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text)) and _time(text)


def _time(text: str) -> bool:
    return _read_by(from_rfc3339)(re.sub(r"\.\d+", "", text).upper())


def _date(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and _time(f"{text}T00:00:00Z")


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{9}[\dX]", digits):
        return False
    return sum((index + 1) * (10 if char == "X" else int(char)) for index, char in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{13}", digits):
        return False
    return sum(int(char) * weight for char, weight in zip(digits, cycle((1, 3)), strict=False)) % 10 == 0


def _card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if not re.fullmatch(_CARD, digits):
        return False
    doubled = (int(char) * (1 + index % 2) for index, char in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _byte(text: str) -> None:
    base64.b64decode(text, validate=True)


FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _like(f"{_HEX}{{24}}"),
    "uri": _like(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*:)[^\s]*"),
    "email": _like(r"[^<>@\s]+@[^<>@\s]+|[^<>@]*<[^<>@\s]+@[^<>@\s]+>"),
    "hostname": lambda text: len(text) < 255 and re.fullmatch(_HOSTNAME, text) is not None,
    "ipv4": _read_by(_ipv4),
    "ipv6": _read_by(IPv6Address),
    "cidr": _read_by(_cidr),
    "mac": _like(rf"{_HEX}{{2}}([:-]{_HEX}{{2}}){{5}}(([:-]{_HEX}{{2}}){{2}})?|{_HEX}{{4}}(\.{_HEX}{{4}}){{2,3}}"),
    "uuid": _uuid(),
    "uuid3": _uuid("3"),
    "uuid4": _uuid("4"),
    "uuid5": _uuid("5"),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _card,
    "ssn": _like(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": _like(rf"#?({_HEX}{{3}}|{_HEX}{{6}})"),
    "rgbcolor": _like(
        r"rgb\(\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*(,\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*){2}\)"
    ),
    "byte": _read_by(_byte),
    "password": lambda _: True,
    "date": _date,
    "duration": _like(_DURATION),
    "date-time": _date_time,
    "datetime": _date_time,
    "k8s-short-name": lambda text: not names.dns1123_label(text),
    "k8s-long-name": lambda text: not names.dns1123_subdomain(text),
}
"""Checks by the name of the format."""
