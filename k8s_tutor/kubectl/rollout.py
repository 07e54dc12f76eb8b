"""`kubectl rollout`: status, history, undo, restart, pause, resume."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.api.applying import format_title
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import rfc3339
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch, owned_replicasets
from k8s_tutor.kubectl.describe.page import Page
from k8s_tutor.kubectl.describe.pods import write_template
from k8s_tutor.kubectl.printing import aligned, printed, report
from k8s_tutor.kubectl.task import Task, patch
from k8s_tutor.kubectl.waiting import seconds_of
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.deployments import REVISION, plain_template, revision_of
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["rollout_history", "rollout_pause", "rollout_restart", "rollout_resume", "rollout_status", "rollout_undo"]

_WITH_HISTORY = ("Deployment", "DaemonSet", "StatefulSet")
_FOREVER = 3600.0  # seconds of the cluster's time, where the line gives no --timeout


def required(task: Task) -> None:
    """Refuses a line that names nothing."""
    if not task.words and not task.options.all("filename"):
        raise KubectlError("error: required resource not specified")


# ---- status


def rollout_status(task: Task) -> None:
    """Runs `kubectl rollout status`: waits until a rollout has ended, and says how far it is."""
    required(task)
    for kind, obj in fetch(task):
        if kind.kind not in _WITH_HISTORY:
            raise task.failed(f"error: no status viewer has been implemented for {kind.kind}")
        _follow(task, kind, obj, _STATUS[kind.kind])


def _follow(task: Task, kind: Kind, obj: Obj, look: Callable[[Task, Obj], tuple[str, bool]]) -> None:
    """Says how far it is with every change, until it is done."""
    limit = seconds_of(task.options.text("timeout", "0s")) or _FOREVER
    deadline = task.clock.now() + limit
    with task.client.watch(kind, metadata.namespace(obj), name=metadata.name(obj)) as watch:
        while True:
            try:
                event = watch.next(max(deadline - task.clock.now(), 0))
            except WatchClosed:
                event = None
            if event is not None and event.type == "DELETED":
                raise task.failed("error: object has been deleted")
            if event is not None and event.type in ("ADDED", "MODIFIED"):
                text, done = look(task, event.object)
                task.say(text)
                if done or not task.options.on("watch", default=True):
                    return
            if task.clock.now() >= deadline:
                raise task.failed("error: timed out waiting for the condition")


def _deployment(task: Task, obj: Obj) -> tuple[str, bool]:
    name, status, wanted = metadata.name(obj), obj.get("status") or {}, obj["spec"].get("replicas", 1)
    wanted_revision = task.options.number("revision", 0)
    revision = int((obj["metadata"].get("annotations") or {}).get(REVISION, 0))
    if wanted_revision and revision != wanted_revision:
        raise task.failed(
            f"error: desired revision ({wanted_revision}) is different from the running revision ({revision})"
        )
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    if conditions.reason(obj, "Progressing") == "ProgressDeadlineExceeded":
        raise task.failed(f'error: deployment "{name}" exceeded its progress deadline')
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    updated, total, available = (status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas"))
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _daemonset(task: Task, obj: Obj) -> tuple[str, bool]:
    _only_rolling(task, obj)
    name, status = metadata.name(obj), obj.get("status") or {}
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for daemon set spec update to be observed...", False
    wanted = status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated...", False
    if available < wanted:
        return f"{waiting} {available} of {wanted} updated pods are available...", False
    return f'daemon set "{name}" successfully rolled out', True


def _statefulset(task: Task, obj: Obj) -> tuple[str, bool]:
    _only_rolling(task, obj)
    spec, status = obj["spec"], obj.get("status") or {}
    if status.get("observedGeneration", 0) == 0 or obj["metadata"].get("generation", 0) > status["observedGeneration"]:
        return "Waiting for statefulset spec update to be observed...", False
    wanted, ready, updated = spec.get("replicas", 1), status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready...", False
    partition = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition")
    if partition is not None:
        if updated < wanted - partition:
            new = wanted - partition
            waiting = "Waiting for partitioned roll out to finish:"
            return f"{waiting} {updated} out of {new} new pods have been updated...", False
        return f"partitioned roll out complete: {updated} new pods have been updated...", True
    if status.get("updateRevision") != status.get("currentRevision"):
        revision = status.get("updateRevision")
        return f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}...", False
    current = status.get("currentReplicas", 0)
    return f"statefulset rolling update complete {current} pods at revision {status.get('currentRevision')}...", True


def _only_rolling(task: Task, obj: Obj) -> None:
    if (obj["spec"].get("updateStrategy") or {}).get("type") != "RollingUpdate":
        raise task.failed("error: rollout status is only available for RollingUpdate strategy type")


_STATUS = {"Deployment": _deployment, "DaemonSet": _daemonset, "StatefulSet": _statefulset}


# ---- restart, pause, resume


def rollout_restart(task: Task) -> None:
    """Runs `kubectl rollout restart`."""
    required(task)
    for kind, obj in _found(task):
        if kind.kind not in _WITH_HISTORY:
            _refuse(task, kind, obj, "restarting is not supported")
            continue
        if obj["spec"].get("paused"):
            _refuse(task, kind, obj, "can't restart paused deployment (run rollout resume first)")
            continue
        when = {"kubectl.kubernetes.io/restartedAt": rfc3339(task.clock.now())}
        body = {"spec": {"template": {"metadata": {"annotations": when}}}}
        report(task, kind, patch(task, kind, obj, body), "restarted")


def rollout_pause(task: Task) -> None:
    """Runs `kubectl rollout pause`."""
    _switch(task, paused=True)


def rollout_resume(task: Task) -> None:
    """Runs `kubectl rollout resume`."""
    _switch(task, paused=False)


def _switch(task: Task, *, paused: bool) -> None:
    required(task)
    for kind, obj in _found(task):
        if kind.kind != "Deployment":
            _refuse(task, kind, obj, f"{'pausing' if paused else 'resuming'} is not supported")
        elif bool(obj["spec"].get("paused")) is paused:
            _refuse(task, kind, obj, "is already paused" if paused else "is not paused")
        else:
            body = {"spec": {"paused": True if paused else None}}
            report(task, kind, patch(task, kind, obj, body), "paused" if paused else "resumed")


def _found(task: Task) -> list[tuple[Kind, Obj]]:
    found = list(fetch(task))
    if not found and not task.errors:
        task.note(f"No resources found in {task.place} namespace.")
    return found


def _refuse(task: Task, kind: Kind, obj: Obj, why: str) -> None:
    task.errors.append(f'error: {kind.group_resource} "{metadata.name(obj)}" {why}')


# ---- `kubectl rollout history` and `kubectl rollout undo`: the revisions of Deployments, DaemonSets and StatefulSets

_CAUSE = "kubernetes.io/change-cause"
_KEPT = ("kubectl.kubernetes.io/last-applied-configuration", REVISION, "deployment.kubernetes.io/revision-history",
         "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
         "deprecated.deployment.rollback.to")  # fmt: skip  # annotations that do not follow a roll back


def rollout_history(task: Task) -> None:
    """Runs `kubectl rollout history`."""
    required(task)
    wanted = task.options.number("revision", 0)
    if wanted < 0:
        raise task.failed(f"error: revision must be a positive integer: {wanted}")
    for kind, obj in fetch(task):
        revisions = _revisions(task, kind, obj)
        form = task.options.text("output")
        if form:
            if wanted not in revisions:
                raise task.failed("error: unable to find the specified revision")
            task.say(printed([(kind, revisions[wanted])], form, single=True))
        elif wanted:
            task.write(f"{_named(kind, obj)} with revision #{wanted}\n{_details(task, revisions, wanted)}\n")
        else:
            task.write(f"{_named(kind, obj)} \n{_overview(revisions)}\n")


def _named(kind: Kind, obj: Obj) -> str:
    return format_title(kind, metadata.name(obj))


def _overview(revisions: dict[int, Obj]) -> str:
    rows = ["REVISION\tCHANGE-CAUSE"]
    for number in sorted(revisions):
        cause = (revisions[number]["metadata"].get("annotations") or {}).get(_CAUSE) or "<none>"
        rows.append(f"{number}\t{cause}")
    return aligned("\n".join(rows) + "\n")


def _details(task: Task, revisions: dict[int, Obj], number: int) -> str:
    if number not in revisions:
        raise task.failed("error: unable to find the specified revision")
    held = revisions[number]
    template = dict(_template(held))
    cause = (held["metadata"].get("annotations") or {}).get(_CAUSE)
    if cause:
        meta = template.get("metadata") or {}
        template["metadata"] = {**meta, "annotations": {**(meta.get("annotations") or {}), _CAUSE: cause}}
    page = Page()
    write_template(page, template)
    return page.cells()


def _template(held: Obj) -> Obj:
    """The template a ReplicaSet or ControllerRevision holds."""
    if held["kind"] == "ControllerRevision":
        found: Obj = held["data"]["spec"]["template"]
        return found
    template: Obj = held["spec"]["template"]
    return template


def _revisions(task: Task, kind: Kind, obj: Obj) -> dict[int, Obj]:
    """What holds each revision: a ReplicaSet, or a ControllerRevision."""
    if kind.kind == "Deployment":
        return {revision_of(one): one for one in owned_replicasets(task, obj)}
    if kind.kind not in ("DaemonSet", "StatefulSet"):
        raise task.failed(f'error: no history viewer has been implemented for "{kind.kind}.{kind.group}"')
    labels = str(selectors.of(obj["spec"]["selector"]))
    found = task.client.list("controllerrevisions", metadata.namespace(obj), labels=labels)
    return {int(one["revision"]): one for one in found if metadata.is_controlled_by(one, obj)}


def rollout_undo(task: Task) -> None:
    """Runs `kubectl rollout undo`."""
    required(task)
    for kind, obj in fetch(task):
        revisions = _revisions(task, kind, obj)
        number = task.options.number("to-revision", 0) or _before(task, kind, obj, revisions)
        if number not in revisions:
            raise task.failed(f"error: unable to find specified revision {number} in history")
        if kind.kind == "Deployment":
            _undo_deployment(task, kind, obj, revisions[number], number)
        else:
            _undo_other(task, kind, obj, revisions[number], number)


def _before(task: Task, kind: Kind, obj: Obj, revisions: dict[int, Obj]) -> int:
    """The revision before the one of now."""
    if kind.kind == "Deployment" and obj["spec"].get("paused"):
        raise _paused(task)
    if len(revisions) < 2:
        name = metadata.name(obj)
        said = (
            f'no rollout history found for deployment "{name}"'
            if kind.kind == "Deployment"
            else ("no last revision to roll back to")
        )
        raise task.failed(f"error: {said}")
    return sorted(revisions)[-2]


def _paused(task: Task) -> Exception:
    return task.failed(
        "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
    )


def _undo_deployment(task: Task, kind: Kind, obj: Obj, held: Obj, number: int) -> None:
    if obj["spec"].get("paused"):
        raise _paused(task)
    template = plain_template(held["spec"]["template"])
    if template == plain_template(obj["spec"]["template"]):
        report(task, kind, obj, f"skipped rollback (current template already matches revision {number})")
        return
    if task.dry == "client":
        report(task, kind, obj, "rolled back")
        return
    mine = obj["metadata"].get("annotations") or {}
    kept = {key: mine[key] for key in _KEPT if key in mine}
    old = {key: value for key, value in (held["metadata"].get("annotations") or {}).items() if key not in _KEPT}
    body = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": {**old, **kept}},
    ]
    report(task, kind, patch(task, kind, obj, body, "json"), "rolled back")


def _undo_other(task: Task, kind: Kind, obj: Obj, held: Obj, number: int) -> None:
    if _same(obj, held):
        report(task, kind, obj, f"skipped rollback (current template already matches revision {number})")
        return
    report(task, kind, patch(task, kind, obj, held["data"], "strategic"), "rolled back")


def _same(obj: Obj, held: Obj) -> bool:
    template = {key: value for key, value in _template(held).items() if key != "$patch"}
    return bool(plain_template(template) == plain_template(obj["spec"]["template"]))
