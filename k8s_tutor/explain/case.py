"""What rules ask about the cluster around an object. One look, no cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeAlias

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.explain.explanation import Field, Finding, field_of
from k8s_tutor.objects import metadata
from k8s_tutor.objects.quantity import QuantityError, parse
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.schema import ANY, JsonType, Type, builtin_schema
from k8s_tutor.objects.types import Json, Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["Case", "Log", "Rule", "Table", "silent", "well_formed"]

Log: TypeAlias = Callable[[Obj, str, bool], str]
"""The last line that a pod's container printed: pod, container, of the run before the last restart. `""` for none."""


def silent(pod: Obj, container: str, previous: bool) -> str:
    """The log of somebody who has no cluster at hand."""
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table of causes.

    Attributes:
        name: Unique, for people who read the table.
        kinds: The kinds it knows; empty for every kind.
        find: What it finds, None where it has nothing to say.
    """

    name: str
    kinds: tuple[str, ...]
    find: Callable[[Case, Obj], Finding | None]


Table: TypeAlias = Sequence[Rule]


@dataclass(frozen=True)
class Case:
    """A snapshot to look around in.

    Attributes:
        snapshot: Well-formed objects.
        namespace: The one that the person is in: commands name any other.
        rules: The table of causes.
        log: The last line of a container.
        asked: UIDs of the objects being explained, outermost first: nobody is the cause of itself.
    """

    snapshot: Snapshot
    namespace: str
    rules: Table
    log: Log = silent
    asked: tuple[str, ...] = field(default=())

    def finding(self, obj: Obj) -> Finding | None:
        """What is the matter with an object, by the first rule that knows; None where all is well."""
        uid = metadata.uid(obj)
        if uid in self.asked:
            return None
        inner = replace(self, asked=(*self.asked, uid))
        kind = str(obj.get("kind", ""))
        for rule in self.rules:
            if (not rule.kinds or kind in rule.kinds) and (found := rule.find(inner, obj)) is not None:
                return found
        return None

    def of(self, kind: str, namespace: str) -> list[Obj]:
        """The objects of a kind in a namespace, the oldest first."""
        return [obj for obj in self.snapshot.of(kind) if metadata.namespace(obj) == namespace]

    def find(self, kind: str, name: str, namespace: str = "") -> Obj | None:
        """An object by its name; without a namespace one of a kind that has none."""
        return next((obj for obj in self.of(kind, namespace) if metadata.name(obj) == name), None)

    def knows(self, kind: str) -> bool:
        """Whether objects of this kind are in the snapshot: where none is, that says nothing about the cluster."""
        return bool(self.snapshot.of(kind))

    def was_read(self, kind: str) -> bool:
        """Whether the snapshot would hold objects of this kind if there were any."""
        return kind not in {self.snapshot.kind_of(word) for word in self.snapshot.missing}

    def near(self, kind: str, name: str, namespace: str = "") -> str:
        """The object of that kind whose name is nearest, `""` when none is near."""
        return nearest(name, (metadata.name(obj) for obj in self.of(kind, namespace)))

    def owned(self, obj: Obj, kind: str) -> list[Obj]:
        """The objects of a kind that this one owns."""
        uid = metadata.uid(obj)
        return [child for child in self.snapshot.owned_by(uid) if uid and child.get("kind") == kind]

    def events(self, obj: Obj, *reasons: str) -> Iterator[Field]:
        """Events about an object, the latest news first; only those with one of these reasons."""
        uid = metadata.uid(obj)
        for event in reversed(self.snapshot.events_about(uid) if uid else ()):
            if not reasons or event.get("reason") in reasons:
                yield field_of(event)

    def event(self, obj: Obj, *reasons: str) -> Field | None:
        """The latest of them."""
        return next(self.events(obj, *reasons), None)

    def kubectl(self, line: str, obj: Obj) -> str:
        """A kubectl command about an object; its namespace is named where the person is in another."""
        namespace = metadata.namespace(obj)
        there = f" -n {namespace}" if namespace and namespace != self.namespace else ""
        return f"kubectl {line}{there}"


# ---- Objects as their schema says they are: what does not fit it is left out, so that rules need not ask at every
# step
#
# An API server keeps built-in kinds to their schema; files, recordings and custom kinds may hold anything.

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_CONDITION = "io.k8s.apimachinery.pkg.apis.meta.v1.Condition"


def well_formed(obj: Obj) -> Obj:
    """A copy of the object without what its schema does not allow, and without null.

    Items of lists keep their places: one that does not fit becomes an empty one.
    """
    type_ = builtin_schema().kind(str(obj.get("apiVersion", "")), str(obj.get("kind", ""))) or _custom()
    kept = _kept(obj, type_)
    return kept if isinstance(kept, dict) else {}


@cache
def _custom() -> Type:
    """Of a kind of one's own, all that is known: its metadata, and conditions as custom kinds usually have them."""
    schema = builtin_schema()
    conditions = Type(JsonType.LIST)
    conditions._item = schema.type(_CONDITION)
    status = Type(JsonType.OBJECT, open=True)
    status._fields = {"conditions": conditions}
    made = Type(JsonType.OBJECT, open=True)
    text = Type(JsonType.STRING)
    free = Type(JsonType.MAP)
    made._fields = {"apiVersion": text, "kind": text, "metadata": schema.type(_META), "spec": free, "status": status}
    return made


def _kept(value: Json, type_: Type) -> Json:
    """The value as far as it fits; None where it does not."""
    if value is None:
        return None
    if type_.shape is JsonType.LIST:
        return [_item(row, type_.item) for row in value] if isinstance(value, list) else None
    if type_.shape in (JsonType.OBJECT, JsonType.MAP):
        return _fields(value, type_) if isinstance(value, dict) else None
    return value if _FITS[type_.shape](value) else None


def _item(row: Json, type_: Type) -> Json:
    kept = _kept(row, type_)
    return _EMPTY.get(type_.shape, "") if kept is None else kept


def _fields(value: Obj, type_: Type) -> Obj:
    kept = {}
    for name, item in value.items():
        if (found := _kept(item, type_.field(name) or ANY)) is not None:
            kept[name] = found
    return kept


_EMPTY: Mapping[JsonType, Json] = {JsonType.OBJECT: {}, JsonType.MAP: {}, JsonType.LIST: [], JsonType.INTEGER: 0}


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_time(value: Json) -> bool:
    try:
        from_rfc3339(value)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return False
    return True


def _is_quantity(value: Json) -> bool:
    try:
        parse(value)
    except (QuantityError, TypeError):
        return False
    return True


_FITS: Mapping[JsonType, Callable[[Json], bool]] = {
    JsonType.STRING: _is_text,
    JsonType.BYTES: _is_text,
    JsonType.INTEGER: _is_whole,
    JsonType.NUMBER: _is_number,
    JsonType.BOOLEAN: lambda value: isinstance(value, bool),
    JsonType.QUANTITY: _is_quantity,
    JsonType.INT_OR_STRING: lambda value: _is_whole(value) or _is_text(value),
    JsonType.TIME: _is_time,
    JsonType.ANY: lambda value: True,
}
