"""Recording who wrote what on every write that is no apply."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from k8s_tutor.clock import rfc3339
from k8s_tutor.objects.apply.fieldset import FieldSet, difference, intersection, union
from k8s_tutor.objects.apply.managers import (
    Manager,
    Managers,
    Owned,
    Writer,
    decode,
    managers_of,
    stripped,
    updater,
    with_managers,
)
from k8s_tutor.objects.apply.typed import Comparison, compare, zero
from k8s_tutor.objects.schema import Type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["conflicts_with", "give_up", "plain", "settled", "track_update"]

_LONGEST_KEPT = 10_000  # characters; what is longer is hardly made from a template


def track_update(before: Obj | None, after: Obj, writer: Writer, *, now: float, schema: Type) -> Obj:
    """The object as written, with managedFields that say who changed what.

    What the writer changed is its own from now on and nobody else's; what is gone is nobody's.

    Args:
        before: The object as it stood; None when it is being created.
        after: The object as it will be stored, defaults in place, what cannot be written reset. Entries of
            managedFields that the writer changed itself are taken as they are; `[{}]` forgets all owners.
        writer: Who writes.
        now: Seconds since the epoch.
        schema: The type of the kind's objects.
    """
    managers = _claimed(before, after)
    if before is None:
        changes = _created(after, writer, schema)
    else:
        changes = _seen(compare(plain(before), plain(after), schema), writer.ignored)
    gained = union(changes.modified, changes.added)
    managers = give_up(managers, union(gained, changes.removed))
    if gained:
        me = updater(writer)
        mine = managers.get(me, Owned({}, writer.api_version))
        managers[me] = replace(mine, fields=union(gained, mine.fields), time=rfc3339(now), entry=None)
    return with_managers(after, managers)


def _claimed(before: Obj | None, after: Obj) -> Managers:
    """The managers as the writer left them, or as they were when it sent none."""
    sent = (after.get("metadata") or {}).get("managedFields")
    if sent and not any(sent):
        return {}
    return decode(sent) if sent and decode(sent) else managers_of(before)


def _created(after: Obj, writer: Writer, schema: Type) -> Comparison:
    """The fields of a new object. Those made from one template, as replicas are, have the same ones: asked once."""
    outline = {key: value if key in ("spec", "metadata") else _outlined(value) for key, value in after.items()}
    if metadata := after.get("metadata"):
        outline["metadata"] = {key: _outlined(value) for key, value in metadata.items() if key != "managedFields"}
    text = json.dumps(outline, separators=(",", ":"), ensure_ascii=False)
    if len(text) > _LONGEST_KEPT:
        return _seen(compare(zero(schema), outline, schema), writer.ignored)
    return _of_outline(text, writer.ignored, schema)


def _outlined(value: Json) -> Json:
    """The same fields without the words in them, which do not matter to who owns them, unless there are none."""
    if isinstance(value, dict):
        return {key: _outlined(item) if isinstance(item, str) else item for key, item in value.items()}
    return "set" if isinstance(value, str) and value else value


@lru_cache(maxsize=512)
def _of_outline(text: str, ignored: tuple[str, ...], schema: Type) -> Comparison:
    return _seen(compare(zero(schema), json.loads(text), schema), ignored)


def _seen(changes: Comparison, ignored: tuple[str, ...]) -> Comparison:
    return Comparison(*(stripped(part, ignored) for part in (changes.added, changes.modified, changes.removed)))


def plain(obj: Obj) -> Obj:
    """The object without its managedFields."""
    metadata = obj.get("metadata") or {}
    if "managedFields" not in metadata:
        return obj
    return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}


def settled(live: Obj | None, written: Obj) -> Obj:
    """`live` itself when `written` says nothing new but the time in its managedFields: then nothing was written.

    Ask again once defaults are in place: only then is a written object like the one that stands.
    """
    if live is None or plain(live) != plain(written):
        return written
    old, new = ({manager: owned.fields for manager, owned in managers_of(obj).items()} for obj in (live, written))
    return live if old == new else written


def give_up(managers: Managers, fields: FieldSet, keeper: Manager | None = None) -> Managers:
    """The managers, all but `keeper` without these fields; those left with nothing are gone."""
    if not fields:
        return dict(managers)
    found: Managers = {}
    for manager, owned in managers.items():
        kept = owned.fields if manager == keeper else difference(owned.fields, fields)
        if kept == owned.fields:
            found[manager] = owned
        elif kept:
            found[manager] = replace(owned, fields=kept, entry=None)
    return found


def conflicts_with(managers: Managers, fields: FieldSet, applying: Manager) -> dict[Manager, FieldSet]:
    """Which of these fields other managers own."""
    found = {manager: intersection(owned.fields, fields) for manager, owned in managers.items() if manager != applying}
    return {manager: fields for manager, fields in found.items() if fields}
