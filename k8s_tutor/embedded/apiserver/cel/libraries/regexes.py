"""`find` and `findAll`: what a regular expression matches."""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.cel.libraries.function import Function

__all__ = ["REGEXES"]


def _find(text: str, pattern: str) -> str:
    match = _compiled(pattern).search(text)
    return match[0] if match else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [match[0] for match in _compiled(pattern).finditer(text)]
    return found if limit < 0 else found[:limit]


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"error parsing regexp: {error.msg}: `{pattern}`") from error


REGEXES = (
    Function("find", ("string", "string"), "string", _find, method=True),
    Function("findAll", ("string", "string"), "list<string>", _find_all, method=True),
    Function("findAll", ("string", "string", "int"), "list<string>", _find_all, method=True),
)
