"""Applying an object, server-side, and what that did."""

from __future__ import annotations

import re
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError, query
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import Wording, msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Applied", "CannotChange", "apply", "find_differences", "format_title"]


def format_title(kind: Kind, name: str) -> str:
    """`pod/web`, `deployment.apps/web`."""
    group = f".{kind.group}" if kind.group else ""
    return f"{kind.singular}{group}/{name}"


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


def apply(client: Client, obj: Obj, namespace: str, *, dry: bool = False) -> Applied:
    """Applies one object, server-side.

    Args:
        client: Talks to the cluster.
        obj: What shall be.
        namespace: Where, unless the object says so.
        dry: Only say what it would do.

    Raises:
        CannotChange: an object of that name exists and its fields may not change so (a Pod's command, …).
        StatusError: the server refused for another reason.
        UsageError: the server does not serve the kind.
    """
    kind = client.kind_of(obj)
    name = metadata.name(obj)
    if not name:
        raise UsageError(
            msg("This {kind} has no name.", kind=kind.kind),
            why=msg("To apply means: make the object of this name be so. generateName works with create only."),
            next_step=msg("Write metadata: {{name: …}}."),
        )
    place = metadata.namespace(obj) or namespace
    before = client.find(kind, name, place)
    obj = _without(obj, _OF_THE_CLUSTER if before is None else _NEVER_APPLIED)
    try:
        after = _tried(client, obj, place) if dry else client.apply(obj, namespace)
    except StatusError as error:
        if before is not None and error.code == 422 and _about_change(error):
            raise _cannot_change(format_title(kind, name), obj, before) from error
        if before is not None and error.code == 403 and not find_differences(obj, before):
            return Applied(format_title(kind, name), "unchanged")  # somebody with the right to has made it so already
        error.next_step = error.next_step or _mend(error, kind)
        raise
    if before is None:
        return Applied(format_title(kind, name), "created")
    same = _wanted(before) == _wanted(after)
    return Applied(format_title(kind, name), "unchanged" if same else "configured")


_NEVER_APPLIED = ("managedFields", "selfLink")
_OF_THE_CLUSTER = (*_NEVER_APPLIED, "uid", "resourceVersion", "generation", "creationTimestamp")
"""What an object that was read from a cluster says of itself: as kubectl does, a new one is made without it."""


def _without(obj: Obj, fields: tuple[str, ...]) -> Obj:
    kept = {key: value for key, value in obj["metadata"].items() if key not in fields}
    return {**obj, "metadata": kept}


def _tried(client: Client, obj: Obj, place: str) -> Obj:
    """The object as the server would have it, without writing it."""
    path = client.kind_of(obj).path(place, metadata.name(obj))
    options = query(fieldManager="k8s-tutor", force=True, fieldValidation="Strict", dryRun="All")
    response = client.api.send(Request("PATCH", path, options, body=obj, content_type="application/apply-patch+yaml"))
    if response.code >= 400:
        raise StatusError.of(response)
    found: Json = response.body
    return dict(found)


def _wanted(obj: Obj) -> Obj:
    """What people say of an object; its status and bookkeeping change by themselves."""
    meta = obj["metadata"]
    kept = {key: meta.get(key) or None for key in ("labels", "annotations", "finalizers", "ownerReferences")}
    return {**{key: value for key, value in obj.items() if key not in ("status", "metadata")}, "metadata": kept}


def _mend(error: StatusError, kind: Kind) -> Wording:
    """What to do about a refusal, where its cause leaves no doubt."""
    details = error.status.get("details") or {}
    causes = {cause.get("reason"): str(cause.get("field", "")) for cause in reversed(details.get("causes") or ())}
    if missing := causes.get("FieldValueRequired"):
        where, _, field = missing.rpartition(".")
        return msg("Add {name} to {where}.", name=field, where=where or msg("the object"))
    if error.reason == "NotFound" and details.get("kind") == "namespaces":
        return msg("Leave metadata.namespace out: the object then goes where you are; or make that namespace first.")
    for words, step in _MENDS.items():
        if words in error.what:
            return step
    field = _declared(error.what)
    if "field not declared in schema" in error.what:
        field = field.rpartition(".")[0]
    return _explain(kind, causes.get("FieldValueInvalid") or causes.get("FieldValueNotSupported") or field)


_MENDS: dict[str, Wording] = {
    "duplicate entries for key": msg("Two items of this list go by the same name: give each its own."),
    "apply your changes to the latest version": msg(
        "Take uid, resourceVersion and what else the cluster wrote out of metadata; the rest stays as it is."
    ),
    "does not match template `labels`": msg(
        "Write the same labels in {one} and in {other}.",
        one="spec.selector.matchLabels",
        other="spec.template.metadata.labels",
    ),
}
"""What to do, by words of the refusal."""


def _declared(words: str) -> str:
    """The field that typed objects were refused for: `.spec.size: expected numeric`."""
    found = re.search(r": \.(\S+): (?:field not declared|expected )", words)
    return found[1] if found else ""


def _explain(kind: Kind, field: str) -> Wording:
    """Where to read what a field takes."""
    plain = re.sub(r"\[[^\]]*\]", "", field)
    if not re.fullmatch(r"(spec|data|rules|subjects|roleRef)(\.\w+)*", plain):
        return ""
    return msg("{command} says what it takes.", command=f't.kubectl("explain {kind.singular}.{plain}")')


def _about_change(error: StatusError) -> bool:
    return any(words in error.what for words in ("may not change", "may not add or remove", "immutable"))


def _cannot_change(name: str, wanted: Obj, actual: Obj) -> CannotChange:
    fields = find_differences(wanted, actual)
    shown = ", ".join(fields[:3]) + (" …" if len(fields) > 3 else "")
    kind = name.partition("/")[0].partition(".")[0]
    whole, bare = _WHY_NOT["pod" if kind == "pod" else ""]
    return CannotChange(
        msg("There is a {object} already, and it cannot be changed into this one.", object=name),
        why=whole.fill(fields=shown) if shown else bare,
        next_step=msg(
            'Delete the old one first, t.delete("{object}"), then run this again; or choose another name.', object=name
        ),
    )


_WHY_NOT = {
    "pod": (
        msg_template("Of a Pod's spec only the images may change; what differs: {fields}."),
        msg("Of a Pod's spec only the images may change."),
    ),
    "": (
        msg_template("Some of its fields cannot change once it exists; what differs: {fields}."),
        msg("Some of its fields cannot change once it exists."),
    ),
}


def find_differences(wanted: Json, actual: Json, path: str = "") -> list[str]:
    """The fields of `wanted` that are not so in `actual`, as paths: `spec.containers[0].command`.

    Fields that `wanted` does not mention do not count.
    """
    if isinstance(wanted, dict) and isinstance(actual, dict):
        found: list[str] = []
        for key, value in wanted.items():
            found += find_differences(value, actual.get(key), f"{path}.{key}" if path else str(key))
        return found
    if isinstance(wanted, list) and isinstance(actual, list) and wanted and isinstance(wanted[0], dict):
        if len(wanted) != len(actual):
            return [path]
        return [
            field
            for index, (left, right) in enumerate(zip(wanted, actual, strict=True))
            for field in find_differences(left, right, f"{path}[{index}]")
        ]
    return [] if wanted == actual else [path]
