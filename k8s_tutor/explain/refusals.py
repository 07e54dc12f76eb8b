"""What controllers were refused when they made something: quota, limits, Pod security, rights, validation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, says, seen
from k8s_tutor.explain.nodes import Told
from k8s_tutor.explain.pods_scheduling import claim_names
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg, msg_template
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.types import Obj

__all__ = ["lost", "refused", "terminating", "unbound"]

_QUOTA = re.compile(r"exceeded quota: ([^,]+), requested: (.*?), used: (.*?), limited: ([^,]+(?:,[^,]+)*)$")
_MUST_SAY = re.compile(r"failed quota: ([^:]+): must specify (.+)$")
_SECURITY = re.compile(r'violates PodSecurity "([^"]+)": (.+)$', re.DOTALL)
_LIMITS = re.compile(r"(maximum|minimum) (\S+) usage per (\w+) is ([^,. ]+)")
_ACCOUNT = re.compile(r"error looking up service account ([^/]+)/([^:]+):")
_BROKEN = {
    "maximum": msg_template("its Pods break the maximum of {resource} in this namespace ({limit})"),
    "minimum": msg_template("its Pods break the minimum of {resource} in this namespace ({limit})"),
}
_CREATES = ("FailedCreate", "FailedCreatePodSandbox")


def refused(case: Case, obj: Obj) -> Finding | None:
    """Pods that a ReplicaSet, a Job, … could not make, as the event says."""
    event = case.event(obj, *_CREATES)
    if event is None or _overtaken(case, obj, event):
        return None
    message = event.key("message")
    steps = [seen(message, msg("It could not make a Pod: the API server refused it."))]
    cause, more, command = _why(case, obj, message)
    return Finding(cause, (*steps, *more), command)


def _overtaken(case: Case, obj: Obj, event: Field) -> bool:
    """Whether a Pod has been made since: what was refused then is of no concern now."""
    later = case.event(obj, "SuccessfulCreate")
    wanted, has = field_of(obj, "spec.replicas"), field_of(obj, "status.replicas")
    if wanted and has.number >= wanted.number:
        return True
    return later is not None and not wanted and _when(later) > _when(event)


def _when(event: Field) -> str:
    return event.key("lastTimestamp").text or event.key("eventTime").text


def _why(case: Case, obj: Obj, message: Field) -> Told:
    words = message.text
    for pattern, tell in _REFUSALS:
        if found := pattern.search(words):
            return tell(case, obj, found)
    invalid = "Invalid value" in words or "is invalid" in words
    cause = msg("the Pods that it is to make are not valid") if invalid else msg("it may not make its Pods")
    return cause, [], case.kubectl(f"describe {_word(obj)} {metadata.name(obj)}", obj)


def _beyond_limits(case: Case, obj: Obj, found: re.Match[str]) -> Told:
    namespace = metadata.namespace(obj)
    cause = _BROKEN[found[1]].fill(
        resource=found[2],
        limit=found[4],
    )
    steps = [
        seen(row.key("max" if found[1] == "maximum" else "min").key(found[2]), msg("The LimitRange allows no other."))
        for limits in case.of("LimitRange", namespace)
        for row in field_of(limits, "spec.limits").items()
        if row.key("max" if found[1] == "maximum" else "min").key(found[2])
    ]
    return cause, steps, case.kubectl("describe limitrange", obj)


def _without_account(case: Case, obj: Obj, found: re.Match[str]) -> Told:
    namespace = metadata.namespace(obj)
    place = _template(obj).key("serviceAccountName")
    near = case.near("ServiceAccount", found[2], namespace)
    hint = (
        msg("Its Pods are to act as this account; there is {near}.", near=near)
        if near
        else msg("Its Pods are to act as this account.")
    )
    return (
        msg("there is no ServiceAccount {name}", name=found[2]),
        [seen(place, hint)],
        case.kubectl("get serviceaccounts", obj),
    )


def _over_quota(case: Case, obj: Obj, found: re.Match[str]) -> Told:
    resource = found[2].partition("=")[0]
    words = msg(
        "The quota allows that much {resource} in the namespace, and {used} is used.", resource=resource, used=found[3]
    )
    steps = _of_quota(case, metadata.namespace(obj), found[1], words, resource)
    cause = msg("ResourceQuota {name} is used up: {resource}", name=found[1], resource=resource)
    return cause, steps, case.kubectl(f"describe quota {found[1]}", obj)


def _of_quota(case: Case, namespace: str, name: str, words: Message, resource: str = "") -> list[Evidence]:
    quota = case.find("ResourceQuota", name, namespace)
    if quota is None:
        return []
    hard = field_of(quota, "spec.hard")
    return [seen(hard.key(resource) if resource else hard, words)]


def _unsaid(case: Case, obj: Obj, found: re.Match[str]) -> Told:
    namespace = metadata.namespace(obj)
    steps = _of_quota(
        case, namespace, found[1], msg("The quota counts {what}, so each Pod must say how much.", what=found[2])
    )
    cause = msg("ResourceQuota {name} wants each Pod to say its {what}", name=found[1], what=found[2])
    return cause, steps, case.kubectl(f"describe quota {found[1]}", obj)


def _insecure(case: Case, obj: Obj, found: re.Match[str]) -> Told:
    level = found[1].partition(":")[0]
    namespace = case.find("Namespace", metadata.namespace(obj))
    steps = []
    if namespace is not None:
        label = field_of(namespace, "metadata.labels").key("pod-security.kubernetes.io/enforce")
        steps.append(seen(label, msg("The namespace lets in only Pods of this level.")))
    steps.append(seen(_template(obj).key("containers"), msg("Its Pods do not meet it: {why}", why=found[2])))
    cause = msg("its Pods are less safe than the namespace demands ({level})", level=level)
    return cause, steps, f"kubectl get namespace {metadata.namespace(obj)} --show-labels"


def _template(obj: Obj) -> Field:
    return field_of(obj, "spec.template.spec")


def _word(obj: Obj) -> str:
    return str(obj.get("kind", "")).lower()


_REFUSALS: tuple[tuple[re.Pattern[str], Callable[[Case, Obj, re.Match[str]], Told]], ...] = (
    (_QUOTA, _over_quota),
    (_MUST_SAY, _unsaid),
    (_SECURITY, _insecure),
    (_LIMITS, _beyond_limits),
    (_ACCOUNT, _without_account),
)
"""The API server's words, and who tells of them."""


# ---- What is being deleted and does not go: finalizers, time to end, contents, those who still use it

_WHO: Mapping[str, Message] = {
    "kubernetes.io/pvc-protection": msg("Kubernetes takes this off when no Pod uses the claim any more."),
    "kubernetes.io/pv-protection": msg("Kubernetes takes this off when no claim is bound to the volume any more."),
    "foregroundDeletion": msg("Kubernetes takes this off when everything that it owns is gone."),
    "orphan": msg("Kubernetes takes this off when what it owns has been let go."),
    "service.kubernetes.io/load-balancer-cleanup": msg(
        "Who gave the address takes this off when the address is taken back."
    ),
    "batch.kubernetes.io/job-tracking": msg("The Job's controller takes this off when it has counted the Pod."),
}
_CONTENTS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure")


def terminating(case: Case, obj: Obj) -> Finding | None:
    """An object with a deletion time that is still there."""
    if not metadata.is_deleting(obj):
        return None
    steps = [seen(field_of(obj, "metadata.deletionTimestamp"), msg("It is to be gone by then."))]
    kind = str(obj.get("kind", ""))
    if kind == "Namespace":
        return _namespace(obj, steps)
    finalizers = list(field_of(obj, "metadata.finalizers").items())
    if finalizers:
        return _held(case, obj, finalizers[0], steps)
    if kind == "Pod":
        return _pod(case, obj, steps)
    return Finding(msg("it is on its way out"), tuple(steps), case.kubectl(_get(obj), obj), State.LEAVING)


def _held(case: Case, obj: Obj, finalizer: Field, steps: list[Evidence]) -> Finding:
    known = _WHO.get(finalizer.text)
    words = (
        known
        if known
        else msg("It stays until whoever put this here takes it off; Kubernetes itself does not know it.")
    )
    more = [seen(finalizer, words)]
    cause = msg("a finalizer holds it: {name}", name=finalizer.text)
    if finalizer.text == "kubernetes.io/pvc-protection":
        users = [(pod, name) for pod in case.of("Pod", metadata.namespace(obj)) for name in claim_names(pod)]
        used = [name for _, name in users if name.text == metadata.name(obj)]
        more += [seen(name, msg("This Pod uses it.")) for name in used[:3]]
        cause = msg("a Pod still uses it") if used else cause
    return Finding(cause, (*steps, *more), case.kubectl(_get(obj), obj), State.LEAVING)


def _pod(case: Case, pod: Obj, steps: list[Evidence]) -> Finding:
    name = field_of(pod, "spec.nodeName")
    node = case.find("Node", name.text) if name else None
    if node is not None and condition(node, "Ready") and not says(node, "Ready", "True"):
        steps.append(
            seen(
                condition(node, "Ready").key("status"),
                msg("Its node does not answer: nobody says that the containers have ended."),
            )
        )
        command = case.kubectl(f"delete pod {metadata.name(pod)} --force --grace-period=0", pod)
        return Finding(msg("its node {node} does not answer", node=name.text), tuple(steps), command, State.LEAVING)
    grace = field_of(pod, "metadata.deletionGracePeriodSeconds")
    steps.append(seen(grace, msg("So many seconds its containers have to end by themselves; then they are killed.")))
    command = case.kubectl(f"get pod {metadata.name(pod)} --watch", pod)
    return Finding(msg("its containers are given time to end"), tuple(steps), command, State.LEAVING)


def _namespace(obj: Obj, steps: list[Evidence]) -> Finding:
    cause: Message = msg("what is in it is being removed")
    for kind in _CONTENTS:
        if says(obj, kind, "True"):
            steps.append(seen(condition(obj, kind).key("message"), msg("So says its controller.")))
            cause = msg("something in it does not go")
    command = f"kubectl get namespace {metadata.name(obj)} -o yaml"
    return Finding(cause, tuple(steps), command, State.LEAVING)


def _get(obj: Obj) -> str:
    return f"get {str(obj.get('kind', '')).lower()} {metadata.name(obj)} -o yaml"


# ---- Claims without a volume: no class, a class that is not there, no volume that fits, or nobody has asked yet

_MOST = 3


def lost(case: Case, claim: Obj) -> Finding | None:
    """Its volume has gone."""
    phase = field_of(claim, "status.phase")
    if phase.value != "Lost":
        return None
    steps = (
        seen(phase, msg("The claim had a volume, and has it no more.")),
        seen(field_of(claim, "spec.volumeName"), msg("This volume is gone, and its data with it.")),
    )
    return Finding(msg("its volume is gone"), steps, "kubectl get pv")


def unbound(case: Case, claim: Obj) -> Finding | None:
    """It has no volume yet."""
    phase = field_of(claim, "status.phase")
    if phase.value not in ("Pending", None):
        return None
    steps = [seen(phase, msg("The claim has no volume yet."))]
    cause, more, command = _why_unbound(case, claim)
    event = case.event(claim, "ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer", "ExternalProvisioning")
    if event is not None:
        steps.append(seen(event.key("message"), msg("So says who looks for one.")))
    return Finding(cause, (*steps, *more), command, State.WAITING)


def _why_unbound(case: Case, claim: Obj) -> tuple[Message, list[Evidence], str]:
    name = field_of(claim, "spec.storageClassName")
    class_ = case.find("StorageClass", name.text) if name.text else None
    named = field_of(claim, "spec.volumeName")
    if named.text:
        return _named(case, claim, named.text)
    if not name.text:
        cause = msg("it names no StorageClass, and no volume without one fits it")
        step = seen(name, msg("It has no StorageClass: nobody makes a volume for it."))
        return cause, [step, *_others(case, claim)], "kubectl get storageclass,pv"
    if class_ is None:
        return _classless(case, claim, name.text)
    mode = field_of(class_, "volumeBindingMode")
    if mode.text == "WaitForFirstConsumer" and not _users(case, claim):
        step = seen(mode, msg("Volumes of this class are chosen when the first Pod mounts the claim."))
        return msg("no Pod mounts it yet"), [step], case.kubectl(f"describe pvc {metadata.name(claim)}", claim)
    provisioner = field_of(class_, "provisioner")
    if provisioner.text == "kubernetes.io/no-provisioner":
        step = seen(provisioner, msg("Nobody makes volumes of this class: one has to be there."))
        return msg("no volume fits it"), [step, *_others(case, claim)], "kubectl get pv"
    step = seen(provisioner, msg("This one makes volumes of the class, and has not made one yet."))
    command = case.kubectl(f"describe pvc {metadata.name(claim)}", claim)
    return msg("its volume has not been made yet"), [step], command


def _classless(case: Case, claim: Obj, name: str) -> tuple[Message, list[Evidence], str]:
    """There is no such class. That is no mistake where volumes of the same word are made by hand."""
    near = case.near("StorageClass", name)
    words = msg("There is no class of this name.")
    if near:
        words = msg("There is no class of this name; there is {near}.", near=near)
    step = seen(field_of(claim, "spec.storageClassName"), words)
    others = _others(case, claim)
    if any(volumes.class_of(volume) == name for volume in case.snapshot.of("PersistentVolume")):
        return msg("no volume of its class {name} fits it", name=name), [step, *others], "kubectl get pv"
    return msg("there is no StorageClass {name}", name=name), [step], "kubectl get storageclass"


def _named(case: Case, claim: Obj, name: str) -> tuple[Message, list[Evidence], str]:
    volume = case.find("PersistentVolume", name)
    place = field_of(claim, "spec.volumeName")
    if volume is None:
        step = seen(place, msg("It wants this very volume, and there is none of that name."))
        return msg("there is no volume {name}", name=name), [step], "kubectl get pv"
    steps = [seen(place, msg("It wants this very volume.")), *_misfit(volume, claim)]
    return msg("the volume {name} that it wants is not for it", name=name), steps, f"kubectl describe pv {name}"


def _others(case: Case, claim: Obj) -> list[Evidence]:
    """Why each of the volumes that there are will not do."""
    found = [step for volume in case.snapshot.of("PersistentVolume") for step in _misfit(volume, claim)]
    return found[:_MOST]


def _misfit(volume: Obj, claim: Obj) -> list[Evidence]:
    taken = field_of(volume, "spec.claimRef.name")
    if taken and not volumes.reserved_for(volume, claim):
        return [seen(taken, msg("This volume is another claim's."))]
    why = volumes.misfit(volume, claim)
    if why == "requested PV is too small":
        size = field_of(claim, "spec.resources.requests.storage").text
        return [
            seen(
                field_of(volume, "spec.capacity.storage"),
                msg("This volume is too small: {size} are wanted.", size=size),
            )
        ]
    if why == "storageClassName does not match":
        place = field_of(volume, "spec.storageClassName")
        return [seen(place, msg("This volume is of another class."))]
    if why == "incompatible volumeMode":
        return [seen(field_of(volume, "spec.volumeMode"), msg("This volume is of another mode."))]
    if why == "incompatible accessMode":
        modes = ", ".join(str(mode) for mode in field_of(claim, "spec.accessModes").value or ())
        return [seen(field_of(volume, "spec.accessModes"), msg("This volume does not allow {modes}.", modes=modes))]
    return []


def _users(case: Case, claim: Obj) -> list[Obj]:
    return [
        pod
        for pod in case.of("Pod", metadata.namespace(claim))
        if any(name.text == metadata.name(claim) for name in claim_names(pod))
    ]
