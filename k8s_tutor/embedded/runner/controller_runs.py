"""The embedded cluster's own controllers, in the words of the stepper: what each of their runs observed and did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from k8s_tutor.api.runs import Act, Fact, Run
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Update, UpdateStatus
from k8s_tutor.embedded.controllers import controller as inside
from k8s_tutor.embedded.controllers.controller import Read
from k8s_tutor.language import msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["describe_run", "describe_runs"]

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
