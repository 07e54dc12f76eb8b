"""Server-side apply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, reduce

from k8s_tutor.clock import rfc3339
from k8s_tutor.objects import metadata
from k8s_tutor.objects.apply.fieldset import (
    ApplyConflict,
    ApplyError,
    Conflict,
    FieldSet,
    difference,
    intersection,
    path_text,
    paths,
    union,
    with_named_fields,
)
from k8s_tutor.objects.apply.managers import (
    Manager,
    Managers,
    Owned,
    Writer,
    applier,
    decode,
    managers_of,
    stripped,
    updater,
    with_managers,
)
from k8s_tutor.objects.apply.typed import Comparison, compare, fields_of, merge, problems, without, zero
from k8s_tutor.objects.gojson import group_version
from k8s_tutor.objects.schema import Type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["apply", "conflicts_with", "give_up", "plain", "settled", "track_update"]


# ---- Recording who wrote what on every write that is no apply

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


# ---- Server-side apply

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def apply(live: Obj | None, applied: Obj, writer: Writer, *, force: bool, now: float, schema: Type) -> Obj:
    """The live object with the applied one merged in.

    Fields the writer applied before and no longer names go, unless somebody else owns them.

    Args:
        live: The object as it stands; None when there is none yet.
        applied: What the writer says, as it was sent.
        writer: Who applies.
        force: Take fields from other managers instead of failing.
        now: Seconds since the epoch.
        schema: The type of the kind's objects.

    Returns:
        The new object, to be defaulted, checked and stored; `live` itself when nothing changes.

    Raises:
        ApplyConflict: other managers own fields that would change (409).
        ApplyError: the applied object does not fit the schema.
    """
    _check(applied, writer, schema)
    standing = plain(live) if live is not None else zero(schema)
    managers = managers_of(live)
    if live is not None and not managers:
        managers = _before_first_apply(standing, writer, now, schema)
    me = applier(writer)
    last = managers.get(me)
    said = fields_of(_without_ignored(applied, writer), schema)
    merged: Obj = merge(standing, _without_ignored(applied, writer), schema)
    if last is not None:
        held = [said, *(owned.fields for manager, owned in managers.items() if manager != me)]
        merged = _pruned(merged, held, last.fields, schema)
    managers[me] = Owned(stripped(said), writer.api_version, last.time if last else "")
    changes = compare(standing, merged, schema)
    changed = union(changes.modified, changes.added)
    _refuse_conflicts(conflicts_with(managers, changed, me), standing, writer, schema, force=force)
    managers = give_up(managers, union(changed, changes.removed), keeper=me)
    if me in managers and merged != standing:  # who only joins in what stands already gets no time
        managers[me] = replace(managers[me], time=rfc3339(now), entry=None)
    return settled(live, with_managers(_synced(merged, applied, writer), managers))


def _check(applied: Obj, writer: Writer, schema: Type) -> None:
    if applied.get("apiVersion") != writer.api_version:
        words = f"invalid object type: {applied.get('apiVersion')}, Kind={applied.get('kind')}"
        raise ApplyError(words, code=400, reason="BadRequest")
    meta = applied.get("metadata")
    if isinstance(meta, dict) and meta.get("managedFields") is not None:
        raise ApplyError("metadata.managedFields must be nil", code=400, reason="BadRequest")
    if wrong := problems(applied, schema):
        raise ApplyError(f"failed to create typed patch object ({_title(applied)}): {wrong}")


def _title(obj: Obj) -> str:
    meta = obj["metadata"] if isinstance(obj.get("metadata"), dict) else {}
    namespace, name = (text if isinstance(text := meta.get(key), str) else "" for key in ("namespace", "name"))
    return f"{namespace}/{name}; {group_version(obj['apiVersion'])}, Kind={obj.get('kind')}"


def _without_ignored(applied: Obj, writer: Writer) -> Obj:
    return {key: value for key, value in applied.items() if key not in writer.ignored}


def _before_first_apply(standing: Obj, writer: Writer, now: float, schema: Type) -> Managers:
    """An object nobody was recorded for: what it holds belongs to whoever was there before."""
    changes = compare(zero(schema), standing, schema)
    owned = stripped(union(changes.added, changes.modified))
    before = Manager("before-first-apply", "Update", writer.api_version, "")
    return {before: Owned(owned, writer.api_version, rfc3339(now))} if owned else {}


def _pruned(merged: Obj, holders: Sequence[FieldSet], last: FieldSet, schema: Type) -> Obj:
    """Without what was applied last time and is held by nobody now."""
    held = reduce(union, holders)
    before = with_named_fields(last, schema)
    everything = with_named_fields(fields_of(merged, schema), schema)
    rest = without(merged, before, schema) or {}
    kept = union(with_named_fields(fields_of(rest, schema), schema), with_named_fields(held, schema))
    gone = intersection(difference(everything, kept), before)
    pruned: Obj = without(merged, gone, schema) or {}
    return pruned


def _refuse_conflicts(
    conflicts: dict[Manager, FieldSet], standing: Obj, writer: Writer, schema: Type, *, force: bool
) -> None:
    if force or not conflicts:
        return
    if writer.name == "kubectl":  # kubectl takes over from its own client-side apply
        unchanged = _last_applied(standing, schema)
        conflicts = {manager: rest for manager, fields in conflicts.items() if (rest := difference(fields, unchanged))}
        if not conflicts:
            return
    raise ApplyConflict(
        [Conflict(str(manager), path_text(path)) for manager in sorted(conflicts) for path in paths(conflicts[manager])]
    )


def _last_applied(standing: Obj, schema: Type) -> FieldSet:
    """The fields of the last client-side apply that still stand as it left them."""
    text = metadata.annotations(standing).get(_LAST_APPLIED)
    if not text:
        return {}
    try:
        last = json.loads(text)
    except ValueError:
        return {}
    changes = compare(last, standing, schema)
    found = fields_of(last, schema)
    for part in (changes.added, changes.modified, changes.removed):
        found = difference(found, part)
    return found


def _synced(merged: Obj, applied: Obj, writer: Writer) -> Obj:
    """kubectl keeps the annotation of client-side apply current, for the day somebody goes back to it."""
    if writer.name != "kubectl" or not metadata.annotations(merged).get(_LAST_APPLIED):
        return merged
    text = json.dumps(applied, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    meta = {**merged["metadata"], "annotations": {**metadata.annotations(merged), _LAST_APPLIED: text}}
    return {**merged, "metadata": meta}
