"""Small checks that many kinds share, in Kubernetes' words."""

from __future__ import annotations

import difflib
import ipaddress
import json
import re
from collections.abc import Iterable, Sequence

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.metadata import check_labels
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "IMMUTABLE",
    "go_diff",
    "immutable",
    "ip_address",
    "ip_network",
    "is_empty_selector",
    "name_problems",
    "nonnegative",
    "one_of",
    "port_name",
    "port_name_or_number",
    "port_number",
    "share_problems",
    "validate_label_selector",
]

IMMUTABLE = "field is immutable"
_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_WORDS = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
_PORT_NAME = re.compile(r"[-a-z0-9]+")


def nonnegative(value: int | None, path: str) -> list[FieldError]:
    """A number that may be zero but not less."""
    return [invalid(path, value, "must be greater than or equal to 0")] if value is not None and value < 0 else []


def one_of(value: Json, known: Sequence[str], path: str) -> list[FieldError]:
    """A word out of a few; the empty word counts as missing."""
    if not value:
        return [required(path)]
    return [] if value in known else [unsupported(path, value, known, sort=False)]


def name_problems(value: str, path: str, problems: Iterable[str] | None = None) -> list[FieldError]:
    """A DNS label, or whatever `problems` says about the value."""
    found = metadata.dns1123_label(value) if problems is None else problems
    return [invalid(path, value, problem) for problem in found]


def ip_address(value: str, path: str) -> list[FieldError]:
    """An address of either family; its parts are no octal numbers."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        octal = re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", value) and re.search(r"\b0\d", value)
        words = "must not have leading 0s" if octal else "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        return [invalid(path, value, words)]
    return []


def ip_network(value: str, path: str) -> list[FieldError]:
    """A range of addresses of either family."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return [invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    return []


def port_number(value: int, path: str) -> list[FieldError]:
    """A TCP or UDP port."""
    return [] if 1 <= value <= 65535 else [invalid(path, value, "must be between 1 and 65535, inclusive")]


def port_name(value: str, path: str) -> list[FieldError]:
    """A name for a port: an IANA service name."""
    words: list[str] = []
    if len(value) > 15:
        words.append("must be no more than 15 characters")
    if not _PORT_NAME.fullmatch(value):
        words.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", value):
        words.append("must contain at least one letter (a-z)")
    if "--" in value:
        words.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        words.append("must not begin or end with a hyphen")
    return [invalid(path, value, word) for word in words]


def port_name_or_number(value: Json, path: str) -> list[FieldError]:
    """What a probe or a Service's targetPort may be."""
    return port_name(value, path) if isinstance(value, str) else port_number(value or 0, path)


def immutable(new: Json, old: Json, path: str) -> list[FieldError]:
    """A field that may not change."""
    return [] if new == old else [invalid(path, new, IMMUTABLE)]


def share_problems(value: Json, path: str, *, whole: bool = True) -> list[FieldError]:
    """A number of things, or a percentage of them; of at most all where `whole` says so."""
    if not isinstance(value, str):
        return nonnegative(value, path)
    if not _PERCENT.fullmatch(value):
        return [invalid(path, value, _PERCENT_WORDS)]
    return [invalid(path, value, "must not be greater than 100%")] if whole and int(value[:-1]) > 100 else []


# ---- What is wrong with a LabelSelector


def validate_label_selector(selector: Obj | None, path: str) -> list[FieldError]:
    """`matchLabels` and `matchExpressions`."""
    if not selector:
        return []
    found = check_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, row in enumerate(selector.get("matchExpressions", ())):
        found += _validate_expression(row, f"{path}.matchExpressions[{index}]")
    return found


def is_empty_selector(selector: Obj | None) -> bool:
    """Whether a selector would select everything."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def _validate_expression(row: Obj, path: str) -> list[FieldError]:
    operator, values, key = row["operator"], row.get("values", []), row["key"]
    found: list[FieldError] = []
    if operator in ("In", "NotIn"):
        if not values:
            found.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(forbidden(f"{path}.values", words))
    else:
        found.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    found += [invalid(f"{path}.key", key, problem) for problem in metadata.qualified_name(key)]
    for index, value in enumerate(values):
        found += [invalid(f"{path}.values[{index}]", value, problem) for problem in metadata.label_value(value)]
    return found


# ---- The difference between two specs as the API server shows it when it forbids a change
#
# A unified diff of both, written as JSON with Go's field names. The real server prints its internal type with all its
# unset fields; ours shows the fields that are there, so line numbers and neighbours may differ.

_ACRONYMS = {"dns": "DNS", "ip": "IP", "pid": "PID", "ipc": "IPC", "uid": "UID"}


def go_diff(old: Obj, new: Obj, *, named: bool = False) -> str:
    """The lines that differ, with three lines around them; ends with a newline.

    Args:
        old: Before.
        new: After.
        named: Both have Go's names already.
    """
    printed = (old, new) if named else (_go_named(old), _go_named(new))
    before, after = (json.dumps(value, indent=1).splitlines() for value in printed)
    lines = list(difflib.unified_diff(before, after, lineterm="", n=3))
    return "".join(f"{line}\n" for line in lines[2:])


def _go_named(value: Json) -> Json:
    if isinstance(value, dict):
        return {_go_name(key): _go_named(item) for key, item in value.items()}
    return [_go_named(item) for item in value] if isinstance(value, list) else value


def _go_name(key: str) -> str:
    for small, great in _ACRONYMS.items():
        if key == small or (key.startswith(small) and key[len(small)].isupper()):
            return great + key[len(small) :]
    return key[:1].upper() + key[1:]
