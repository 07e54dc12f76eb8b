"""What one can wait for, and for how long: a condition, a phase, a reason, an end, or any predicate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, Wording, msg, msg_n
from k8s_tutor.objects import conditions, deployments, pods, services
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = [
    "WaitCondition",
    "What",
    "choose_condition",
    "describe",
    "format_seconds",
    "parse_condition",
    "require_seconds",
]

What: TypeAlias = str | Callable[[Obj], bool]

_GONE = ("deleted", "gone")
_THERE = ("created", "exists", "there")
_OF_A_KIND: tuple[tuple[tuple[str, ...], Wording, Callable[[Obj], bool]], ...] = (
    (("address", "an address"), msg("given an address"), lambda service: bool(services.address_of(service))),
    (("rolled out",), msg("rolled out"), deployments.is_rolled_out),
)
"""What people write, what it is called, and when it is so."""
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
    *pods.BROKEN,
    "ContainerCreating",
    "PodInitializing",
    "Completed",
    "Error",
    "OOMKilled",
    "Unschedulable",
)


@dataclass(frozen=True)
class WaitCondition:
    """Something to wait for.

    Attributes:
        words: For people: `Ready`, `deleted`.
        met: Whether an object (None: there is no such object) is there.
        needs_object: The object has to exist already when the wait begins.
    """

    words: Wording
    met: Callable[[Obj | None], bool]
    needs_object: bool = True

    @property
    def trouble(self) -> str:
        """What the person's own function stumbled over when it was asked last; empty where it did not."""
        return self.met.error if isinstance(self.met, _Asked) else ""

    def hopeless(self, obj: Obj | None) -> Wording:
        """Why this can never come about any more; empty while it can."""
        if obj is None or self.met(obj) or not self.needs_object:
            return ""
        if obj.get("kind") == "Job" and self.words in _OF_JOBS and any(map(partial(conditions.is_true, obj), _ENDS)):
            return msg("{state}; a Job that has ended stays so", state=describe(obj))
        if obj.get("kind") != "Pod":
            return ""
        phase = pods.phase(obj)
        if phase in ("Succeeded", "Failed"):
            return msg("{state}; a pod that has ended stays so", state=describe(obj))
        return ""


def parse_condition(what: What) -> WaitCondition:
    """The goal in a person's words.

    Args:
        what: A condition (`Ready`, `Available`, `Ready=False`), a phase (`Running`, `Succeeded`), a reason
            (`CrashLoopBackOff`, `ImagePullBackOff`), `address` (of a load balancer), `rolled out` (of a Deployment),
            `deleted`, `exists`, or a function from object to bool.

    Raises:
        UsageError: a word near one of those, but none of them.
    """
    if not isinstance(what, str):
        if not callable(what):
            raise _no_goal(what)
        return WaitCondition(msg("as asked"), _Asked(what))
    word = what.strip()
    if not word:
        raise _no_goal(what)
    if word.lower() in _GONE:
        return WaitCondition(msg("deleted"), lambda obj: obj is None, needs_object=False)
    if word.lower() in _THERE:
        return WaitCondition(msg("there"), lambda obj: obj is not None, needs_object=False)
    for words, said, met in _OF_A_KIND:
        if word.lower() in words:
            return WaitCondition(said, partial(_there_and, met))
    kind, equals, status = word.partition("=")
    kind = _known(kind)
    if equals:
        wanted = status.strip().capitalize()
        return WaitCondition(f"{kind}={wanted}", lambda obj: obj is not None and conditions.status(obj, kind) == wanted)
    return WaitCondition(kind, lambda obj: obj is not None and _names(obj, kind))


def _there_and(met: Callable[[Obj], bool], obj: Obj | None) -> bool:
    return obj is not None and met(obj)


def choose_condition(kind: str) -> str:
    """What one waits for where nothing is said: a Pod to be `Ready`.

    Raises:
        UsageError: objects of this kind have no such state.
    """
    if kind in _USUAL:
        return _USUAL[kind]
    raise UsageError(
        msg("What is it to wait for? A {kind} is not simply ready or not.", kind=kind),
        next_step=msg('Say it as second argument: a condition ("Synced"), "exists", "deleted", or a function.'),
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
        msg("I do not know how to wait for {what!r:.60}.", what=what),
        why=msg("One can wait for a condition, a phase, a reason, for 'deleted', or for what a function says of it."),
        next_step=msg("Seconds are said by name: timeout={seconds}.", seconds=what)
        if isinstance(what, (int, float))
        else msg('For example "Ready".'),
    )


def _known(word: str) -> str:
    """The word as Kubernetes writes it; a word of its own (a custom condition) is taken as it is."""
    known = (*_CONDITIONS, *_PHASES, *_REASONS)
    for candidate in known:
        if candidate.lower() == word.lower():
            return candidate
    near = nearest(word, known)
    if near:
        raise UsageError(
            msg("I do not know how to wait for {word!r}.", word=word),
            why=msg("One can wait for a condition, a phase, a reason, or for 'deleted'."),
            next_step=msg('Did you mean "{near}"?', near=near),
        )
    return word


def _names(obj: Obj, word: str) -> bool:
    status = obj.get("status") or {}
    if conditions.is_true(obj, word) or status.get("phase") == word:
        return True
    return obj.get("kind") == "Pod" and word in pods.reasons(obj)


def describe(obj: Obj | None) -> Wording:
    """An object's state in a few words, for progress and for what was seen last."""
    if obj is None:
        return msg("it does not exist")
    if "deletionTimestamp" in obj.get("metadata", {}):
        return msg("it is being deleted")
    if obj.get("kind") == "Pod":
        return _describe_pod(obj)
    if obj.get("kind") == "Job" and conditions.is_true(obj, "Failed"):
        return f"Failed: {conditions.message(obj, 'Failed')}"
    status = obj.get("status") or {}
    rows = [f"{row.get('type')}={row.get('status')}" for row in status.get("conditions") or ()]
    return ", ".join(rows) or str(status.get("phase", "")) or msg("it says nothing of its state")


def _describe_pod(pod: Obj) -> Wording:
    text = _pod_state(pod)
    reason, message = pods.waiting(pod)
    if reason and message:
        return msg("{state}: {why}", state=text, why=message)
    unscheduled = conditions.get(pod, "PodScheduled") or {}
    if unscheduled.get("status") == "False":
        return msg("{state}: {why}", state=text, why=str(unscheduled.get("message", "")).rstrip("."))
    return text


def _pod_state(pod: Obj) -> Wording:
    """`Running, 1 of 1 container ready`."""
    word, _ = pods.waiting(pod)
    phase = f"{pods.phase(pod)} ({word})" if word else pods.phase(pod)
    if pods.is_terminal(pod):
        code = pods.last_exit(pod)
        return phase if code is None else msg("{phase}, exit code {code}", phase=phase, code=code)
    ready = sum(bool(item.get("ready")) for item in pod.get("status", {}).get("containerStatuses", []))
    total = len(pod["spec"].get("containers", []))
    return msg_n(
        "{phase}, {ready} of {n} container ready", "{phase}, {ready} of {n} containers ready",
        total, phase=phase, ready=ready,
    )  # fmt: skip


def require_seconds(timeout: object) -> None:
    """Sees to it that a deadline is a number.

    Raises:
        UsageError: it is something else, `"5s"`.
    """
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool):
        raise UsageError(
            msg("timeout is a number of seconds, not {timeout!r:.40}.", timeout=timeout),
            next_step=msg("For example timeout=60."),
        )


def format_seconds(value: float) -> Message:
    """A duration as people say it: `0.4 s`, `12 s`."""
    return msg("{seconds:.1f} s", seconds=value) if value < 9.95 else msg("{seconds:.0f} s", seconds=value)
