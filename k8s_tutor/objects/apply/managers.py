"""`metadata.managedFields`: who manages which fields, read and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from k8s_tutor.objects.apply.fieldset import FieldSet, difference, intersection, ordered, union
from k8s_tutor.objects.types import Obj

__all__ = [
    "Manager",
    "Managers",
    "Owned",
    "Writer",
    "applier",
    "decode",
    "encode",
    "managers_of",
    "of_scale",
    "on_scale",
    "stripped",
    "updater",
    "with_managers",
]

_MOST_UPDATERS = 10


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and through which door.

    Attributes:
        name: The field manager: what the request's `fieldManager` says, else the start of its User-Agent.
        api_version: Of the object as it was sent.
        subresource: `status`, `scale`, … or `""`.
        ignored: Top-level fields that cannot be written through this door and are never owned by it: `("status",)`
            for a kind with a status subresource, `("spec",)` for its `status`.
    """

    name: str
    api_version: str
    subresource: str = ""
    ignored: tuple[str, ...] = ()


class Manager(NamedTuple):
    """What tells one entry of managedFields from the others. Appliers are the same in every version."""

    name: str
    operation: str
    api_version: str
    subresource: str

    @property
    def is_applier(self) -> bool:
        """Whether it owns its fields by applying."""
        return self.operation == "Apply"

    def __str__(self) -> str:
        """As conflicts name it."""
        text = f'"{self.name}"'
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return text if self.is_applier else f"{text} using {self.api_version}"


@dataclass(frozen=True, slots=True)
class Owned:
    """What one manager owns, since when, in which version; and the entry that said so, if it still does."""

    fields: FieldSet
    api_version: str
    time: str = ""
    entry: Obj | None = None


Managers = dict[Manager, Owned]


def applier(writer: Writer) -> Manager:
    """The writer as one who applies."""
    return Manager(writer.name or "unknown", "Apply", "", writer.subresource)


def updater(writer: Writer) -> Manager:
    """The writer as one who updates."""
    return Manager(writer.name or "unknown", "Update", writer.api_version, writer.subresource)


def managers_of(obj: Obj | None) -> Managers:
    """The entries of an object's managedFields; malformed ones are left out."""
    entries = ((obj or {}).get("metadata") or {}).get("managedFields")
    return decode(entries if isinstance(entries, list) else [])


def decode(entries: Iterable[Obj]) -> Managers:
    """The managers in a list of entries."""
    found: Managers = {}
    for entry in entries:
        operation = entry.get("operation")
        fields = entry.get("fieldsV1")
        if operation not in ("Apply", "Update") or not isinstance(fields, dict):
            continue
        api_version = str(entry.get("apiVersion", ""))
        key = Manager(
            str(entry.get("manager", "")),
            operation,
            "" if operation == "Apply" else api_version,
            str(entry.get("subresource", "")),
        )
        found[key] = Owned(fields, api_version, str(entry.get("time") or ""), entry)
    return found


def encode(managers: Managers) -> list[Obj]:
    """The entries in the API server's order: appliers first, then by time and name."""
    rows = [(manager, owned) for manager, owned in capped(managers).items() if owned.fields]
    rows.sort(key=lambda row: (row[0].operation, row[1].time, row[0].name, row[1].api_version, row[0].subresource))
    return [_entry(manager, owned) for manager, owned in rows]


def with_managers(obj: Obj, managers: Managers) -> Obj:
    """The object with these entries; the object itself when nothing changes."""
    entries = encode(managers)
    metadata = obj.get("metadata") or {}
    if metadata.get("managedFields") == (entries or None):
        return obj
    rest = {key: value for key, value in metadata.items() if key != "managedFields"}
    return {**obj, "metadata": {**rest, "managedFields": entries} if entries else rest}


def stripped(fields: FieldSet, ignored: Sequence[str] = ()) -> FieldSet:
    """The fields somebody can own: not those of identity, which every object has, nor those of another door."""
    kept = difference(fields, _NEVER_OWNED)
    return {element: node for element, node in kept.items() if element[2:] not in ignored}


def _field(*names: str) -> FieldSet:
    return {f"f:{name}": {} for name in names}


_NEVER_OWNED: FieldSet = {
    **_field("apiVersion", "kind"),
    "f:metadata": {
        ".": {},
        **_field(
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        ),
    },
}


def _entry(manager: Manager, owned: Owned) -> Obj:
    if owned.entry is not None:
        return owned.entry
    entry: Obj = {"manager": manager.name, "operation": manager.operation, "apiVersion": owned.api_version}
    if owned.time:
        entry["time"] = owned.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": _shared(owned.fields)}
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def _shared(fields: FieldSet) -> FieldSet:
    """The set in the API server's order, one for all objects that have the same: replicas, their statuses."""
    return _ordered(json.dumps(fields, separators=(",", ":"), ensure_ascii=False))


@lru_cache(maxsize=1024)
def _ordered(text: str) -> FieldSet:
    return ordered(json.loads(text))


def capped(managers: Managers) -> Managers:
    """At most ten managers that update: the oldest become one, `ancient-changes`."""

    updaters = sorted(
        (manager for manager in managers if not manager.is_applier), key=lambda manager: managers[manager].time
    )
    surplus = updaters[: max(0, len(updaters) - _MOST_UPDATERS + 1)] if len(updaters) > _MOST_UPDATERS else []
    kept = {manager: owned for manager, owned in managers.items() if manager not in surplus}
    for manager in surplus:
        bucket = Manager("ancient-changes", "Update", manager.api_version, "")
        owned = managers[manager]
        before = kept.get(bucket)
        fields = union(before.fields, owned.fields) if before else owned.fields
        kept[bucket] = replace(owned, fields=fields, entry=None)
    return kept


# ---- Who owns the number of replicas, as seen on an object's Scale and back: the same managers, another path and
# version
#
# Source: k8s.io/apimachinery/pkg/util/managedfields (scalehandler.go, 1.37), checked against a real API server.

_VERSION = "autoscaling/v1"
_REPLICAS: FieldSet = {"f:spec": {"f:replicas": {}}}


def on_scale(managers: Managers, path: Sequence[str]) -> Managers:
    """Of an object's managers those that own its replicas, as managers of its Scale."""
    return {
        _as(manager, _VERSION): Owned(_REPLICAS, _VERSION, owned.time)
        for manager, owned in managers.items()
        if intersection(owned.fields, _at(path))
    }


def of_scale(managers: Managers, scaled: Managers, path: Sequence[str], api_version: str) -> Managers:
    """The object's managers after its Scale has got the managers `scaled`."""
    replicas = _at(path)
    kept = {
        manager: owned if _as(manager, _VERSION) in scaled else _without(owned, replicas)
        for manager, owned in managers.items()
    }
    found = {manager: owned for manager, owned in kept.items() if owned.fields}
    for manager, owned in scaled.items():
        here = _as(manager, api_version)
        before = found.get(here)
        if not intersection(owned.fields, _REPLICAS):
            continue
        if before is None:
            found[here] = Owned(replicas, api_version, owned.time)
        elif not intersection(before.fields, replicas):
            found[here] = replace(before, fields=union(before.fields, replicas), time=owned.time, entry=None)
    return found


def _as(manager: Manager, api_version: str) -> Manager:
    return manager if manager.is_applier else manager._replace(api_version=api_version)


def _without(owned: Owned, fields: FieldSet) -> Owned:
    left = difference(owned.fields, fields)
    return owned if left == owned.fields else replace(owned, fields=left, entry=None)


def _at(path: Sequence[str]) -> FieldSet:
    fields: FieldSet = {}
    for name in reversed(path):
        fields = {f"f:{name}": fields}
    return fields
