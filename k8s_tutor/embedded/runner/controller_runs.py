"""The embedded cluster's own controllers, in the words of the stepper: what each of their runs observed and did.

And one step of its time, in words: whose it was, why, and what it did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from k8s_tutor.api.protocol import Request
from k8s_tutor.api.runs import Act, Decision, Fact, Run
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue, Update, UpdateStatus
from k8s_tutor.embedded.controllers import controller as inside
from k8s_tutor.embedded.controllers.controller import Read
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.runner.pace import Pace
from k8s_tutor.language import Message, Wording, msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["describe_run", "describe_runs", "take_step", "tell_time"]

_LOOK = 60.0  # seconds of the cluster's time that one step goes forward at most, when nothing happens

_EVENTS = {
    "ADDED": msg_template("{what} created"),
    "MODIFIED": msg_template("{what} changed"),
    "DELETED": msg_template("{what} deleted"),
}


def describe_runs(runs: Iterable[inside.Run], controller: str, namespace: str, name: str) -> tuple[Run, ...]:
    """The runs of one controller about one object, counted from 1."""
    key = metadata.Key(namespace, name)
    chosen = [run for run in runs if run.controller == controller and run.key == key]
    return tuple(describe_run(run, number) for number, run in enumerate(chosen, 1))


def describe_run(run: inside.Run, number: int = 1) -> Run:
    """One run."""
    acts = tuple(Act(words, step.error) for step in run.steps for words in _deeds(step.action, step.result, run.key))
    facts = dict.fromkeys(_fact(read) for read in run.observed)
    return Run(
        number,
        _cause(run.cause),
        tuple(facts),
        "",
        tuple(map(str, run.analysis)),
        "",
        acts,
        run.error if not _refused(acts) else "",
    )


def _cause(words: str) -> str:
    """The change of an object, as people say it; other causes are words already."""
    what, _, event = words.rpartition(" ")
    return str(_EVENTS[event].fill(what=what)) if event in _EVENTS else words


def _refused(acts: Iterable[Act]) -> bool:
    return any(act.failed for act in acts)


def _fact(read: Read) -> Fact:
    kind = read.resource.partition(".")[0]
    if read.name:
        return Fact(kind, read.name if read.count else str(msg("{name}: none", name=read.name)))
    return Fact(kind, str(read.count or msg("none")))


def _deeds(action: Action, result: Obj | None, key: metadata.Key) -> Iterator[str]:
    """What was done; waiting for a time to come (`Requeue`) is no deed."""
    match action:
        case Create(obj):
            yield str(msg("create {what}", what=metadata.title(result or obj)))
        case Update(obj):
            yield str(msg("update {what}", what=metadata.title(obj)))
        case UpdateStatus(obj):
            what = metadata.title(obj)
            own = metadata.key(obj) == key
            yield str(msg("write its status") if own else msg("write the status of {what}", what=what))
        case Patch(obj):
            yield str(msg("change {what}", what=metadata.title(obj)))
        case Delete(obj):
            yield str(msg("delete {what}", what=metadata.title(obj)))
        case EmitEvent():
            yield str(msg("event {reason}: {message}", reason=action.reason, message=action.message))


# ---- One step: until a controller has done something, the scheduler has decided, or somebody has written


@dataclass(frozen=True)
class _Write:
    """A request that changed something."""

    user: User
    request: Request

    @property
    def place(self) -> list[str]:
        """`pods`, `web`, `status`: the path behind version and namespace."""
        parts = self.request.path.strip("/").split("/")
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        return parts[2:] if parts[:1] == ["namespaces"] and len(parts) > 2 else parts

    @property
    def routine(self) -> bool:
        """Whether it only says that a machine is there, or asks for a token."""
        kind, below = self.place[0], self.place[2:]
        return kind == "leases" or (kind == "nodes" and below == ["status"]) or below == ["token"]


def take_step(kubernetes: EmbeddedKubernetes, pace: Pace) -> Message:
    """Moves time to the next thing that happens, and tells whose it is, why, and what it does.

    Runs that find nothing to do and signs of life are no step. When nothing happens for a minute, that is told.
    """
    writes: list[_Write] = []
    idle = 0
    with pace.hold():
        loop, controllers, decisions = kubernetes.loop, kubernetes.controllers, kubernetes.scheduler.decisions
        began = loop.now()
        kubernetes.api.witness = lambda user, request: writes.append(_Write(user, request))
        try:
            while (due := loop.next_due()) is not None and due <= began + _LOOK:
                before = controllers.runs[-1].number if controllers.runs else 0
                decided = decisions[-1] if decisions else None
                if not pace.step():
                    break
                runs = [run for run in _since(controllers.runs, before) if _acted(run)]
                idle += len(_since(controllers.runs, before)) - len(runs)
                decision = decisions[-1] if decisions and decisions[-1] is not decided else None
                told = [write for write in writes if not write.routine]
                writes.clear()
                if runs or decision or told:
                    return _say(loop.now(), loop.now() - began, _what(kubernetes, runs, decision, told), idle)
            pace.run(max(0.0, began + _LOOK - loop.now()))
        finally:
            kubernetes.api.witness = None
    return msg(
        "Nothing happened for {seconds:g} s: everything is as it should be, or waits for you. It is {time} now.",
        seconds=_LOOK,
        time=tell_time(loop.now()),
    )


def _since(runs: Sequence[inside.Run], number: int) -> list[inside.Run]:
    found = []
    for run in reversed(runs):
        if run.number <= number:
            break
        found.append(run)
    return found[::-1]


def _acted(run: inside.Run) -> bool:
    return bool(run.error) or any(not isinstance(step.action, Requeue) for step in run.steps)


def _what(
    kubernetes: EmbeddedKubernetes, runs: Sequence[inside.Run], decision: Decision | None, writes: Sequence[_Write]
) -> list[Wording]:
    if decision is not None:
        return _decision(decision)
    if runs:
        return [words for run in runs for words in _run(run, describe_run(run))]
    user = writes[0].user.name
    return [
        msg("{who} acted", who=_who(user)),
        *(_deed(kubernetes, write) for write in writes),
    ]


def _run(run: inside.Run, told: Run) -> list[Wording]:
    where = f"{run.key.namespace}/{run.key.name}" if run.key.namespace else run.key.name
    return [
        msg("{who} looked at {object}", who=run.controller, object=where),
        *([msg("why: {cause}", cause=told.cause)] if told.cause else []),
        *(msg("found: {finding}", finding=finding) for finding in told.analysis),
        *(
            msg("did: {deed}: {failed}", deed=act.words, failed=act.failed)
            if act.failed
            else msg("did: {deed}", deed=act.words)
            for act in told.acts
        ),
        *([msg("failed: {error}", error=told.error)] if told.error else []),
    ]


def _decision(decision: Decision) -> list[Wording]:
    pod = f"{decision.pod.namespace}/{decision.pod.name}"
    fit = sum(verdict.refusal is None for verdict in decision.verdicts)
    who = msg("{who} looked at {object}", who="kube-scheduler", object=pod)
    if not decision.node:
        return [who, msg("why: it has no node"), msg("found: {finding}", finding=decision.message)]
    found = msg("{fit} of {n} nodes could run it", fit=fit, n=len(decision.verdicts))
    return [
        who,
        msg("why: it has no node"),
        msg("found: {finding}", finding=found),
        msg("did: {deed}", deed=msg("choose node {node}", node=decision.node)),
    ]


def _deed(kubernetes: EmbeddedKubernetes, write: _Write) -> Wording:
    kind, name, below = [*write.place, "", "", ""][:3]
    body = _body(write.request)
    if kind == "events":
        reason, message = body.get("reason", ""), body.get("message") or body.get("note", "")
        if reason:
            return msg("did: {deed}", deed=msg("event {reason}: {message}", reason=reason, message=message))
    name = name or str((body.get("metadata") or {}).get("name", ""))
    what = f"{kind}/{name}" if name else kind
    if below == "status":
        return msg("did: {deed}", deed=msg("write the status of {what}", what=f"{what}{_phase(kubernetes, write)}"))
    words = {"POST": msg("create {what}", what=what), "DELETE": msg("delete {what}", what=what)}
    deed = msg("change {what} ({below})", what=what, below=below) if below else words.get(write.request.method)
    return msg("did: {deed}", deed=deed or msg("change {what}", what=what))


def _phase(kubernetes: EmbeddedKubernetes, write: _Write) -> str:
    """`: Running, 1/2 ready` of a Pod as it is now."""
    kind, name = write.place[:2]
    parts = write.request.path.split("/namespaces/")
    if kind != "pods" or len(parts) < 2:
        return ""
    pod = kubernetes.store.get("pods", parts[1].partition("/")[0], name)
    status = (pod or {}).get("status") or {}
    rows = status.get("containerStatuses") or ()
    ready = sum(bool(row.get("ready")) for row in rows)
    return f": {status.get('phase', '')}" + (f", {ready}/{len(rows)} ready" if rows else "")


def _body(request: Request) -> Obj:
    body: Any = request.body
    if isinstance(body, bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return {}
    return body if isinstance(body, dict) else {}


def _who(user: str) -> Wording:
    if user.startswith("system:node:"):
        return msg("kubelet of {node}", node=user.removeprefix("system:node:"))
    return user.rpartition(":")[2]


def _say(now: float, seconds: float, words: Sequence[Wording], idle: int) -> Message:
    lines = "\n  ".join(map(str, words))
    if idle:
        return msg(
            "▷ {time}, {seconds:.3f} s later: {lines}\n  (on the way, runs that found nothing to do: {idle})",
            time=tell_time(now),
            seconds=seconds,
            lines=lines,
            idle=idle,
        )
    return msg("▷ {time}, {seconds:.3f} s later: {lines}", time=tell_time(now), seconds=seconds, lines=lines)


def tell_time(now: float) -> str:
    """The cluster's time of day, as its timestamps have it."""
    return rfc3339(now)[11:19]
