"""What keeps Pods: not as many as wanted, or not the new ones; Jobs that failed; autoscalers that do not scale."""

from __future__ import annotations

from collections.abc import Mapping

from k8s_tutor.explain.case import Case
from k8s_tutor.explain.explanation import Evidence, Field, Finding, condition, field_of, says, seen
from k8s_tutor.graph.model import State
from k8s_tutor.language.message import msg
from k8s_tutor.objects import metadata, nodeselectors
from k8s_tutor.objects.deployments import REVISION, revision_of
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import split_numbers

__all__ = [
    "ailing_pods",
    "blind",
    "bounded",
    "failed",
    "idle",
    "last_job",
    "missed",
    "next_ordinal",
    "nowhere",
    "paused",
    "rolling_out",
    "suspended",
    "unable",
]


# ---- Deployments and what else keeps Pods: why there are not as many as wanted, or not the new ones


def rolling_out(case: Case, deployment: Obj) -> Finding | None:
    """A rollout that stalls or has not come to its end: on with the newest ReplicaSet."""
    progress = condition(deployment, "Progressing")
    stalled = progress.key("status").value == "False"
    if not stalled and not says(deployment, "ReplicaFailure", "True") and _complete(deployment):
        return None
    steps: list[Evidence] = []
    if stalled:
        steps.append(
            seen(progress.key("reason"), msg("The rollout has stalled: for too long nothing has become ready."))
        )
    elif (failure := condition(deployment, "ReplicaFailure").key("reason")) and says(
        deployment, "ReplicaFailure", "True"
    ):
        steps.append(seen(failure, msg("Its Pods cannot be made.")))
    else:
        steps.append(
            seen(
                _count(deployment),
                msg("So many of its Pods are ready; {wanted} are wanted.", wanted=_wanted(deployment)),
            )
        )
    newest = _newest(case, deployment)
    found = case.finding(newest) if newest is not None else None
    if newest is not None:
        steps.append(
            seen(
                field_of(newest, "metadata.annotations").key(REVISION),
                msg("This is the ReplicaSet of the newest revision."),
            )
        )
    if found is not None:
        return (
            found.behind(*steps)
            if stalled
            else Finding(found.cause, (*steps, *found.steps), found.next_command, found.state)
        )
    if not stalled and not _late(deployment):
        return None
    command = case.kubectl(f"rollout status deployment {metadata.name(deployment)}", deployment)
    cause = msg("its rollout has stalled") if stalled else msg("its rollout is under way")
    return Finding(cause, tuple(steps), command, State.FAILING if stalled else State.WAITING)


def paused(case: Case, deployment: Obj) -> Finding | None:
    """A rollout that somebody holds."""
    place = field_of(deployment, "spec.paused")
    if place.value is not True or _updated(deployment):
        return None
    step = seen(place, msg("Changes of its template are not carried out until it is resumed."))
    command = case.kubectl(f"rollout resume deployment {metadata.name(deployment)}", deployment)
    return Finding(msg("its rollout is paused"), (step,), command, State.WAITING)


def ailing_pods(case: Case, owner: Obj) -> Finding | None:
    """The first of its Pods that something is the matter with."""
    for pod in sorted(case.owned(owner, "Pod"), key=lambda pod: split_numbers(metadata.name(pod))):
        found = case.finding(pod)
        if found is not None and found.state is not State.LEAVING:
            return found.behind(_belongs(pod, owner))
    return None


def _belongs(pod: Obj, owner: Obj) -> Evidence:
    place = field_of(pod, "metadata.ownerReferences").item(uid=metadata.uid(owner)).key("name")
    return seen(place, msg("This Pod is one of its own."))


def next_ordinal(case: Case, stateful: Obj) -> Finding | None:
    """A StatefulSet makes its Pods one after the other: which one it waits for."""
    wanted, there = _wanted(stateful), case.owned(stateful, "Pod")
    if len(there) >= wanted or field_of(stateful, "spec.podManagementPolicy").text == "Parallel":
        return None
    for pod in sorted(there, key=lambda pod: split_numbers(metadata.name(pod))):
        if not says(pod, "Ready", "True") and (found := case.finding(pod)) is not None:
            first = seen(
                _count(stateful),
                msg(
                    "{count} of {wanted} Pods are there; the next comes when the one before is ready.",
                    count=len(there),
                    wanted=wanted,
                ),
            )
            cause = msg("it waits for {pod}: {why}", pod=metadata.title(pod), why=found.cause)
            return Finding(cause, (first, _belongs(pod, stateful), *found.steps), found.next_command, State.WAITING)
    return None


def nowhere(case: Case, daemons: Obj) -> Finding | None:
    """A DaemonSet that no node is meant by."""
    status = field_of(daemons, "status.desiredNumberScheduled")
    nodes = case.snapshot.of("Node")
    if not nodes or status.value is None or status.number:
        return None
    template: Obj = {"spec": field_of(daemons, "spec.template.spec").value or {}}
    steps = [seen(status, msg("It is to run on so many nodes; there are {count}.", count=len(nodes)))]
    for node in nodes[:3]:
        steps += _why_not_here(daemons, template, node)
    return Finding(
        msg("none of the nodes is meant by it"), tuple(steps), "kubectl get nodes --show-labels", State.WAITING
    )


def _why_not_here(daemons: Obj, template: Obj, node: Obj) -> list[Evidence]:
    if not nodeselectors.matches_required(template, node):
        selector = field_of(daemons, "spec.template.spec.nodeSelector")
        place = selector if selector else field_of(daemons, "spec.template.spec.affinity")
        return [seen(place, msg("Node {node} has not the labels that it asks for.", node=metadata.name(node)))]
    for taint in nodeselectors.untolerated(template, nodeselectors.taints_of(node, ("NoSchedule", "NoExecute"))):
        place = field_of(node, "spec.taints").item(key=str(taint.get("key", ""))).key("key")
        return [seen(place, msg("The node has a taint that it does not tolerate."))]
    return []


# ---- Counting


def _newest(case: Case, deployment: Obj) -> Obj | None:
    sets = case.owned(deployment, "ReplicaSet")
    return max(sets, key=revision_of, default=None)


def _wanted(obj: Obj) -> int:
    place = field_of(obj, "spec.replicas")
    return place.number if place else 1


def _count(obj: Obj) -> Field:
    ready = field_of(obj, "status.readyReplicas")
    return ready if ready else field_of(obj, "status.replicas") or field_of(obj, "spec.replicas")


def _complete(obj: Obj) -> bool:
    return _updated(obj) and field_of(obj, "status.readyReplicas").number >= _wanted(obj)


def _updated(obj: Obj) -> bool:
    return field_of(obj, "status.updatedReplicas").number >= _wanted(obj) and not _late(obj)


def _late(obj: Obj) -> bool:
    """Whether its controller has not come to the newest change yet, or is still at it."""
    generation, noticed = field_of(obj, "metadata.generation").number, field_of(obj, "status.observedGeneration").number
    return generation > noticed or field_of(obj, "status.updatedReplicas").number < _wanted(obj)


# ---- Jobs that failed or wait, and CronJobs that start none

_LIMITS: Mapping[str, str] = {
    "BackoffLimitExceeded": "spec.backoffLimit",
    "DeadlineExceeded": "spec.activeDeadlineSeconds",
    "PodFailurePolicy": "spec.podFailurePolicy",
    "FailedIndexes": "status.failedIndexes",
    "MaxFailedIndexesExceeded": "spec.maxFailedIndexes",
}


def failed(case: Case, job: Obj) -> Finding | None:
    """A Job that has given up: by which limit, and on with the Pod that failed."""
    kind = next((kind for kind in ("Failed", "FailureTarget") if says(job, kind, "True")), "")
    if not kind:  # FailureTarget: it has given up, and its Pods have still to end
        return None
    reason = condition(job, kind).key("reason")
    steps = [seen(reason, msg("The Job has given up."))]
    if (place := field_of(job, _LIMITS.get(reason.text, "spec.backoffLimit"))) and reason.text in _LIMITS:
        steps.append(seen(place, msg("That is the limit that it went by.")))
    causes = {
        "BackoffLimitExceeded": msg("its Pods failed too often"),
        "DeadlineExceeded": msg("it took longer than it was given"),
        "PodFailurePolicy": msg("a Pod failed in a way that its policy does not forgive"),
    }
    cause = causes.get(reason.text, msg("it has failed: {reason}", reason=reason.text))
    found = ailing_pods(case, job)
    command = case.kubectl(f"describe job {metadata.name(job)}", job)
    if found is None:
        return Finding(cause, tuple(steps), command)
    whole = msg("{cause}: {why}", cause=cause, why=found.cause)
    return Finding(whole, (*steps, *found.steps), found.next_command)


def idle(case: Case, job: Obj) -> Finding | None:
    """A Job that somebody holds."""
    place = field_of(job, "spec.suspend")
    if place.value is not True:
        return None
    step = seen(place, msg("While this is so, it has no Pods."))
    patch = '\'{"spec":{"suspend":false}}\''
    command = case.kubectl(f"patch job {metadata.name(job)} -p {patch}", job)
    return Finding(msg("it is suspended"), (step,), command, State.WAITING)


def suspended(case: Case, cron: Obj) -> Finding | None:
    """A CronJob that somebody holds."""
    place = field_of(cron, "spec.suspend")
    if place.value is not True:
        return None
    step = seen(place, msg("While this is so, it starts no Job."))
    patch = '\'{"spec":{"suspend":false}}\''
    command = case.kubectl(f"patch cronjob {metadata.name(cron)} -p {patch}", cron)
    return Finding(msg("it is suspended"), (step,), command, State.WAITING)


def missed(case: Case, cron: Obj) -> Finding | None:
    """A CronJob whose time came, and that started nothing."""
    reasons = ("MissSchedule", "TooManyMissedTimes", "UnknownTimeZone", "UnparseableSchedule", "InvalidSchedule")
    event = case.event(cron, *reasons, "JobAlreadyActive", "FailedCreate")
    if event is None:
        return None
    steps = [
        seen(field_of(cron, "spec.schedule"), msg("At these times it is to start a Job.")),
        seen(event.key("message"), msg("So says its controller.")),
    ]
    reason = event.key("reason").text
    cause = msg("it did not start a Job when its time came ({reason})", reason=reason)
    if reason == "JobAlreadyActive":
        steps.append(
            seen(field_of(cron, "spec.concurrencyPolicy"), msg("It starts none while the one before goes on."))
        )
        cause = msg("the Job before has not ended")
    command = case.kubectl(f"describe cronjob {metadata.name(cron)}", cron)
    return Finding(cause, tuple(steps), command, State.WAITING)


def last_job(case: Case, cron: Obj) -> Finding | None:
    """A CronJob whose last Job failed."""
    jobs = case.owned(cron, "Job")
    found = case.finding(jobs[-1]) if jobs else None
    if found is None:
        return None
    place = field_of(jobs[-1], "metadata.ownerReferences").item(uid=metadata.uid(cron)).key("name")
    first = seen(place, msg("This Job is the last that it started."))
    cause = msg("its last Job does not work: {why}", why=found.cause)
    return Finding(cause, (first, *found.steps), found.next_command, found.state)


# ---- Autoscalers that do not scale: no target, no numbers, no room


def unable(case: Case, scaler: Obj) -> Finding | None:
    """What it is to scale cannot be scaled, or is not there."""
    if not says(scaler, "AbleToScale", "False"):
        return None
    target = field_of(scaler, "spec.scaleTargetRef")
    name, kind = target.key("name"), target.key("kind")
    steps = [
        seen(condition(scaler, "AbleToScale").key("message"), msg("So says its controller.")),
        seen(name, msg("It is to scale this {kind}.", kind=kind.text)),
    ]
    there = case.find(kind.text, name.text, metadata.namespace(scaler))
    cause = msg("what it is to scale cannot be scaled")
    if there is None:
        near = case.near(kind.text, name.text, metadata.namespace(scaler))
        cause = msg("there is no {kind} {name}", kind=kind.text, name=name.text)
        if near:
            cause = msg("there is no {kind} {name}; there is {near}", kind=kind.text, name=name.text, near=near)
    return Finding(cause, tuple(steps), case.kubectl(f"describe hpa {metadata.name(scaler)}", scaler))


def blind(case: Case, scaler: Obj) -> Finding | None:
    """It has no numbers to go by."""
    if not says(scaler, "ScalingActive", "False"):
        return None
    active = condition(scaler, "ScalingActive")
    steps = [
        seen(active.key("reason"), msg("It does not scale.")),
        seen(active.key("message"), msg("So says its controller.")),
    ]
    if active.key("reason").text == "ScalingDisabled":
        return Finding(
            msg("its target is scaled to zero, so it leaves it alone"),
            tuple(steps),
            _describe(case, scaler),
            State.WAITING,
        )
    cause = msg("it has no numbers to go by ({reason})", reason=active.key("reason").text)
    found = _without_request(case, scaler) if "missing request" in active.key("message").text else []
    if found:
        cause = msg("its Pods do not say how much they ask for, so a share of that means nothing")
    return Finding(cause, (*steps, *found), _describe(case, scaler))


def _without_request(case: Case, scaler: Obj) -> list[Evidence]:
    target = field_of(scaler, "spec.scaleTargetRef")
    workload = case.find(target.key("kind").text, target.key("name").text, metadata.namespace(scaler))
    if workload is None:
        return []
    return [
        seen(row.key("resources").key("requests"), msg("Container {name} has no request.", name=row.key("name").text))
        for row in field_of(workload, "spec.template.spec.containers").items()
        if not row.at("resources.requests").value
    ]


def bounded(case: Case, scaler: Obj) -> Finding | None:
    """It would like more (or fewer) than it may."""
    limited = condition(scaler, "ScalingLimited")
    if not says(scaler, "ScalingLimited", "True") or limited.key("reason").text not in (
        "TooManyReplicas",
        "TooFewReplicas",
    ):
        return None
    high = limited.key("reason").text == "TooManyReplicas"
    steps = (
        seen(limited.key("reason"), msg("It would go on if it might.")),
        seen(field_of(scaler, "spec.maxReplicas" if high else "spec.minReplicas"), msg("That is as far as it may go.")),
    )
    cause = msg("it has come to its upper bound") if high else msg("it has come to its lower bound")
    return Finding(cause, steps, _describe(case, scaler), State.PLAIN)


def _describe(case: Case, scaler: Obj) -> str:
    return case.kubectl(f"describe hpa {metadata.name(scaler)}", scaler)
