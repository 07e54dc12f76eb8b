"""`pods/eviction`: a deletion that respects PodDisruptionBudgets."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.deletion import delete
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import DeleteOptions, write_options
from k8s_tutor.embedded.apiserver.subresources.binding import read_as
from k8s_tutor.objects.apply import Writer, track_update
from k8s_tutor.objects.budgets import disruption_allowed, selects
from k8s_tutor.objects.conditions import is_true, set_condition
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["answer"]

_BUDGETS = "poddisruptionbudgets.policy"
_EVICTION = Kind("policy", "v1", "Eviction", "evictions", "eviction", namespaced=True)


def answer(call: Call) -> Response:
    """POST of an Eviction.

    Raises:
        StatusError: 400, 404, 409, or 429 when a disruption budget forbids it now.
    """
    options = write_options(call.request, "CreateOptions")
    eviction = read_as(call, _EVICTION, options)
    if eviction["metadata"].get("name", "") != call.route.name:
        raise errors.bad_request("name in URL does not match name in Eviction object")
    asked = eviction.get("deleteOptions") or {}
    dry_run = options.dry_run or bool(asked.get("dryRun"))
    preconditions = asked.get("preconditions") or {}
    deletion = DeleteOptions(
        dry_run=dry_run,
        grace_seconds=asked.get("gracePeriodSeconds"),
        propagation=asked.get("propagationPolicy", ""),
        uid=preconditions.get("uid", ""),
        resource_version=preconditions.get("resourceVersion", ""),
    )
    route, ground = call.route, call.ground
    pod = ground.get(call.kind, route.namespace, route.name)
    if not _beyond_budgets(pod):
        _spend_budget(call, pod, dry_run=dry_run)
    if deletion.uid and deletion.uid != pod["metadata"]["uid"]:
        why = (
            f"the UID in the precondition ({deletion.uid}) does not match the UID in record "
            f"({pod['metadata']['uid']}). The object might have been deleted and then recreated"
        )
        raise errors.conflict(call.kind, route.name, why, as_kind=True)
    if not dry_run:
        pod = ground.store.put("pods", _disrupted(pod, ground.now()), ground.now())
    delete(call, call.kind, route.namespace, route.name, deletion)
    return Response(201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


def _beyond_budgets(pod: Obj) -> bool:
    """A pod that is over, or has not begun, disrupts nothing by going."""
    return pod["status"].get("phase") in ("Succeeded", "Failed", "Pending") or "deletionTimestamp" in pod["metadata"]


def _spend_budget(call: Call, pod: Obj, *, dry_run: bool) -> None:
    ground, metadata = call.ground, pod["metadata"]
    budgets = [budget for budget in ground.store.list(_BUDGETS, metadata["namespace"]) if selects(budget, pod)]
    if len(budgets) > 1:
        words = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        raise StatusError(failure(500, "", words))
    if not budgets:
        return
    budget = budgets[0]
    status = budget.get("status") or {}
    if not is_true(pod, "Ready") and _spares_unready(budget, status):
        return
    _check_budget(budget, status)
    if not dry_run:
        _spend(call, budget, metadata["name"])


def _spend(call: Call, budget: Obj, pod: str) -> None:
    """Takes one off what the budget allows, and tells its controller which pod goes."""
    ground, status = call.ground, budget["status"]
    kind = builtin_kinds().of("policy/v1", "PodDisruptionBudget")
    assert kind is not None
    allowed = status["disruptionsAllowed"] - 1
    spent = {**status, "disruptionsAllowed": allowed}
    spent["disruptedPods"] = {**status.get("disruptedPods", {}), pod: rfc3339(ground.now())}
    if not allowed:
        spent["conditions"] = set_condition(
            status.get("conditions"), disruption_allowed(0, budget["metadata"].get("generation", 0)), ground.now()
        )
    changed = track_update(
        budget,
        {**budget, "status": spent},
        Writer("kube-apiserver", "policy/v1", "status", ("spec",)),
        now=ground.now(),
        schema=ground.type(kind),
    )
    ground.store.put(_BUDGETS, changed, ground.now())


def _spares_unready(budget: Obj, status: Obj) -> bool:
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    desired: int = status.get("desiredHealthy", 0)
    healthy: int = status.get("currentHealthy", 0)
    return healthy >= desired > 0


def _check_budget(budget: Obj, status: Obj) -> None:
    name, words = budget["metadata"]["name"], "Cannot evict pod as it would violate the pod's disruption budget."
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        cause = f"The disruption budget {name} is still being processed by the server."
        error = errors.too_many_requests(words, "DisruptionBudget", cause)
        error.status["details"]["retryAfterSeconds"] = 10
        raise error
    if status.get("disruptionsAllowed", 0) <= 0:
        desired, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        cause = f"The disruption budget {name} does not allow evicting pods currently"
        if healthy <= desired:
            cause = f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
        raise errors.too_many_requests(words, "DisruptionBudget", cause)


def _disrupted(pod: Obj, now: float) -> Obj:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    conditions = set_condition(pod["status"].get("conditions"), condition, now)
    return {**pod, "metadata": dict(pod["metadata"]), "status": {**pod["status"], "conditions": conditions}}
