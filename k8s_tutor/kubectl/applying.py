"""The verbs that take manifests: `apply`, `create -f`, `replace`, `diff`, `apply view-last-applied`."""

from __future__ import annotations

import difflib
import json

from k8s_tutor.api.applying import apply
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch
from k8s_tutor.kubectl.printing import as_yaml, report
from k8s_tutor.kubectl.task import Task, create, patch, replace
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = [
    "apply_files",
    "create_files",
    "diff_files",
    "replace_files",
    "view_last_applied",
]


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
