"""Which part of the old object a part of the new one was: by field, by key, by the keys of a list of type map."""

from __future__ import annotations

from typing import Any, Final

from k8s_tutor.objects.types import Json, Obj

__all__ = ["ABSENT", "Absent", "member", "old_item", "same"]


class Absent:
    """There was no old value here, or nobody can tell which it was."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = Absent()


def member(old: Any, key: str) -> Any:
    """What an old object or map had under a key."""
    return old.get(key, ABSENT) if isinstance(old, dict) else ABSENT


def old_item(old: Any, item: Json, schema: Obj) -> Any:
    """What an item of a list was before: told by its keys, where the list is of type map."""
    if not isinstance(old, list) or not isinstance(item, dict) or schema.get("x-kubernetes-list-type") != "map":
        return ABSENT
    keys = schema.get("x-kubernetes-list-map-keys", ())
    identity = [item.get(key) for key in keys]
    for one in old:
        if isinstance(one, dict) and [one.get(key) for key in keys] == identity:
            return one
    return ABSENT


def same(value: Json, old: Any) -> bool:
    """Whether nothing changed: what was stored once may stay, whatever the schema says now."""
    return old is not ABSENT and type(value) is type(old) and bool(value == old)
