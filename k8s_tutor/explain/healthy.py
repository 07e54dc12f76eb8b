"""Objects that nothing is the matter with: what they do, and why they come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.explain import services
from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, says, seen
from k8s_tutor.explain.pods_waiting import containers
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import Message, msg
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.services import SERVICE_NAME
from k8s_tutor.objects.types import Obj

__all__ = ["well"]

Telling = Callable[[Case, Obj], Finding]


def well(case: Case, obj: Obj) -> Finding:
    """What an object does, where no rule finds anything the matter with it."""
    found = _KINDS.get(str(obj.get("kind", "")), _of_any_kind)(case, obj)
    return Finding(found.cause, (*found.steps, *_owner(obj)), found.next_command, found.state)


def _owner(obj: Obj) -> list[Evidence]:
    for row in field_of(obj, "metadata.ownerReferences").items():
        if row.key("controller").value is True:
            words = msg("It belongs to this {kind}, which makes another when it goes.", kind=row.key("kind").text)
            return [seen(row.key("name"), words)]
    return []


def _get(case: Case, obj: Obj, more: str = "") -> str:
    return case.kubectl(f"get {str(obj.get('kind', '')).lower()} {metadata.name(obj)}{more}", obj)


def _pod(case: Case, pod: Obj) -> Finding:
    phase = field_of(pod, "status.phase")
    steps = [seen(phase, msg("That is where it stands in its life."))]
    if phase.value == "Succeeded":
        code = next((row.ended.key("exitCode") for row in containers(pod) if row.ended), phase)
        steps.append(seen(code, msg("Its program ended well.")))
        return Finding(msg("its containers have done what they had to do"), tuple(steps), _logs(case, pod), State.DONE)
    if phase.value != "Running":
        return Finding(
            msg("it has just come, or nothing is known of it yet"),
            tuple(steps),
            _get(case, pod, " --watch"),
            State.WAITING,
        )
    if says(pod, "Ready", "True"):
        steps.append(
            seen(condition(pod, "Ready").key("status"), msg("It is ready: Services that select it send it requests."))
        )
    for container in containers(pod):
        if container.status.key("restartCount").number and container.ended:
            steps.append(
                seen(
                    container.status.key("restartCount"),
                    msg("Container {name} was started anew so often.", name=container.name),
                )
            )
            steps.append(seen(container.ended.key("reason"), msg("So it ended the last time.")))
    return Finding(msg("it runs and is ready"), tuple(steps), _logs(case, pod), State.GOOD)


def _logs(case: Case, pod: Obj) -> str:
    return case.kubectl(f"logs {metadata.name(pod)}", pod)


def _service(case: Case, service: Obj) -> Finding:
    spec = field_of(service, "spec")
    if spec.key("type").text == "ExternalName":
        step = seen(
            spec.key("externalName"), msg("Its name leads to this one: DNS answers so, and nothing is forwarded.")
        )
        return Finding(
            msg("it is another name for {name}", name=spec.key("externalName").text),
            (step,),
            _get(case, service),
            State.PLAIN,
        )
    steps = []
    if spec.key("selector").value:
        steps.append(seen(spec.key("selector"), msg("It sends requests to Pods with these labels.")))
    if spec.key("clusterIP").text == "None":
        steps.append(
            seen(spec.key("clusterIP"), msg("It is headless: its name leads to the addresses of the Pods themselves."))
        )
    chosen = [pod for pod in case.of("Pod", metadata.namespace(service)) if services.selects(service, pod)]
    ready = [pod for pod in chosen if says(pod, "Ready", "True")]
    steps += [
        seen(condition(pod, "Ready").key("status"), msg("This one is left out: {why}.", why=found.cause))
        for pod in chosen
        if pod not in ready and (found := case.finding(pod)) is not None
    ]
    steps += [
        seen(entry.key("ip") or entry.key("hostname"), msg("From outside it is reached at this address."))
        for entry in field_of(service, "status.loadBalancer.ingress").items()
    ]
    command = case.kubectl(f"get endpointslices -l {SERVICE_NAME}={metadata.name(service)}", service)
    cause = msg("it reaches {ready} of {count} Pods", ready=len(ready), count=len(chosen))
    return Finding(cause, tuple(steps), command, State.GOOD)


def _replicated(case: Case, obj: Obj) -> Finding:
    wanted = field_of(obj, "spec.replicas")
    ready = field_of(obj, "status.readyReplicas")
    steps = [seen(wanted, msg("So many Pods are wanted."))]
    if ready:
        steps.append(seen(ready, msg("So many are ready.")))
    if wanted.value == 0:
        return Finding(msg("no Pods are wanted"), tuple(steps), _get(case, obj), State.PLAIN)
    if ready.number < wanted.number:
        return Finding(
            msg(
                "{ready} of {wanted} Pods are ready, the others are on their way",
                ready=ready.number,
                wanted=wanted.text,
            ),
            tuple(steps),
            _get(case, obj, " --watch"),
            State.WAITING,
        )
    return Finding(
        msg("{ready} of {wanted} Pods are ready", ready=ready.number, wanted=wanted.text),
        tuple(steps),
        _get(case, obj),
        State.GOOD,
    )


def _daemons(case: Case, obj: Obj) -> Finding:
    wanted, ready = field_of(obj, "status.desiredNumberScheduled"), field_of(obj, "status.numberReady")
    steps = (seen(wanted, msg("It is to run on so many nodes.")), seen(ready, msg("On so many it is ready.")))
    return Finding(
        msg("it is ready on {ready} of {wanted} nodes", ready=ready.number, wanted=wanted.number),
        steps,
        _get(case, obj, " -o wide"),
        State.GOOD,
    )


def _job(case: Case, job: Obj) -> Finding:
    for kind, cause, state in (
        ("Complete", msg("it is complete"), State.DONE),
        ("Failed", msg("it has failed"), State.FAILING),
    ):
        if says(job, kind, "True"):
            step = seen(condition(job, kind).key("status"), msg("So its controller says: {kind}.", kind=kind))
            return Finding(cause, (step,), case.kubectl(f"logs job/{metadata.name(job)}", job), state)
    active = field_of(job, "status.active")
    return Finding(
        msg("it is at work"),
        (seen(active, msg("So many of its Pods are at work.")),),
        _get(case, job, " --watch"),
        State.WAITING,
    )


def _cron_job(case: Case, cron: Obj) -> Finding:
    schedule = field_of(cron, "spec.schedule")
    steps = [seen(schedule, msg("At these times it starts a Job."))]
    if last := field_of(cron, "status.lastScheduleTime"):
        steps.append(seen(last, msg("Then it did so last.")))
    return Finding(
        msg("it starts a Job at {schedule}", schedule=schedule.text),
        tuple(steps),
        case.kubectl("get jobs", cron),
        State.GOOD,
    )


def _node(case: Case, node: Obj) -> Finding:
    step = seen(condition(node, "Ready").key("status"), msg("Its kubelet says that it is ready."))
    return Finding(msg("it runs Pods"), (step,), f"kubectl describe node {metadata.name(node)}", State.GOOD)


def _claim(case: Case, claim: Obj) -> Finding:
    steps = (
        seen(field_of(claim, "status.phase"), msg("It has its volume.")),
        seen(field_of(claim, "spec.volumeName"), msg("It is this one.")),
    )
    return Finding(msg("it has a volume"), steps, _get(case, claim), State.GOOD)


def _quota(case: Case, quota: Obj) -> Finding:
    steps: list[Evidence] = []
    full: list[str] = []
    for name, hard in field_of(quota, "status.hard").entries():
        used = field_of(quota, "status.used").key(name)
        steps.append(seen(used, msg("So much {name} is used, of {hard}.", name=name, hard=hard.text)))
        if used.text == hard.text:
            full.append(name)
    command = case.kubectl(f"describe quota {metadata.name(quota)}", quota)
    if full:
        return Finding(msg("{names} is used up", names=", ".join(full)), tuple(steps), command, State.UNREADY)
    return Finding(msg("there is room left"), tuple(steps), command, State.GOOD)


def _network_policy(case: Case, policy: Obj) -> Finding:
    place = field_of(policy, "spec.podSelector")
    chosen = [pod for pod in case.of("Pod", metadata.namespace(policy)) if _meant(place, pod)]
    words: Message = msg(
        "{count} Pods are meant. Traffic is kept away by the cluster's network: not by the embedded cluster's.",
        count=len(chosen),
    )
    return Finding(
        msg("it is about {count} Pods", count=len(chosen)),
        (seen(place, words),),
        case.kubectl(f"describe networkpolicy {metadata.name(policy)}", policy),
        State.PLAIN,
    )


def _meant(selector: Field, pod: Obj) -> bool:
    try:
        return selectors.matches(selector.value or {}, metadata.labels(pod))
    except selectors.SelectorError:
        return False


def _of_any_kind(case: Case, obj: Obj) -> Finding:
    rows = list(field_of(obj, "status.conditions").items())
    unmet = [row for row in rows if row.key("status").text == "False" and row.key("message")]
    steps = [seen(row.key("message"), msg("So it says of {kind}.", kind=row.key("type").text)) for row in unmet]
    if unmet:
        return Finding(
            msg("not everything that it says of itself is met"), tuple(steps), _get(case, obj, " -o yaml"), State.PLAIN
        )
    step = seen(field_of(obj, "metadata.creationTimestamp"), msg("It is there since then."))
    return Finding(
        msg("it is there, and says nothing that is the matter"), (step,), _get(case, obj, " -o yaml"), State.PLAIN
    )


_KINDS: Mapping[str, Telling] = {
    "Pod": _pod,
    "Service": _service,
    "Deployment": _replicated,
    "ReplicaSet": _replicated,
    "StatefulSet": _replicated,
    "ReplicationController": _replicated,
    "DaemonSet": _daemons,
    "Job": _job,
    "CronJob": _cron_job,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "ResourceQuota": _quota,
    "NetworkPolicy": _network_policy,
}
