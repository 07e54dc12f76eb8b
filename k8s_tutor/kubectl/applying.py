"""Applying manifests and what is like it: `apply`, `create -f`, `replace`, `diff`, and what that did."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError, query
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch
from k8s_tutor.kubectl.printing import as_yaml, format_title, report
from k8s_tutor.kubectl.task import Task, create, patch, replace
from k8s_tutor.language import Wording, msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Applied",
    "CannotChange",
    "apply",
    "apply_files",
    "create_files",
    "diff_files",
    "replace_files",
    "view_last_applied",
]


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


# ---- The verbs that take manifests: `apply`, `create -f`, `replace`, `diff`, `apply view-last-applied`

_LAST = "kubectl.kubernetes.io/last-applied-configuration"


def _files(task: Task) -> list[Obj]:
    if task.words:
        raise KubectlError(
            f"error: Unexpected args: {_go(task.words)}\nSee 'kubectl {task.verb} -h' for help and examples"
        )
    if not task.options.all("filename"):
        raise KubectlError("error: must specify one of -f and -k")
    return task.load_files()


def _go(words: list[str]) -> str:
    return "[" + " ".join(words) + "]"


def apply_files(task: Task) -> None:
    """Runs `kubectl apply`."""
    by_server = task.options.on("server-side")
    for obj in _files(task):
        kind = task.client.kind_of(obj)
        try:
            applied = apply(task.client, obj, task.place, dry=bool(task.dry))
        except StatusError as error:
            task.refuse(error)
            continue
        made = obj
        if task.options.text("output") and not task.dry:
            made = task.client.get(kind, metadata.name(obj), metadata.namespace(obj) or task.place)
        report(task, kind, made, "serverside-applied" if by_server else applied.outcome)


def create_files(task: Task) -> None:
    """Runs `kubectl create -f`."""
    for obj in _files(task):
        kind = task.client.kind_of(obj)
        placed = _placed(task, kind, obj)
        try:
            report(task, kind, create(task, kind, placed), "created")
        except StatusError as error:
            task.errors.append(_when_creating(task, error))


def _when_creating(task: Task, error: StatusError) -> str:
    source = task.options.text("filename")
    shown = "STDIN" if source == "-" else f'"{source}"'
    if error.reason == "Invalid":
        return str(error.what)
    return f"Error from server ({error.reason}): error when creating {shown}: {error.what}"


def _placed(task: Task, kind: Kind, obj: Obj) -> Obj:
    if not kind.namespaced or metadata.namespace(obj):
        return obj
    return {**obj, "metadata": {**obj["metadata"], "namespace": task.place}}


def replace_files(task: Task) -> None:
    """Runs `kubectl replace`."""
    found = [(task.client.kind_of(obj), obj) for obj in _files(task)]
    placed = [(kind, _placed(task, kind, obj)) for kind, obj in found]
    if task.options.on("force"):
        for kind, obj in placed:
            _remove(task, kind, obj)
    for kind, obj in placed:
        try:
            if task.options.on("force"):
                report(task, kind, create(task, kind, obj), "replaced")
            else:
                report(task, kind, replace(task, kind, obj), "replaced")
        except StatusError as error:
            source = task.options.text("filename")
            shown = "STDIN" if source == "-" else f'"{source}"'
            task.errors.append(f"Error from server ({error.reason}): error when replacing {shown}: {error.what}")


def _remove(task: Task, kind: Kind, obj: Obj) -> None:
    name, place = metadata.name(obj), metadata.namespace(obj)
    if task.client.find(kind, name, place) is None:
        return
    task.client.delete(kind, name, place, grace_seconds=0)
    where = f" from {place} namespace" if place else ""
    group = f".{kind.group}" if kind.group else ""
    task.say(f'{kind.singular}{group} "{name}" deleted{where}')
    task.wait_gone(kind, name, place)


def diff_files(task: Task) -> None:
    """Runs `kubectl diff`; exit code 1 where something differs."""
    for obj in _files(task):
        kind = task.client.kind_of(obj)
        name, place = metadata.name(obj), metadata.namespace(obj) or task.place
        live = task.client.find(kind, name, place)
        wanted = _merged(task, kind, obj, live)
        group = f"{kind.group}." if kind.group else ""
        title = f"{group}{kind.version}.{kind.kind}.{place if kind.namespaced else ''}.{name}"
        before = as_yaml(_plain(live)).splitlines() if live else []
        after = as_yaml(_plain(wanted)).splitlines()
        lines = list(difflib.unified_diff(before, after, f"LIVE/{title}", f"MERGED/{title}", lineterm=""))
        if lines:
            task.say(f"diff -u -N LIVE/{title} MERGED/{title}")
        for line in lines:
            task.say(line)
    if task.out:
        raise KubectlError("".join(task.out).rstrip("\n"), code=1)


def _merged(task: Task, kind: Kind, obj: Obj, live: Obj | None) -> Obj:
    """What the cluster would hold: asked of the server, without writing."""
    dry = Task(task.client, task.namespace, task.command, task.stdin, task.load, task.wait_gone, task.clock)
    dry.command.options.set("dry-run", "server")
    if live is None:
        return create(dry, kind, _placed(task, kind, obj))
    return patch(dry, kind, live, obj, "strategic")


def _plain(obj: Obj) -> Obj:
    meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": meta}


def view_last_applied(task: Task) -> None:
    """Runs `kubectl apply view-last-applied`."""
    for _kind, obj in fetch(task):
        last = (obj["metadata"].get("annotations") or {}).get(_LAST)
        if last is None:
            task.errors.append(
                f"error: no last-applied-configuration annotation found on resource: {metadata.name(obj)}"
            )
            continue
        value = json.loads(last)
        task.say(json.dumps(value, indent=2) if task.options.text("output") == "json" else as_yaml(value))
