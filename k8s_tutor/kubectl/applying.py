"""Applying objects, and saying what that did in kubectl's words: created, configured, unchanged."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.status import StatusError
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.kubectl.printing import title
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Applied", "CannotChange", "apply"]


@dataclass(frozen=True)
class Applied:
    """What one apply did.

    Attributes:
        title: `pod/web`.
        outcome: `created`, `configured` or `unchanged`.
    """

    title: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.title} {self.outcome}"


class CannotChange(TutorError):
    """The name is taken by an object that cannot be changed into what was applied."""


def apply(client: Client, obj: Obj, namespace: str) -> Applied:
    """Applies one object, server-side.

    Raises:
        CannotChange: an object of that name exists and its fields may not change so (a Pod's command, …).
        StatusError: the server refused for another reason.
        UsageError: the server does not serve the kind.
    """
    kind = client.kind_of(obj)
    name = metadata.name(obj)
    if not name:
        raise UsageError(
            f"This {kind.kind} has no name.",
            why="To apply means: make the object of this name be so. generateName works with create only.",
            next_step="Write metadata: {name: …}.",
        )
    place = metadata.namespace(obj) or namespace
    before = client.find(kind, name, place)
    try:
        after = client.apply(obj, namespace)
    except StatusError as error:
        if before is not None and error.code == 422 and _about_change(error):
            raise _cannot_change(title(kind, name), obj, before) from error
        error.next_step = error.next_step or _mend(error)
        raise
    if before is None:
        return Applied(title(kind, name), "created")
    same = _wanted(before) == _wanted(after)
    return Applied(title(kind, name), "unchanged" if same else "configured")


def _wanted(obj: Obj) -> Obj:
    """What people say of an object; its status and bookkeeping change by themselves."""
    meta = obj["metadata"]
    kept = {key: meta.get(key) or None for key in ("labels", "annotations", "finalizers", "ownerReferences")}
    return {**{key: value for key, value in obj.items() if key not in ("status", "metadata")}, "metadata": kept}


def _mend(error: StatusError) -> str:
    """What to do about a refusal, where its cause leaves no doubt."""
    details = error.status.get("details") or {}
    missing = [cause for cause in details.get("causes") or () if cause.get("reason") == "FieldValueRequired"]
    if missing:
        where, _, field = str(missing[0].get("field", "")).rpartition(".")
        return f"Add {field} to {where or 'the object'}."
    if error.reason == "NotFound" and details.get("kind") == "namespaces":
        return "Leave metadata.namespace out: the object then goes where you are; or make that namespace first."
    if "duplicate entries for key" in error.what:
        return "Two items of this list go by the same name: give each its own."
    return ""


def _about_change(error: StatusError) -> bool:
    return "may not change" in error.what or "immutable" in error.what


def _cannot_change(name: str, wanted: Obj, actual: Obj) -> CannotChange:
    fields = differences(wanted, actual)
    shown = ", ".join(fields[:3]) + (" …" if len(fields) > 3 else "")
    kind = name.partition("/")[0].partition(".")[0]
    what = f"There is a {name} already, and it cannot be changed into this one."
    if kind == "pod":
        why = "Of a Pod's spec only the images may change"
    else:
        why = "Some of its fields cannot change once it exists"
    return CannotChange(
        what,
        why=f"{why}; what differs: {shown}." if shown else f"{why}.",
        next_step=f'Delete the old one first, t.delete("{name}"), then run this again; or choose another name.',
    )


def differences(wanted: Json, actual: Json, path: str = "") -> list[str]:
    """The fields of `wanted` that are not so in `actual`, as paths: `spec.containers[0].command`.

    Fields that `wanted` does not mention do not count.
    """
    if isinstance(wanted, dict) and isinstance(actual, dict):
        found: list[str] = []
        for key, value in wanted.items():
            found += differences(value, actual.get(key), f"{path}.{key}" if path else str(key))
        return found
    if isinstance(wanted, list) and isinstance(actual, list) and wanted and isinstance(wanted[0], dict):
        if len(wanted) != len(actual):
            return [path]
        return [
            field
            for index, (left, right) in enumerate(zip(wanted, actual, strict=True))
            for field in differences(left, right, f"{path}[{index}]")
        ]
    return [] if wanted == actual else [path]
