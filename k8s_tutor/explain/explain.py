"""The door: from a name (or two) and a snapshot to an explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from k8s_tutor.explain import nodes, pods_running, pods_scheduling, pods_waiting, refusals, services, workloads
from k8s_tutor.explain.case import Case, Log, Rule, silent, well_formed
from k8s_tutor.explain.explanation import Evidence, Explanation, Field, Finding, condition, field_of, seen
from k8s_tutor.explain.healthy import well
from k8s_tutor.explain.pods_scheduling import claim_names
from k8s_tutor.explain.services import backend_services
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.services import SERVICE_NAME
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["RULES", "explain", "line"]


# ---- Why there is a line between two objects, or none: the fields on both sides that make it


def line(case: Case, one: Obj, other: Obj) -> Finding:
    """The line between two objects, in whichever order they were named."""
    kinds = (str(one.get("kind", "")), str(other.get("kind", "")))
    if kinds in _LINES:
        return _LINES[kinds](case, one, other)
    if kinds[::-1] in _LINES:
        return _LINES[kinds[::-1]](case, other, one)
    for owner, owned in ((one, other), (other, one)):
        if (place := _owner(owner, owned)) is not None:
            return _owns(case, owner, owned, place)
    words = msg("Nothing in it names {other}.", other=metadata.title(other))
    steps = (
        seen(field_of(one, "metadata.name"), words),
        seen(field_of(other, "metadata.name"), msg("Nothing in it names {other}.", other=metadata.title(one))),
    )
    return Finding(
        msg("neither names the other"),
        steps,
        case.kubectl(f"get {kinds[0].lower()} {metadata.name(one)} -o yaml", one),
        State.PLAIN,
    )


# ---- Service and Pod: labels, endpoint, readiness


def _service_pod(case: Case, service: Obj, pod: Obj) -> Finding:
    selector = field_of(service, "spec.selector")
    command = case.kubectl(f"get pod {metadata.name(pod)} --show-labels", pod)
    if metadata.namespace(service) != metadata.namespace(pod):
        steps = (
            seen(
                field_of(service, "metadata.namespace"),
                msg("The Service is in this namespace, and sees only Pods of it."),
            ),
            seen(field_of(pod, "metadata.namespace"), msg("The Pod is in another.")),
        )
        return Finding(msg("they are in different namespaces"), steps, command)
    if not selector.value:
        return Finding(
            msg("the Service has no selector"),
            (seen(selector, msg("It has no selector: it looks for no Pods.")),),
            command,
        )
    if not services.selects(service, pod):
        return _labels_differ(selector, pod, command)
    return _endpoint(case, service, pod)


def _labels_differ(selector: Field, pod: Obj, command: str) -> Finding:
    steps: list[Evidence] = []
    cause: Message = msg("the labels do not match")
    for key, wanted in selector.entries():
        has = field_of(pod, "metadata.labels").key(key)
        if has.value != wanted.value:
            steps.append(seen(wanted, msg("The Service wants {key}={value}.", key=key, value=wanted.text)))
            words = (
                msg("The Pod has {key}={value}.", key=key, value=has.text)
                if has
                else msg("The Pod has no label {key}.", key=key)
            )
            steps.append(seen(has, words))
            cause = msg("the Service wants {key}={value}, and the Pod has not got that", key=key, value=wanted.text)
    return Finding(cause, tuple(steps), command)


def _endpoint(case: Case, service: Obj, pod: Obj) -> Finding:
    selector = field_of(service, "spec.selector")
    steps = [
        seen(selector, msg("The Service looks for these labels.")),
        seen(field_of(pod, "metadata.labels"), msg("The Pod has them.")),
    ]
    place = services.endpoint_of(case, service, pod)
    command = case.kubectl(f"get endpointslices -l {SERVICE_NAME}={metadata.name(service)} -o yaml", service)
    if place is not None:
        ready = place.at("conditions.ready")
        if ready.value is not False:
            steps.append(seen(ready, msg("Its endpoint says: ready. Requests go there.")))
            return _reaches(case, service, pod, steps, command)
        steps.append(seen(ready, msg("Its endpoint says: not ready. Nothing is sent there.")))
    elif field_of(pod, "status.phase").value in ("Succeeded", "Failed"):
        steps.append(seen(field_of(pod, "status.phase"), msg("It has ended: nobody is there to ask.")))
        return Finding(msg("the Pod has ended"), tuple(steps), command)
    elif not field_of(pod, "status.podIP"):
        steps.append(seen(field_of(pod, "status.podIP"), msg("It has no address yet.")))
    found = case.finding(pod)
    if found is not None:
        return Finding(msg("the Pod is not ready: {why}", why=found.cause), (*steps, *found.steps), found.next_command)
    return Finding(msg("the Pod is not among its endpoints yet"), tuple(steps), command, State.WAITING)


def _reaches(case: Case, service: Obj, pod: Obj, steps: list[Evidence], command: str) -> Finding:
    wrong = services.port_of_nobody(case, service)
    if wrong is not None:
        return wrong.behind(*steps)
    steps.append(seen(condition(pod, "Ready").key("status"), msg("The Pod says that it is ready.")))
    return Finding(msg("the labels match, and the Pod is ready"), tuple(steps), command, State.GOOD)


# ---- Owners


def _owner(owner: Obj, owned: Obj) -> Field | None:
    place = field_of(owned, "metadata.ownerReferences").item(uid=metadata.uid(owner))
    return place.key("uid") if place and metadata.uid(owner) else None


def _owns(case: Case, owner: Obj, owned: Obj, place: Field) -> Finding:
    steps = (
        seen(place, msg("It names {owner} as its owner: it goes when that goes.", owner=metadata.title(owner))),
        seen(field_of(owner, "metadata.uid"), msg("This very one.")),
    )
    command = case.kubectl(f"get {str(owned.get('kind', '')).lower()} {metadata.name(owned)} -o yaml", owned)
    return Finding(
        msg("{owner} owns {owned}", owner=metadata.title(owner), owned=metadata.title(owned)),
        steps,
        command,
        State.GOOD,
    )


# ---- Names: who mentions whom


def _named(places: list[Field], other: Obj, case: Case, one: Obj, words: Message) -> Finding:
    """A line that a name makes."""
    command = case.kubectl(f"get {str(one.get('kind', '')).lower()} {metadata.name(one)} -o yaml", one)
    for place in places:
        if place.text == metadata.name(other):
            found = (seen(place, words), seen(field_of(other, "metadata.name"), msg("It goes by this name.")))
            return Finding(msg("one names the other"), found, command, State.GOOD)
    steps = tuple(seen(place, msg("It names this one instead.")) for place in places[:3])
    nothing = seen(field_of(one, "spec"), msg("Nothing in it names {other}.", other=metadata.title(other)))
    cause = msg("{one} does not name {other}", one=metadata.title(one), other=metadata.title(other))
    return Finding(cause, steps or (nothing,), command)


def _ingress_service(case: Case, ingress: Obj, service: Obj) -> Finding:
    return _named(
        list(backend_services(ingress)), service, case, ingress, msg("Requests go to the Service of this name.")
    )


def _pod_claim(case: Case, pod: Obj, claim: Obj) -> Finding:
    return _named(list(claim_names(pod)), claim, case, pod, msg("The Pod mounts the claim of this name."))


def _claim_volume(case: Case, claim: Obj, volume: Obj) -> Finding:
    place = field_of(claim, "spec.volumeName")
    return _named([place] if place else [], volume, case, claim, msg("The claim has this volume."))


def _scaler_target(case: Case, scaler: Obj, workload: Obj) -> Finding:
    place = field_of(scaler, "spec.scaleTargetRef.name")
    return _named([place] if place else [], workload, case, scaler, msg("It scales what goes by this name."))


def _pod_node(case: Case, pod: Obj, node: Obj) -> Finding:
    place = field_of(pod, "spec.nodeName")
    if not place and (found := case.finding(pod)) is not None:
        return found
    return _named([place] if place else [], node, case, pod, msg("The scheduler has chosen this node."))


def _service_workload(case: Case, service: Obj, workload: Obj) -> Finding:
    """A Service knows no Deployment: it means the Pods that this one makes."""
    template = field_of(workload, "spec.template.metadata.labels")
    pod = {"metadata": {"labels": template.value or {}, "namespace": metadata.namespace(workload)}}
    selector = field_of(service, "spec.selector")
    if services.selects(service, pod):
        steps = (
            seen(selector, msg("The Service looks for these labels.")),
            seen(template, msg("Each Pod that it makes has them.")),
        )
        command = case.kubectl(f"get endpointslices -l {SERVICE_NAME}={metadata.name(service)}", service)
        return Finding(msg("its Pods have the labels that the Service looks for"), steps, command, State.GOOD)
    steps = (
        seen(selector, msg("The Service looks for these labels.")),
        seen(template, msg("Pods that it makes have these.")),
    )
    return Finding(
        msg("its Pods have not the labels that the Service looks for"),
        steps,
        case.kubectl("get pods --show-labels", service),
    )


def _owner_pod(case: Case, workload: Obj, pod: Obj) -> Finding:
    """A Deployment owns its Pods by way of its ReplicaSets."""
    for between in (*case.owned(workload, "ReplicaSet"), *case.owned(workload, "Job")):
        if (place := _owner(between, pod)) is not None and (first := _owner(workload, between)) is not None:
            found = _owns(case, between, pod, place)
            return found.behind(seen(first, msg("It names {owner} as its owner.", owner=metadata.title(workload))))
    rows = list(field_of(pod, "metadata.ownerReferences").items())
    steps = [seen(row.key("name"), msg("It belongs to this {kind}.", kind=row.key("kind").text)) for row in rows]
    nothing = seen(field_of(pod, "metadata.name"), msg("It has no owner: nobody makes another when it goes."))
    command = case.kubectl(f"get pod {metadata.name(pod)} -o yaml", pod)
    cause = msg("{owner} is not its owner", owner=metadata.title(workload))
    return Finding(cause, tuple(steps) or (nothing,), command)


_LINES: Mapping[tuple[str, str], Callable[[Case, Obj, Obj], Finding]] = {
    ("Service", "Pod"): _service_pod,
    ("Ingress", "Service"): _ingress_service,
    ("Pod", "PersistentVolumeClaim"): _pod_claim,
    ("PersistentVolumeClaim", "PersistentVolume"): _claim_volume,
    ("Pod", "Node"): _pod_node,
    ("Deployment", "Pod"): _owner_pod,
    ("CronJob", "Pod"): _owner_pod,
    **{("HorizontalPodAutoscaler", kind): _scaler_target for kind in ("Deployment", "ReplicaSet", "StatefulSet")},
    **{("Service", kind): _service_workload for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")},
}


# ---- The door: from a name (or two) and a snapshot to an explanation

# ---- The table of causes: one row each. For an object, the first row that finds something is the answer

_WORKLOADS = ("ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job")

RULES: tuple[Rule, ...] = (
    Rule("being deleted", (), refusals.terminating),
    # Pods, from before they have a node to when they run
    Rule("scheduling gates", ("Pod",), pods_scheduling.gated),
    Rule("no such scheduler", ("Pod",), pods_scheduling.unnoticed),
    Rule("no node", ("Pod",), pods_scheduling.unschedulable),
    Rule("node lost", ("Pod",), pods_running.node_lost),
    Rule("thrown out", ("Pod",), pods_running.thrown_out),
    Rule("not created", ("Pod",), pods_waiting.not_created),
    Rule("ended badly", ("Pod",), pods_running.ended_badly),
    Rule("init container", ("Pod",), pods_waiting.initializing),
    Rule("not mounted", ("Pod",), pods_waiting.not_mounted),
    Rule("not ready", ("Pod",), pods_running.not_ready),
    # Services, and what leads to them
    Rule("no selector", ("Service",), services.without_selector),
    Rule("nobody selected", ("Service",), services.nobody_selected),
    Rule("nobody ready", ("Service",), services.nobody_ready),
    Rule("port of nobody", ("Service",), services.port_of_nobody),
    Rule("no address", ("Service",), services.pending),
    Rule("broken backend", ("Ingress",), services.broken_backend),
    Rule("no controller", ("Ingress",), services.unserved),
    Rule("its Service", ("EndpointSlice",), services.of_service),
    # What keeps Pods
    Rule("paused", ("Deployment",), workloads.paused),
    Rule("rollout", ("Deployment",), workloads.rolling_out),
    Rule("suspended Job", ("Job",), workloads.idle),
    Rule("refused", _WORKLOADS, refusals.refused),
    Rule("failed Job", ("Job",), workloads.failed),
    Rule("next ordinal", ("StatefulSet",), workloads.next_ordinal),
    Rule("on no node", ("DaemonSet",), workloads.nowhere),
    Rule("ailing Pods", _WORKLOADS, workloads.ailing_pods),
    Rule("suspended CronJob", ("CronJob",), workloads.suspended),
    Rule("last Job", ("CronJob",), workloads.last_job),
    Rule("missed", ("CronJob",), workloads.missed),
    # Others
    Rule("lost volume", ("PersistentVolumeClaim",), refusals.lost),
    Rule("no volume", ("PersistentVolumeClaim",), refusals.unbound),
    Rule("no target", ("HorizontalPodAutoscaler",), workloads.unable),
    Rule("no numbers", ("HorizontalPodAutoscaler",), workloads.blind),
    Rule("bounded", ("HorizontalPodAutoscaler",), workloads.bounded),
    Rule("node not ready", ("Node",), nodes.not_ready),
    Rule("pressure", ("Node",), nodes.under_pressure),
    Rule("cordoned", ("Node",), nodes.cordoned),
)


# ---- The door: from a name (or two) and a snapshot to an explanation


def explain(snapshot: Snapshot, ref: str, other: str = "", *, namespace: str = "", log: Log = silent) -> Explanation:
    """Why an object is as it is; of two objects, why there is a line between them, or none.

    Args:
        snapshot: The objects and the Events about them. Nodes can be told of in full only with all namespaces.
        ref: `pod/web`, as a person says it; a bare name is a Pod's. A name of another namespace: `pod/shop/web`.
        other: The second object.
        namespace: The one that the person is in; by default the snapshot's, else `default`.
        log: Gives the last line of a container.
    """
    objects = [well_formed(obj) for obj in snapshot.objects]
    clean = Snapshot(objects, time=snapshot.time, namespace=snapshot.namespace, missing=snapshot.missing)
    case = Case(clean, namespace or snapshot.namespace or "default", RULES, log)
    one = _find(case, ref)
    if one is None:
        return _missing(case, ref)
    if not other:
        return _told(metadata.title(one), case.finding(one) or well(case, one))
    two = _find(case, other)
    if two is None:
        return _missing(case, other)
    found = line(case, one, two)
    return replace(_told(f"{metadata.title(one)} → {metadata.title(two)}", found), pair=True)


def _told(subject: str, found: Finding) -> Explanation:
    return Explanation(subject, found.steps, found.cause, found.next_command, found.state)


def _parts(ref: str) -> tuple[str, str, str]:
    """Kind's word, namespace and name in a reference."""
    words = ref.replace("/", " ").split()
    if len(words) > 2:
        return words[0], words[1], words[2]
    if len(words) == 2:
        return words[0], "", words[1]
    return "pods", "", words[0] if words else ""


def _find(case: Case, ref: str) -> Obj | None:
    word, namespace, name = _parts(ref)
    for obj in case.snapshot.of(word):
        wanted = (namespace or case.namespace) if metadata.namespace(obj) else ""
        if metadata.name(obj) == name and metadata.namespace(obj) == wanted:
            return obj
    return None


def _missing(case: Case, ref: str) -> Explanation:
    """Not there: the nearest name, or the namespace in which it is."""
    word, namespace, name = _parts(ref)
    kind = case.snapshot.kind_of(word) or word
    subject = f"{kind} {name}".rstrip()
    served = builtin_kinds().find(word)
    plural = served.plural if served else word
    where = namespace or case.namespace
    elsewhere = next((obj for obj in case.snapshot.of(word) if metadata.name(obj) == name), None)
    if elsewhere is not None:
        step = seen(field_of(elsewhere, "metadata.namespace"), msg("There is one of this name in another namespace."))
        command = f"kubectl get {plural} {name} -n {metadata.namespace(elsewhere)}"
        cause = msg("namespace {namespace} has none of this name", namespace=where)
        return Explanation(subject, (step,), cause, command, State.ABSENT)
    there = [obj for obj in case.snapshot.of(word) if metadata.namespace(obj) in ("", where)]
    near = case.near(kind, name, where) or case.near(kind, name)
    for obj in there:
        if near and metadata.name(obj) == near:
            step = seen(field_of(obj, "metadata.name"), msg("This name comes nearest."))
            cause = msg("nearest is {near}", near=near)
            return Explanation(subject, (step,), cause, f"kubectl get {plural} {near}", State.ABSENT)
    cause = msg("there are {count} {plural} here, and none of this name", count=len(there), plural=plural)
    if not case.was_read(kind):
        cause = msg("{plural} could not be read", plural=plural)
    return Explanation(subject, (), cause, f"kubectl get {plural}", State.ABSENT)
