"""What one can wait for: a condition, a phase, a reason, an end, or any predicate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from k8s_tutor.errors import UsageError
from k8s_tutor.exercises import podfacts
from k8s_tutor.objects import conditions
from k8s_tutor.objects.spelling import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["Goal", "What", "describe", "goal", "usual"]

What: TypeAlias = str | Callable[[Obj], bool]

_GONE = ("deleted", "gone")
_THERE = ("created", "exists", "there")
_ADDRESS = ("address", "an address")
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown", "Active", "Terminating", "Bound", "Available")
_CONDITIONS = (
    "Ready",
    "Available",
    "Progressing",
    "Complete",
    "PodScheduled",
    "Initialized",
    "ContainersReady",
    "PodReadyToStartContainers",
    "Established",
    "DisruptionTarget",
    "Suspended",
)
_ENDS = ("Complete", "Failed")
_OF_JOBS = (*_ENDS, "Suspended")
_USUAL = {
    "Pod": "Ready",
    "Node": "Ready",
    "Deployment": "Available",
    "Job": "Complete",
    "CustomResourceDefinition": "Established",
}
_REASONS = (
    *podfacts.BROKEN,
    "ContainerCreating",
    "PodInitializing",
    "Completed",
    "Error",
    "OOMKilled",
    "Unschedulable",
)


@dataclass(frozen=True)
class Goal:
    """Something to wait for.

    Attributes:
        words: For people: `Ready`, `deleted`.
        met: Whether an object (None: there is no such object) is there.
        needs_object: The object has to exist already when the wait begins.
    """

    words: str
    met: Callable[[Obj | None], bool]
    needs_object: bool = True

    @property
    def trouble(self) -> str:
        """What the person's own function stumbled over when it was asked last; empty where it did not."""
        return self.met.error if isinstance(self.met, _Asked) else ""

    def hopeless(self, obj: Obj | None) -> str:
        """Why this can never come about any more; empty while it can."""
        if obj is None or self.met(obj) or self.words in _GONE:
            return ""
        if obj.get("kind") == "Job" and self.words in _OF_JOBS and any(map(partial(conditions.is_true, obj), _ENDS)):
            return f"{describe(obj)}; a Job that has ended stays so"
        if obj.get("kind") != "Pod":
            return ""
        phase = podfacts.phase(obj)
        if phase in ("Succeeded", "Failed"):
            return f"{describe(obj)}; a pod that has ended stays so"
        return ""


def goal(what: What) -> Goal:
    """The goal in a person's words.

    Args:
        what: A condition (`Ready`, `Available`, `Ready=False`), a phase (`Running`, `Succeeded`), a reason
            (`CrashLoopBackOff`, `ImagePullBackOff`), `address` (of a load balancer), `deleted`, `exists`, or a
            function from object to bool.

    Raises:
        UsageError: a word near one of those, but none of them.
    """
    if not isinstance(what, str):
        if not callable(what):
            raise _no_goal(what)
        return Goal("as asked", _Asked(what))
    word = what.strip()
    if not word:
        raise _no_goal(what)
    if word.lower() in _GONE:
        return Goal("deleted", lambda obj: obj is None, needs_object=False)
    if word.lower() in _THERE:
        return Goal("there", lambda obj: obj is not None, needs_object=False)
    if word.lower() in _ADDRESS:
        return Goal("given an address", _has_address)
    kind, equals, status = word.partition("=")
    kind = _known(kind)
    if equals:
        wanted = status.strip().capitalize()
        return Goal(f"{kind}={wanted}", lambda obj: obj is not None and conditions.status(obj, kind) == wanted)
    return Goal(kind, lambda obj: obj is not None and _names(obj, kind))


def usual(kind: str) -> str:
    """What one waits for where nothing is said: a Pod to be `Ready`.

    Raises:
        UsageError: objects of this kind have no such state.
    """
    if kind in _USUAL:
        return _USUAL[kind]
    raise UsageError(
        f"What is it to wait for? A {kind} is not simply ready or not.",
        next_step='Say it as second argument: a condition ("Synced"), "exists", "deleted", or a function.',
    )


@dataclass
class _Asked:
    """A person's own predicate. It may look at fields that are not there yet: then the answer is no."""

    function: Callable[[Obj], bool]
    error: str = ""

    def __call__(self, obj: Obj | None) -> bool:
        self.error = ""
        try:
            return obj is not None and bool(self.function(obj))
        except (LookupError, TypeError, AttributeError) as error:
            self.error = f"{type(error).__name__}: {error}"
            return False


def _no_goal(what: object) -> UsageError:
    return UsageError(
        f"I do not know how to wait for {what!r:.60}.",
        why="One can wait for a condition, a phase, a reason, for 'deleted', or for what a function says of it.",
        next_step='For example "Ready".',
    )


def _has_address(obj: Obj | None) -> bool:
    """Whether somebody has given a Service of type LoadBalancer (or an Ingress) its address."""
    status = (obj or {}).get("status") or {}
    return bool((status.get("loadBalancer") or {}).get("ingress"))


def _known(word: str) -> str:
    """The word as Kubernetes writes it; a word of its own (a custom condition) is taken as it is."""
    known = (*_CONDITIONS, *_PHASES, *_REASONS)
    for candidate in known:
        if candidate.lower() == word.lower():
            return candidate
    near = nearest(word, known)
    if near:
        raise UsageError(
            f"I do not know how to wait for {word!r}.",
            why="One can wait for a condition, a phase, a reason, or for 'deleted'.",
            next_step=f'Did you mean "{near}"?',
        )
    return word


def _names(obj: Obj, word: str) -> bool:
    status = obj.get("status") or {}
    if conditions.is_true(obj, word) or status.get("phase") == word:
        return True
    return obj.get("kind") == "Pod" and word in podfacts.reasons(obj)


def describe(obj: Obj | None) -> str:
    """An object's state in a few words, for progress and for what was seen last."""
    if obj is None:
        return "it does not exist"
    if "deletionTimestamp" in obj.get("metadata", {}):
        return "it is being deleted"
    if obj.get("kind") == "Pod":
        return _describe_pod(obj)
    if obj.get("kind") == "Job" and conditions.is_true(obj, "Failed"):
        return f"Failed: {conditions.message(obj, 'Failed')}"
    status = obj.get("status") or {}
    rows = [f"{row.get('type')}={row.get('status')}" for row in status.get("conditions") or ()]
    return ", ".join(rows) or str(status.get("phase", "it says nothing of its state"))


def _describe_pod(pod: Obj) -> str:
    text = podfacts.summary(pod).partition(" is ")[2]
    reason, message = podfacts.waiting(pod)
    if reason and message:
        return f"{text}: {message}"
    unscheduled = conditions.get(pod, "PodScheduled") or {}
    if unscheduled.get("status") == "False":
        return f"{text}: {unscheduled.get('message', '')}"
    return text
