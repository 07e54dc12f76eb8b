"""`semver("1.2.3")`: semantic versions (semver.org), compared by their precedence."""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.cel.libraries.function import Function, content, wrapped

__all__ = ["SEMVER", "VERSIONS", "compare_versions"]

SEMVER = "kubernetes.Semver"
_NUMBER = r"(0|[1-9]\d*)"
_LABELS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_LABELS}))?(?:\+({_LABELS}))?")


def _made(text: str, normalize: bool = False) -> dict[str, str]:
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


def _is(text: str, normalize: bool = False) -> bool:
    try:
        _made(text, normalize)
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
    Function("semver", ("string",), SEMVER, _made),
    Function("semver", ("string", "bool"), SEMVER, _made),
    Function("isSemver", ("string",), "bool", _is),
    Function("isSemver", ("string", "bool"), "bool", _is),
    Function("major", (SEMVER,), "int", lambda value: _part(0, value), method=True),
    Function("minor", (SEMVER,), "int", lambda value: _part(1, value), method=True),
    Function("patch", (SEMVER,), "int", lambda value: _part(2, value), method=True),
)
