"""The embedded cluster's own controllers, in the words of the stepper: what each of their runs observed and did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Update, UpdateStatus
from k8s_tutor.embedded.controllers import runs as inside
from k8s_tutor.embedded.controllers.view import Read
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.runs import Act, Fact, Run

__all__ = ["told"]

_VERBS = {"ADDED": "created", "MODIFIED": "changed", "DELETED": "deleted"}


def told(runs: Iterable[inside.Run], controller: str, namespace: str, name: str) -> tuple[Run, ...]:
    """The runs of one controller about one object, counted from 1."""
    key = metadata.Key(namespace, name)
    chosen = [run for run in runs if run.controller == controller and run.key == key]
    return tuple(_run(number, run) for number, run in enumerate(chosen, 1))


def _run(number: int, run: inside.Run) -> Run:
    acts = tuple(Act(words, step.error) for step in run.steps for words in _deeds(step.action, step.result, run.key))
    facts = dict.fromkeys(_fact(read) for read in run.observed)
    return Run(
        number, _cause(run.cause), tuple(facts), "", run.analysis, "", acts, run.error if not _refused(acts) else ""
    )


def _cause(words: str) -> str:
    """The change of an object, as people say it; other causes are words already."""
    what, _, event = words.rpartition(" ")
    return f"{what} {_VERBS[event]}" if event in _VERBS else words


def _refused(acts: Iterable[Act]) -> bool:
    return any(act.failed for act in acts)


def _fact(read: Read) -> Fact:
    kind = read.resource.partition(".")[0]
    if read.name:
        return Fact(kind, read.name if read.count else f"{read.name}: none")
    return Fact(kind, str(read.count) if read.count else "none")


def _deeds(action: Action, result: Obj | None, key: metadata.Key) -> Iterator[str]:
    """What was done; waiting for a time to come (`Requeue`) is no deed."""
    match action:
        case Create(obj):
            yield f"create {metadata.title(result or obj)}"
        case Update(obj):
            yield f"update {metadata.title(obj)}"
        case UpdateStatus(obj):
            yield "write its status" if metadata.key(obj) == key else f"write the status of {metadata.title(obj)}"
        case Patch(obj):
            yield f"change {metadata.title(obj)}"
        case Delete(obj):
            yield f"delete {metadata.title(obj)}"
        case EmitEvent():
            yield f"event {action.reason}: {action.message}"
