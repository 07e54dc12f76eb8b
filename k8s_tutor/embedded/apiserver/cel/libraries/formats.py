"""`format.dns1123Label().validate("…")`: Kubernetes' named formats; what a text has wrong, or nothing.

An optional list of problems is a list here, empty for none: `hasValue`, `value` and `orValue` read it so.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.cel.types import Function, content, wrapped
from k8s_tutor.objects import metadata
from k8s_tutor.objects.regexps import find_all, find_first

__all__ = ["FORMATS", "REGEXES"]

FORMAT = "kubernetes.NamedFormat"
_PROBLEMS = "optional_type<list<string>>"


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """A name that a generated end may follow: one dash at the end does no harm."""
    return lambda text: check(f"{text[:-1]}a" if len(text) > 1 and text.endswith("-") else text)


def _uri(text: str) -> list[str]:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) or text.startswith("/"):
        return []
    return [f'parse "{text}": invalid URI for request' if text else 'parse "": empty url']


def _byte(text: str) -> list[str]:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return ["invalid base64"]
    return []


def _time(words: str, form: str, suffix: str = "") -> Callable[[str], list[str]]:
    def checked(text: str) -> list[str]:
        try:
            from_rfc3339(text + suffix)
        except ValueError:
            return [words]
        return [] if re.fullmatch(form, text) else [words]

    return checked


def _uuid(text: str) -> list[str]:
    good = re.fullmatch(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", text)
    return [] if good else ["does not match the UUID format"]


_CHECKS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": metadata.dns1123_label,
    "dns1123Subdomain": metadata.dns1123_subdomain,
    "dns1035Label": metadata.dns1035_label,
    "qualifiedName": metadata.qualified_name,
    "dns1123LabelPrefix": _prefix(metadata.dns1123_label),
    "dns1123SubdomainPrefix": _prefix(metadata.dns1123_subdomain),
    "dns1035LabelPrefix": _prefix(metadata.dns1035_label),
    "labelValue": metadata.label_value,
    "uri": _uri,
    "uuid": _uuid,
    "byte": _byte,
    "date": _time("invalid date", r"\d{4}-\d\d-\d\d", "T00:00:00Z"),
    "datetime": _time("invalid datetime", r"\d{4}-\d\d-\d\d[Tt].*"),
}


def _named(name: str) -> dict[str, str]:
    return wrapped(FORMAT, name) if name in _CHECKS else {}


def _first(value: Any) -> Any:
    if not value:
        raise ValueError("optional.none() dereference")
    return value


FORMATS = (
    *(Function(f"format.{name}", (), FORMAT, lambda name=name: wrapped(FORMAT, name)) for name in _CHECKS),
    Function("format.named", ("string",), f"optional_type<{FORMAT}>", _named),
    Function("validate", (FORMAT, "string"), _PROBLEMS, lambda form, text: _CHECKS[content(form)](text), method=True),
    *(
        Function(name, parameters, returns, does, method=True)
        for kind in ("=list", "=map")
        for name, parameters, returns, does in (
            ("hasValue", (kind,), "bool", bool),
            ("value", (kind,), "dyn", _first),
            ("orValue", (kind, kind), "dyn", lambda value, other: value or other),
        )
    ),
)


# ---- `find` and `findAll`: what a regular expression matches


def _find(text: str, pattern: str) -> str:
    return find_first(pattern, text)


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    return find_all(pattern, text, limit)


REGEXES = (
    Function("find", ("string", "string"), "string", _find, method=True),
    Function("findAll", ("string", "string"), "list<string>", _find_all, method=True),
    Function("findAll", ("string", "string", "int"), "list<string>", _find_all, method=True),
)
