"""`kubectl cordon`, `uncordon`, `drain` and `taint`."""

from __future__ import annotations

import re

from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch
from k8s_tutor.kubectl.printing import report
from k8s_tutor.kubectl.task import Task, patch
from k8s_tutor.kubectl.waiting import seconds_of
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["cordon", "drain", "taint", "uncordon"]

_MIRROR = "kubernetes.io/config.mirror"
_RETRY = 5.0  # seconds between two tries to evict what a disruption budget keeps
_PATIENCE = 3600.0  # seconds of the cluster's time, where the line gives no --timeout


def cordon(task: Task) -> None:
    """Runs `kubectl cordon`."""
    for kind, node in _nodes(task):
        _close(task, kind, node, closed=True)


def uncordon(task: Task) -> None:
    """Runs `kubectl uncordon`."""
    for kind, node in _nodes(task):
        _close(task, kind, node, closed=False)


def _nodes(task: Task) -> list[tuple[Kind, Obj]]:
    selector = task.options.text("selector")
    if not task.words and not selector:
        use = f"{task.verb} NODE" + (" [flags]" if task.verb == "drain" else "")
        raise KubectlError(
            f"error: USAGE: {use} [flags]\nSee 'kubectl {task.verb} -h' for help and examples".replace(
                "[flags] [flags]", "[flags]"
            )
        )
    if task.words and selector:
        raise KubectlError(
            "error: error: cannot specify both a node name and a --selector option\n"
            f"See 'kubectl {task.verb} -h' for help and examples"
        )
    names = [word.removeprefix("node/").removeprefix("nodes/").removeprefix("no/") for word in task.words]
    return list(fetch(task, ["nodes", *names]))


def _close(task: Task, kind: Kind, node: Obj, *, closed: bool) -> None:
    done = "cordoned" if closed else "uncordoned"
    if bool(node["spec"].get("unschedulable")) is closed:
        report(task, kind, node, f"already {done}")
        return
    body = {"spec": {"unschedulable": True if closed else None}}
    report(task, kind, patch(task, kind, node, body, "strategic"), done)


# ---- drain


def drain(task: Task) -> None:
    """Runs `kubectl drain`."""
    for kind, node in _nodes(task):
        _close(task, kind, node, closed=True)
        _empty(task, kind, node)


def _empty(task: Task, kind: Kind, node: Obj) -> None:
    name = metadata.name(node)
    pods = task.client.list("pods", "", fields=f"spec.nodeName={name}", labels=task.options.text("pod-selector"))
    leaving: list[Obj] = []
    warnings: dict[str, list[str]] = {}
    faults: dict[str, list[str]] = {}
    for pod in pods:
        fault, warning, goes = _judged(task, pod)
        titled = f"{metadata.namespace(pod)}/{metadata.name(pod)}"
        if fault:
            faults.setdefault(fault, []).append(titled)
        elif warning:
            warnings.setdefault(warning, []).append(titled)
        if goes and not fault:
            leaving.append(pod)
    if faults:
        said = [f"cannot delete {fault}: {', '.join(names)}" for fault, names in faults.items()]
        what = said[0] if len(said) == 1 else "[" + ", ".join(said) + "]"
        task.note(f'error: unable to drain node "{name}" due to error: {what}, continuing command...')
        task.note(f"There are pending nodes to be drained:\n {name}")
        task.errors += said
        return
    if warnings:
        said = [f"{warning}: {', '.join(names)}" for warning, names in warnings.items()]
        task.note(f"Warning: {'; '.join(said)}")
    _evict_all(task, leaving)
    report(task, kind, node, "drained")


def _judged(task: Task, pod: Obj) -> tuple[str, str, bool]:
    """Why a Pod stays in the way, what is worth a warning, and whether it leaves."""
    options = task.options
    owner = metadata.controller_of(pod)
    over = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    if owner is not None and owner["kind"] == "DaemonSet" and not over:
        if not options.on("ignore-daemonsets"):
            return "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)", "", False
        return "", "ignoring DaemonSet-managed Pods", False
    if _MIRROR in (pod["metadata"].get("annotations") or {}):
        return "", "", False
    warning = ""
    if any("emptyDir" in volume for volume in pod["spec"].get("volumes") or ()) and not over:
        if not options.on("delete-emptydir-data"):
            return "Pods with local storage (use --delete-emptydir-data to override)", "", False
        warning = "deleting Pods with local storage"
    if owner is None and not over:
        if not options.on("force"):
            return "Pods that declare no controller (use --force to override)", "", False
        warning = "deleting Pods that declare no controller"
    return "", warning if owner is None or over else "", True


def _evict_all(task: Task, pods: list[Obj]) -> None:
    limit = seconds_of(task.options.text("timeout", "0s")) or _PATIENCE
    deadline = task.clock.now() + limit
    for pod in pods:
        how = {"client": " (dry run)", "server": " (server dry run)"}.get(task.dry, "")
        task.say(f"evicting pod {metadata.namespace(pod)}/{metadata.name(pod)}{how}")
    if task.dry:
        return
    for pod in pods:
        _evict(task, pod, deadline, limit)
    kind = task.client.kind("pods")
    for pod in pods:
        task.wait_gone(kind, metadata.name(pod), metadata.namespace(pod))
        task.say(f"pod/{metadata.name(pod)} evicted")


def _evict(task: Task, pod: Obj, deadline: float, limit: float) -> None:
    name, place = metadata.name(pod), metadata.namespace(pod)
    body: Obj = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": place},
        "deleteOptions": {},
    }
    grace = task.options.number("grace-period", -1)
    if grace >= 0:
        body["deleteOptions"]["gracePeriodSeconds"] = grace
    path = task.client.kind("pods").path(place, name, "eviction")
    while True:
        answer = task.client.api.send(Request("POST", path, body=body))
        if answer.code < 400 or answer.code == 404:
            return
        refusal = StatusError.of(answer)
        if refusal.code != 429:
            raise task.failed(f'error: error when evicting pods/"{name}" -n "{place}": {refusal.what}')
        if task.clock.now() >= deadline:
            raise task.failed(
                f'error: error when evicting pods/"{name}" -n "{place}": global timeout reached: {limit:g}s'
            )
        task.note(f'error when evicting pods/"{name}" -n "{place}" (will retry after 5s): {refusal.what}')
        _let_time_pass(task, min(task.clock.now() + _RETRY, deadline))


def _let_time_pass(task: Task, until: float) -> None:
    """Watches Pods up to a moment: what kept one may be gone by then."""
    with task.client.watch("pods", "") as watch:
        while (left := until - task.clock.now()) > 0:
            watch.next(left)


# ---- taint

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_TAINT = re.compile(r"([^=:]+)(?:=([^=:]*))?(?::([^=:]+))?")


def taint(task: Task) -> None:
    """Runs `kubectl taint`."""
    specs = [word for word in task.words if "=" in word or ":" in word or word.endswith("-")]
    rest = [word for word in task.words if word not in specs]
    if not rest or (len(rest) < 2 and not (task.options.on("all") or task.options.text("selector"))):
        if not rest:
            raise KubectlError("error: one or more resources must be specified as <resource> <name>")
        raise KubectlError("error: at least one resource name must be specified since 'all' parameter is not set")
    if not specs:
        raise KubectlError("error: at least one taint update is required")
    adding, removing = _parsed(specs)
    if task.kind(rest[0]).kind != "Node":
        raise KubectlError(f"error: invalid resource type {rest[0]}, only node types are supported")
    for kind, node in fetch(task, rest):
        _taint(task, kind, node, adding, removing)


def _parsed(specs: list[str]) -> tuple[list[Obj], list[Obj]]:
    adding: list[Obj] = []
    removing: list[Obj] = []
    for spec in specs:
        bare = spec.removesuffix("-")
        match = _TAINT.fullmatch(bare)
        if match is None or (bare == spec and not match[3]):
            raise KubectlError(f"error: invalid taint spec: {spec}\nSee 'kubectl taint -h' for help and examples")
        key, value, effect = match.groups()
        if effect and effect not in _EFFECTS:
            raise KubectlError(
                f"error: invalid taint effect: {effect}, unsupported taint effect\n"
                "See 'kubectl taint -h' for help and examples"
            )
        made: Obj = {"key": key, **({"value": value} if value else {}), **({"effect": effect} if effect else {})}
        (adding if bare == spec else removing).append(made)
    return adding, removing


def _taint(task: Task, kind: Kind, node: Obj, adding: list[Obj], removing: list[Obj]) -> None:
    old: list[Obj] = node["spec"].get("taints") or []
    name = metadata.name(node)
    taken = [one["key"] for one in adding if any(_same(one, other) for other in old)]
    if taken and not task.options.on("overwrite"):
        task.errors.append(
            f"error: node {name} already has {','.join(taken)} taint(s) with same effect(s) and --overwrite is false"
        )
        return
    new = [*adding, *(one for one in old if not any(_same(one, other) for other in adding))]
    added = len(new) != len(old)
    deleted = False
    for gone in removing:
        kept = [
            one for one in new if not (one["key"] == gone["key"] and gone.get("effect", one["effect"]) == one["effect"])
        ]
        deleted = len(kept) != len(new)
        if not deleted:
            value = f"={gone['value']}" if gone.get("value") else ""
            effect = f":{gone['effect']}" if gone.get("effect") else ""
            task.errors.append(f'error: taint "{gone["key"]}{value}{effect}" not found')
        new = kept
    if task.errors:
        return
    body = {"spec": {"taints": new or None}}
    done = "modified" if (added and deleted) or task.options.on("overwrite") else "tainted" if added else "untainted"
    report(task, kind, patch(task, kind, node, body), done)


def _same(one: Obj, other: Obj) -> bool:
    return bool(one["key"] == other["key"] and one.get("effect") == other.get("effect"))
