"""Pods with a node whose containers have not started: images, configuration, commands, volumes, init containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, field_of, seen
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg, msg_template
from k8s_tutor.objects import metadata
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = ["Container", "containers", "initializing", "missing_volume", "not_created", "not_mounted", "unconfigured"]


# ---- Where things stand in a Pod: a container's row in the spec and in the status, and which of them holds it up


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a Pod.

    Attributes:
        spec: Its row in the spec.
        status: Its row in the status, not there before the kubelet has written one.
        init: It runs before the others.
    """

    spec: Field
    status: Field
    init: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.key("name").text

    @property
    def waiting(self) -> Field:
        """Why it waits: reason and message."""
        return self.status.at("state.waiting")

    @property
    def ended(self) -> Field:
        """How it ended: now, or the time before."""
        now = self.status.at("state.terminated")
        return now if now else self.status.at("lastState.terminated")

    @property
    def has_ended_before(self) -> bool:
        """Whether `ended` is about the run before the last restart."""
        return not self.status.at("state.terminated")

    @property
    def is_sidecar(self) -> bool:
        """An init container that goes on beside the others."""
        return self.init and self.spec.key("restartPolicy").text == "Always"


def containers(pod: Obj) -> Iterator[Container]:
    """A Pod's containers: those that run first, then the others."""
    for kind, init in (("initContainers", True), ("containers", False)):
        statuses = field_of(pod, f"status.{kind.removesuffix('s')}Statuses")
        for spec in field_of(pod, f"spec.{kind}").items():
            yield Container(spec, statuses.item(name=spec.key("name").text), init)


# ---- ConfigMaps and Secrets that a Pod names and that are not there, or lack the key; the nearest that is there

_NOT_FOUND = re.compile(r'(configmap|secret) "([^"]+)" not found')
_NO_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) [^/]+/(\S+)")
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}
_PLURALS = {"ConfigMap": "configmaps", "Secret": "secrets"}


def unconfigured(case: Case, pod: Obj, container: Container) -> Finding:
    """A container whose environment cannot be put together."""
    message = container.waiting.key("message")
    reason = container.waiting.key("reason")
    steps = [
        seen(reason, msg("Container {name} waits: what it is to be given is not complete.", name=container.name)),
        seen(message, msg("So says the node.")),
    ]
    cause = msg("the configuration of container {name} is not complete", name=container.name)
    command = case.kubectl(f"describe pod {metadata.name(pod)}", pod)
    if found := _NOT_FOUND.search(message.text):
        kind, name = _KINDS[found[1]], found[2]
        cause = msg("there is no {kind} {name}", kind=kind, name=name)
        steps += _named(container, kind, name)
        steps += _nearest(case, pod, kind, name)
        command = case.kubectl(f"get {_PLURALS[kind]}", pod)
    elif found := _NO_KEY.search(message.text):
        key, kind, name = found[1], found[2], found[3]
        cause = msg("{kind} {name} has no key {key}", kind=kind, name=name, key=key)
        steps += _named(container, kind, name, key)
        steps += _keys_of(case, pod, (kind, name), key)
        command = case.kubectl(f"describe {kind.lower()} {name}", pod)
    return Finding(cause, tuple(steps), command)


def missing_volume(case: Case, pod: Obj, message: str) -> tuple[Message, list[Evidence]] | None:
    """What a volume names and is not there: cause and evidence; None where the message speaks of something else."""
    if found := _NOT_FOUND.search(message):
        kind, name = _KINDS[found[1]], found[2]
        places = [place for place in _volume_names(pod, kind) if place.text == name]
        steps = [seen(place, msg("A volume of the Pod is made of it.")) for place in places]
        return msg("there is no {kind} {name}", kind=kind, name=name), steps + _nearest(case, pod, kind, name)
    if "references non-existent" in message:
        return _missing_item(case, pod, message)
    return None


def _missing_item(case: Case, pod: Obj, message: str) -> tuple[Message, list[Evidence]] | None:
    key = message.rpartition("key: ")[2].strip()
    for kind in ("ConfigMap", "Secret"):
        for place in _volume_names(pod, kind):
            items = (place.parent or place).key("items")
            for item in items.items():
                if item.key("key").text == key:
                    steps = [
                        seen(
                            item.key("key"),
                            msg("A volume of the Pod wants this key of {kind} {name}.", kind=kind, name=place.text),
                        )
                    ]
                    steps += _keys_of(case, pod, (kind, place.text), key)
                    return msg("{kind} {name} has no key {key}", kind=kind, name=place.text, key=key), steps
    return None


def _volume_names(pod: Obj, kind: str) -> Iterator[Field]:
    for volume in field_of(pod, "spec.volumes").items():
        name = volume.at("configMap.name") if kind == "ConfigMap" else volume.at("secret.secretName")
        if name:
            yield name
        for source in volume.at("projected.sources").items():
            if name := source.at("configMap.name" if kind == "ConfigMap" else "secret.name"):
                yield name


def _named(container: Container, kind: str, name: str, key: str = "") -> list[Evidence]:
    """Where the container's spec names it."""
    word = kind[0].lower() + kind[1:]
    for row in container.spec.key("env").items():
        source = row.key("valueFrom").key(f"{word}KeyRef")
        if source.key("name").text == name and (not key or source.key("key").text == key):
            variable = row.key("name").text
            words = msg("The variable {variable} is to come from there.", variable=variable)
            return [seen(source.key("key") if key else source.key("name"), words)]
    for row in container.spec.key("envFrom").items():
        if (place := row.key(f"{word}Ref").key("name")).text == name:
            return [seen(place, msg("All its keys are to become variables."))]
    return []


def _nearest(case: Case, pod: Obj, kind: str, name: str) -> list[Evidence]:
    near = case.near(kind, name, metadata.namespace(pod))
    found = case.find(kind, near, metadata.namespace(pod)) if near else None
    if found is not None:
        return [seen(field_of(found, "metadata.name"), msg("There is one of this name."))]
    elsewhere = next((obj for obj in case.snapshot.of(kind) if metadata.name(obj) == name), None)
    if elsewhere is None:
        return []
    return [
        seen(
            field_of(elsewhere, "metadata.namespace"),
            msg("There is one of this name in another namespace: a Pod sees only its own."),
        )
    ]


def _keys_of(case: Case, pod: Obj, named: tuple[str, str], key: str) -> list[Evidence]:
    kind, name = named
    found = case.find(kind, name, metadata.namespace(pod))
    if found is None:
        return []
    keys = dict(field_of(found, "data").entries())
    near = nearest(key, keys)
    if near:
        return [seen(keys[near], msg("It has the key {near}.", near=near))]
    listed = ", ".join(keys)
    words = msg("It has these keys: {keys}.", keys=listed) if keys else msg("It has no keys.")
    return [seen(field_of(found, "data").key(next(iter(keys))) if keys else field_of(found, "metadata.name"), words)]


# ---- Pods with a node whose containers have not started: images, configuration, commands, volumes, init containers

_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_CREATE = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
)
_NO_PROGRAM = re.compile(r'exec: "([^"]*)": ')


def not_created(case: Case, pod: Obj) -> Finding | None:
    """A container whose image, configuration or command is at fault."""
    for container in containers(pod):
        reason = container.waiting.key("reason")
        ended = container.ended
        if reason.text in _PULL:
            return _unpulled(case, pod, container)
        if reason.text == "CreateContainerConfigError":
            return unconfigured(case, pod, container)
        if reason.text in _CREATE:
            return _unstarted(case, pod, container, container.waiting)
        if ended.key("reason").text in _CREATE:
            return _unstarted(case, pod, container, ended)
    return None


# ---- Images


def _unpulled(case: Case, pod: Obj, container: Container) -> Finding:
    reason, image = container.waiting.key("reason"), container.spec.key("image")
    steps = [
        seen(reason, msg("Container {name} waits for its image.", name=container.name)),
        seen(image, msg("That is the image it is to run.")),
    ]
    said = _pull_message(case, pod, container)
    cause = _pull_cause(reason.text, said.text, image.text)
    words = msg("So said the registry, or whoever was asked for it.")
    if there := _THERE_IS.search(said.text):
        words = msg("So said the registry. On this cluster there is {images}.", images=there[1])
        if ";" not in there[1]:  # what was probably meant; not all that there is
            cause = msg("{cause}; there is {images}", cause=cause, images=there[1])
    if said:
        steps.append(seen(said, words))
    policy = container.spec.key("imagePullPolicy")
    if reason.text == "ErrImageNeverPull":
        steps.append(seen(policy, msg("The image may not be pulled, and the node does not have it.")))
    return Finding(cause, tuple(steps), case.kubectl(f"describe pod {metadata.name(pod)}", pod))


def _pull_message(case: Case, pod: Obj, container: Container) -> Field:
    """What was said of the pull; the back-off itself tells no reason."""
    image = container.spec.key("image").text
    for event in case.events(pod, "Failed", "InspectFailed", "ErrImageNeverPull"):
        message = event.key("message")
        if image in message.text and message.text.startswith(("Failed to pull", "Failed to apply", "Container image")):
            return message
    return container.waiting.key("message")


def _pull_cause(reason: str, said: str, image: str) -> Message:
    if reason == "InvalidImageName":
        return msg("{image} is not how an image is written", image=image)
    if reason == "ErrImageNeverPull":
        return msg("the node does not have the image {image}, and it may not be pulled", image=image)
    for words, cause in _PULL_CAUSES.items():
        if words in said:
            return cause.fill(image=image)
    return msg("its image {image} cannot be pulled", image=image)


_THERE_IS = re.compile(r"image catalogue holds (.+)\)$", re.DOTALL)
"""What the embedded cluster says of the images that it has."""
_PULL_CAUSES: Mapping[str, Message] = {
    "not found": msg_template("the registry has no image {image}"),
    "manifest unknown": msg_template("the registry has no image {image}"),
    "unauthorized": msg_template("the registry wants to know who asks for {image}"),
    "authorization failed": msg_template("the registry does not give {image} to us: it is private, or does not exist"),
    "pull access denied": msg_template("the registry does not give {image} to us: it is private, or does not exist"),
    "no such host": msg_template("there is no registry of the name in {image}"),
    "connection refused": msg_template("the registry of {image} does not answer"),
    "i/o timeout": msg_template("the registry of {image} does not answer"),
    "no basic auth": msg_template("the registry wants to know who asks for {image}"),
}


# ---- Commands


def _unstarted(case: Case, pod: Obj, container: Container, place: Field) -> Finding:
    message = place.key("message")
    steps = [
        seen(place.key("reason"), msg("Container {name} could not be started.", name=container.name)),
        seen(message, msg("So said the container runtime.")),
    ]
    program = _NO_PROGRAM.search(message.text)
    cause = msg("container {name} could not be started", name=container.name)
    if program is not None:
        cause = msg("the image of container {name} has no program {program}", name=container.name, program=program[1])
        asked = container.spec.key("command") or container.spec.key("args")
        if asked:
            steps.append(seen(asked, msg("That is what it is to run.")))
    return Finding(cause, tuple(steps), case.kubectl(f"get pod {metadata.name(pod)} -o yaml", pod))


# ---- Volumes, and the network of the Pod itself


def not_mounted(case: Case, pod: Obj) -> Finding | None:
    """Nothing has started, for something that the whole Pod needs cannot be had."""
    if any(container.status.at("state.running") or container.ended for container in containers(pod)):
        return None
    if field_of(pod, "status.phase").value not in ("Pending", None) or not field_of(pod, "spec.nodeName"):
        return None
    event = case.event(pod, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "NetworkNotReady")
    if event is None:
        return _on_the_way(case, pod)
    message = event.key("message")
    steps: list[Evidence] = [seen(_first_waiting(pod), msg("Its containers have not been made yet."))]
    steps.append(seen(message, msg("So says the node.")))
    missing = missing_volume(case, pod, message.text)
    cause = msg("what it needs before its containers start cannot be had ({reason})", reason=event.key("reason").text)
    if missing is not None:
        cause, more = missing
        steps += more
    return Finding(cause, tuple(steps), case.kubectl(f"describe pod {metadata.name(pod)}", pod), State.WAITING)


def _first_waiting(pod: Obj) -> Field:
    for container in containers(pod):
        if reason := container.waiting.key("reason"):
            return reason
    return field_of(pod, "status.phase")


def _on_the_way(case: Case, pod: Obj) -> Finding | None:
    place = _first_waiting(pod)
    if place.text not in ("ContainerCreating", "PodInitializing"):
        return None
    step = seen(place, msg("The node is making its containers."))
    command = case.kubectl(f"get pod {metadata.name(pod)} --watch", pod)
    return Finding(msg("its containers are being made"), (step,), command, State.WAITING)


# ---- Init containers


def initializing(case: Case, pod: Obj) -> Finding | None:
    """An init container that is still at work: the others wait for it."""
    for container in containers(pod):
        if container.init and not container.is_sidecar and container.status.at("state.running"):
            steps = [
                seen(_first_waiting(pod), msg("The other containers wait.")),
                seen(
                    container.status.at("state.running.startedAt"),
                    msg("Container {name} runs since then; it has to end first.", name=container.name),
                ),
            ]
            steps += _what_it_runs(container)
            command = case.kubectl(f"logs {metadata.name(pod)} -c {container.name}", pod)
            cause = msg("its init container {name} has not ended yet", name=container.name)
            return Finding(cause, tuple(steps), command, State.WAITING)
    return None


def _what_it_runs(container: Container) -> list[Evidence]:
    command = container.spec.key("command")
    return [seen(command, msg("That is what it runs."))] if command else []
