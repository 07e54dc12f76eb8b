"""Rungs about Pods that several exercises share. Each returns None when that thing is as the task wants it."""

from __future__ import annotations

from collections.abc import Callable

from k8s_tutor.exercises.exercise import Rung
from k8s_tutor.exercises.objectrungs import on, there_is
from k8s_tutor.exercises.podfacts import container, container_names, last_exit, phase, summary, waiting
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, cannot_tell, failed
from k8s_tutor.objects import conditions
from k8s_tutor.objects.spelling import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["exists", "has_containers", "nothing_broken", "on_pod", "ready", "seen", "uses_image"]


def on_pod(name: str, look: Callable[[Scene, Obj], Verdict | None]) -> Rung:
    """A rung that looks at one pod; see `objectrungs.on`."""
    return on("pods", name, look)


def exists(name: str, *, gone_hint: str = "") -> Rung:
    """There is a pod of that name; see `objectrungs.there_is`."""
    near = f"A name is taken letter by letter. Change `metadata.name` to `{name}` and apply again."
    return there_is("pods", f"pod `{name}`", name, near_hint=near, gone_hint=gone_hint)


def uses_image(name: str, image: str, container_name: str = "", *, hint: str = "") -> Rung:
    """A container of the pod runs an image; one with a misspelt image draws its own answer."""

    def look(_scene: Scene, pod: Obj) -> Verdict | None:
        found = container(pod, container_name)
        actual = str((found or {}).get("image", ""))
        if actual == image:
            return None
        return failed(
            f"pod/{name} runs the image `{actual}`; the task asks for `{image}`.",
            summary(pod),
            hint=hint or _image_hint(actual, image),
        )

    return on_pod(name, look)


def _image_hint(actual: str, image: str) -> str:
    name, _, tag = image.rpartition(":")
    if actual == name:
        return f"Without a tag Kubernetes takes `:latest`, whatever that is today. Write `:{tag}` behind the name."
    if nearest(actual, [image]):
        return f"Compare letter by letter: `{actual}` and `{image}`. An image may be changed in place: apply again."
    return f"Write `image: {image}` and apply again: the image is one of the few fields of a pod that may change."


def has_containers(name: str, *wanted: str, hint: str = "") -> Rung:
    """The pod has containers of these names."""

    def look(_scene: Scene, pod: Obj) -> Verdict | None:
        names = container_names(pod)
        missing = [item for item in wanted if item not in names]
        if not missing:
            return None
        return failed(
            f"pod/{name} has no container called `{missing[0]}`.",
            f"its containers: {', '.join(names)}",
            hint=hint or "`spec.containers` is a list: one entry, with name and image, for each container.",
        )

    return on_pod(name, look)


def nothing_broken(name: str) -> Rung:
    """No container waits because of an error that waiting does not mend."""

    def look(_scene: Scene, pod: Obj) -> Verdict | None:
        reason, message = waiting(pod)
        if reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName"):
            hint = "The node cannot get this image. Compare its name and tag letter by letter with the task."
            return failed(f"pod/{name} waits: {reason}.", summary(pod), hint=hint)
        if reason:
            return failed(f"pod/{name} waits: {reason}.", _exit_evidence(pod) or message, hint=_crash_hint(name))
        if phase(pod) == "Failed":
            return failed(f"pod/{name} has failed.", summary(pod), hint=_crash_hint(name))
        return None

    return on_pod(name, look)


def _exit_evidence(pod: Obj) -> str:
    code = last_exit(pod)
    return "" if code is None else f"the container ended with exit code {code}"


def _crash_hint(name: str) -> str:
    return f'The container starts and ends at once. Its last words are in `t.logs("pod/{name}", previous=True)`.'


def ready(name: str) -> Rung:
    """The pod's Ready condition is true; still on the way there is `cannot tell`, or a settling failure."""

    def look(scene: Scene, pod: Obj) -> Verdict | None:
        if conditions.is_true(pod, "Ready"):
            return None
        if conditions.status(pod, "PodScheduled") == "False":
            return failed(
                f"pod/{name} is Pending: no node can take it.",
                conditions.message(pod, "PodScheduled"),
                hint="The scheduler compares what the pod requests with what each node has left.",
                settling=True,
            )
        probe = scene.event_messages(name, "Unhealthy")
        if probe:
            return failed(
                f"pod/{name} runs, but is not ready.",
                probe[-1],
                hint=f'The probe asks, and gets no good answer. What it asks stands in `t.events("pod/{name}")`.',
                settling=True,
            )
        return cannot_tell(f"pod/{name} is still starting.", summary(pod), hint="Check again.", settling=True)

    return on_pod(name, look)


def seen(scene: Scene, name: str) -> str:
    """A pod's state in a few words, as evidence; empty where there is none."""
    pod = scene.find("pods", name)
    return summary(pod) if pod else ""
