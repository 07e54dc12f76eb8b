"""The difference between two specs as the API server shows it when it forbids a change.

A unified diff of both, written as JSON with Go's field names. The real server prints its internal type with all its
unset fields; ours shows the fields that are there, so line numbers and neighbours may differ.
"""

from __future__ import annotations

import difflib
import json

from k8s_tutor.objects.types import Json, Obj

__all__ = ["go_diff"]

_ACRONYMS = {"dns": "DNS", "ip": "IP", "pid": "PID", "ipc": "IPC", "uid": "UID"}


def go_diff(old: Obj, new: Obj, *, named: bool = False) -> str:
    """The lines that differ, with three lines around them; ends with a newline.

    Args:
        old: Before.
        new: After.
        named: Both have Go's names already.
    """
    shown = (old, new) if named else (_go_named(old), _go_named(new))
    before, after = (json.dumps(value, indent=1).splitlines() for value in shown)
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
