"""Checks of Pods that several exercises share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.exercises.exercise import Check
from k8s_tutor.exercises.objectchecks import inspect
from k8s_tutor.exercises.state import State, split_ref
from k8s_tutor.exercises.verdict import Seen, Verdict, cannot_tell, failed, see
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects import conditions
from k8s_tutor.objects.pods import container_names, ended_with, is_behind, last_exit, phase, pod_status, waiting
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_pod",
    "find_container",
    "has_containers",
    "is_not_broken",
    "is_ready",
    "prints",
    "runs_for",
    "uses_image",
]

_IMAGE_TROUBLE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")
_APART = 0.5  # seconds between two lines that were not printed in one go
_RECENT = 60.0  # seconds of the cluster's time within which a restart tells of a program that does not last


def describe_pod(pod: Obj) -> Message:
    """A pod's state as a fact: what `kubectl get pods` says of it.

    >>> status = {"phase": "Running", "containerStatuses": [{"ready": True, "state": {"running": {}}}]}
    >>> print(describe_pod({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "a"}]}, "status": status}))
    pod/web is Running, 1 of 1 containers ready
    """
    name, status = pod["metadata"]["name"], pod_status(pod)
    if phase(pod) in ("Succeeded", "Failed") and (code := last_exit(pod)) is not None:
        return msg("pod/{name} is {word}, exit code {code}", name=name, word=status.word, code=code)
    ready = {"name": name, "word": status.word, "ready": status.ready, "total": status.total}
    if status.restarts:
        return msg(
            "pod/{name} is {word}, {ready} of {total} containers ready, restarts: {restarts}",
            **ready,
            restarts=status.restarts,
        )
    return msg("pod/{name} is {word}, {ready} of {total} containers ready", **ready)


def find_container(pod: Obj, *, name: str = "", image: str = "") -> Obj | None:
    """The first container of a pod, or of a pod template, with this name and this image.

    >>> find_container({"spec": {"containers": [{"name": "web", "image": "nginx:1.22"}]}}, image="nginx:1.22")["name"]
    'web'
    """
    for one in pod["spec"].get("containers") or ():
        if (not name or one.get("name") == name) and (not image or _same_image(str(one.get("image", "")), image)):
            found: Obj = one
            return found
    return None


def _same_image(one: str, other: str) -> bool:
    """`docker.io/library/nginx:1.22` is `nginx:1.22` written out."""
    return _short(one) == _short(other)


def _short(image: str) -> str:
    return image.removeprefix("docker.io/").removeprefix("library/")


def uses_image(ref: str, image: str, container: str = "") -> Check:
    """A container of the pod runs an image; one with a misspelt image draws its own answer.

    >>> pod = {"kind": "Pod", "metadata": {"name": "hello"}, "spec": {"containers": [{"name": "a", "image": "nginx"}]}}
    >>> print(uses_image("pod/hello", "nginx:1.22")(State.of([pod])).summary)
    pod/hello runs the image `nginx`; the task asks for `nginx:1.22`.

    Args:
        ref: `pod/hello`.
        image: With its tag.
        container: Name of the container; empty for any.
    """

    def look(_state: State, pod: Obj) -> Seen | Verdict:
        if (found := find_container(pod, name=container, image=image)) is not None:
            values = {"ref": ref, "container": found.get("name"), "image": found["image"]}
            return see(msg("{ref}, container {container}, runs {image}", **values))
        images = [str(one.get("image", "")) for one in pod["spec"]["containers"] if container in ("", one.get("name"))]
        actual = nearest(image, images) or next(iter(images), "")
        summary = msg(
            "{ref} runs the image `{actual}`; the task asks for `{image}`.", ref=ref, actual=actual, image=image
        )
        return failed(summary, hint=_image_hint(actual, image))

    return inspect(ref, look)


def _image_hint(actual: str, image: str) -> Message:
    if actual == image.rpartition(":")[0]:
        return msg("Without a tag Kubernetes takes `:latest`, whatever that is today.")
    if nearest(actual, [image]):
        return msg("Compare them letter by letter. The image of a pod may be changed in place.")
    return msg("The image is one of the few fields of a pod that may be changed in place.")


def has_containers(ref: str, *wanted: str, hint: Wording = "") -> Check:
    """The pod has containers of these names.

    >>> pod = {"kind": "Pod", "metadata": {"name": "pair"}, "spec": {"containers": [{"name": "web"}]}}
    >>> print(has_containers("pod/pair", "web", "reader")(State.of([pod])).summary)
    pod/pair has no container called `reader`.
    """

    def look(_state: State, pod: Obj) -> Seen | Verdict:
        names = container_names(pod)
        missing = [item for item in wanted if item not in names]
        if not missing:
            return see()
        return failed(
            msg("{ref} has no container called `{name}`.", ref=ref, name=missing[0]),
            msg("its containers: {names}", names=", ".join(names)),
            hint=hint,
        )

    return inspect(ref, look)


def is_not_broken(ref: str) -> Check:
    """No container waits because of an error that waiting does not mend, and the pod has not failed.

    >>> is_not_broken("pod/hello")(State.of())
    Seen(facts=(), lasting=0.0)
    """

    def look(state: State, pod: Obj) -> Seen | Verdict:
        reason, message = waiting(pod)
        evidence: Wording = message
        hint = _last_words(ref)
        if reason in _IMAGE_TROUBLE:
            evidence = describe_pod(pod)
            hint = msg("The node cannot get this image. Compare its name and tag with the task, letter by letter.")
        elif (code := last_exit(pod)) is not None:
            evidence = msg("the container ended with exit code {code}", code=code)
        if reason:
            summary = msg("{ref} waits: {reason}.", ref=ref, reason=reason)
            return failed(summary, evidence, hint=hint, settling=is_behind(pod, state.time))
        if phase(pod) == "Failed":
            return failed(msg("{ref} has failed.", ref=ref), describe_pod(pod), hint=_last_words(ref))
        return see()

    return inspect(ref, look)


def _last_words(ref: str) -> Message:
    return msg(
        'The container starts and ends at once. Its last words are in `t.logs("{ref}", previous=True)`.', ref=ref
    )


def is_ready(ref: str) -> Check:
    """The pod's Ready condition is true; looks at events too, where the exercise does.

    >>> ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    >>> pod = {"kind": "Pod", "metadata": {"name": "hello"}, "spec": {"containers": [{"name": "a"}]}, "status": ready}
    >>> print(*is_ready("pod/hello")(State.of([pod])).facts)
    pod/hello is Running, 0 of 1 containers ready
    """

    def look(state: State, pod: Obj) -> Seen | Verdict:
        if conditions.is_true(pod, "Ready"):
            return see(describe_pod(pod))
        if conditions.status(pod, "PodScheduled") == "False":
            hint = msg("The scheduler compares what the pod requests with what each node has left.")
            reason = conditions.message(pod, "PodScheduled")
            return failed(msg("{ref} is Pending: no node can take it.", ref=ref), reason, hint=hint, settling=True)
        if probed := state.event_messages(ref, "Unhealthy"):
            hint = msg('The probe asks, and gets no good answer. `t.events("{ref}")` says what it gets.', ref=ref)
            return failed(msg("{ref} runs, but is not ready.", ref=ref), probed[-1], hint=hint, settling=True)
        if any(ended_with(pod)):
            return failed(msg("{ref} does not keep running.", ref=ref), describe_pod(pod), settling=True)
        summary = msg("{ref} is still starting.", ref=ref)
        return cannot_tell(summary, describe_pod(pod), hint=msg("Check again."), settling=True)

    return inspect(ref, look)


def runs_for(ref: str, seconds: float) -> Check:
    """Every container of the pod has been running for so long, and is not one of those that end and are started again.

    Judging waits for it: a program that ends soon after its start is not taken for one that keeps running.

    >>> running = {"state": {"running": {"startedAt": "1970-01-01T00:00:00Z"}}, "restartCount": 0}
    >>> pod = {"kind": "Pod", "metadata": {"name": "hello"}, "status": {"containerStatuses": [running]}}
    >>> print(*runs_for("pod/hello", 10)(State.of([pod], time=30.0)).facts)
    pod/hello has been running for 30 s, restarts: 0

    Args:
        ref: `pod/hello`.
        seconds: Of the cluster's time.
    """

    def look(state: State, pod: Obj) -> Seen | Verdict:
        rows = (pod.get("status") or {}).get("containerStatuses") or ()
        restarts = sum(int(row.get("restartCount", 0)) for row in rows)
        before = [run for row in rows if (run := _last_run(row)) is not None and state.time - run[1] < _RECENT]
        if before and restarts > 1:  # one alone may be a learner's doing: a changed image restarts a container
            return failed(
                msg("{ref} does not keep running: its container ended, and was started again.", ref=ref),
                msg("restarts: {restarts}", restarts=restarts),
                hint=msg('`t.logs("{ref}", previous=True)` says what it did before it ended.', ref=ref),
            )
        begun = [((row.get("state") or {}).get("running") or {}).get("startedAt") for row in rows]
        since = [from_rfc3339(time) for time in begun if time]
        if ended_with(pod):
            return failed(
                msg("{ref} does not keep running: its program ended.", ref=ref),
                describe_pod(pod),
                hint=msg('`t.logs("{ref}")` says what it did before it ended.', ref=ref),
                settling=True,
            )
        if not rows or len(since) < len(rows):
            return cannot_tell(msg("{ref} is still starting.", ref=ref), describe_pod(pod), settling=True)
        lasted = int(state.time - max(since))
        values = {"ref": ref, "lasted": max(lasted, 0), "restarts": restarts}
        if lasted >= max([seconds, *(end - begin + 1 for begin, end in before if end - begin < _RECENT)]):
            return see(msg("{ref} has been running for {lasted} s, restarts: {restarts}", **values))
        summary = msg("{ref} has been running for {lasted} s; whether it goes on is still to be seen.", **values)
        return cannot_tell(summary, hint=msg("Check again."), settling=True)

    return inspect(ref, look)


def _last_run(row: Obj) -> tuple[float, float] | None:
    """From when to when a container ran before the run that is shown now; None where it is its first."""
    ended = (row.get("lastState") or {}).get("terminated") or {}
    if not ended.get("finishedAt"):
        return None
    finished = from_rfc3339(ended["finishedAt"])
    return (from_rfc3339(ended["startedAt"]) if ended.get("startedAt") else finished), finished


def prints(ref: str, pattern: str, container: str = "", *, again_within: float = 0.0, hint: Wording = "") -> Check:
    r"""The container's log has a line with a pattern in it.

    >>> hello = {"kind": "Pod", "metadata": {"name": "hello"}}
    >>> print(prints("pod/hello", r"\b42\b")(State.of([hello], logs={"hello": "41"})).evidence[0])
    the last line of its log: 41

    Args:
        ref: `pod/hello`.
        pattern: A regular expression.
        container: Name of the container, where there are several.
        again_within: Where given, it has to do so again and again: the latest two lines, and now, are no further apart
            than these seconds of the cluster's time. Judging waits for it.
        hint: Said where it does not.
    """
    name = split_ref(ref)[1]
    who = msg("container `{container}`", container=container) if container else ref

    def look(state: State, pod: Obj) -> Seen | Verdict:
        lines = state.log(name, container, timestamps=again_within > 0).splitlines()
        found = [line for line in lines if re.search(pattern, line)]
        going_on = phase(pod) in ("Pending", "Running")
        if not found:
            last = (lines[-1].partition(" ")[2] if again_within else lines[-1]) if lines else "(empty)"
            summary = msg("{who} does not print what it should.", who=who)
            return failed(summary, msg("the last line of its log: {line}", line=last), hint=hint, settling=going_on)
        if not again_within:
            return see(msg("{who} printed: {line}", who=who, line=found[-1].strip()))
        return _printed_again(state, who, found, again_within, hint)

    return inspect(ref, look)


def _printed_again(
    state: State, who: Message | str, lines: Sequence[str], within: float, hint: Wording
) -> Seen | Verdict:
    times: list[float] = []
    for line in lines:
        time = from_rfc3339(_to_micros(line.partition(" ")[0]))
        if not times or time - times[-1] >= _APART:  # one page may match in several lines
            times.append(time)
    recent = [time for time in times if state.time - time <= within]
    if len(times) > 1 and recent and times[-1] - times[-2] <= within:
        return see(msg("{who} printed it {times} times so far", who=who, times=len(times)))
    summary = msg("{who} printed it once, and does not go on.", who=who)
    if len(times) > 1:
        summary = msg("{who} printed it {times} times, and does not go on.", who=who, times=len(times))
    ago = msg("the last time: {seconds} s ago", seconds=max(int(state.time - times[-1]), 0))
    return failed(summary, ago, hint=hint, settling=True)


def _to_micros(stamp: str) -> str:
    """Containers' times have nanoseconds; Python's, microseconds."""
    return re.sub(r"(\.\d{6})\d+", r"\1", stamp)
