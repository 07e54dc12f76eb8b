"""What only pods have: `/binding`, `/eviction`, `/ephemeralcontainers` and `/resize`."""

from __future__ import annotations

from functools import partial

from k8s_tutor.api.protocol import Response, StatusError, failure
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import admission, errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.decoding import complain, decode_as, named_as, read_body
from k8s_tutor.embedded.apiserver.deletion import delete
from k8s_tutor.embedded.apiserver.fielderrors import (
    FieldError,
    aggregate,
    duplicate,
    forbidden,
    quoted,
    required,
    unsupported,
)
from k8s_tutor.embedded.apiserver.options import DeleteOptions, WriteOptions, write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import patch
from k8s_tutor.embedded.apiserver.registry import Part, typed, update
from k8s_tutor.embedded.apiserver.rules.metadata import Transition, TransitionCheck
from k8s_tutor.embedded.apiserver.rules.podvalidation import validate_pod_spec
from k8s_tutor.objects.apply import Writer, track_update
from k8s_tutor.objects.conditions import is_true, set_condition
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.selectors import disruption_allowed, selects
from k8s_tutor.objects.types import Obj

__all__ = ["answer_binding", "answer_ephemeral", "answer_eviction", "read_as", "resize"]


# ---- `pods/binding`: a pod gets its node. What the scheduler does, and nothing else can

_BINDING = Kind("", "v1", "Binding", "pods/binding", "binding", namespaced=True)


def answer_binding(call: Call) -> Response:
    """POST of a Binding.

    Raises:
        StatusError: 400, 404 or 409.
    """
    options = write_options(call.request, "CreateOptions")
    binding = read_as(call, _BINDING, options)
    if binding["metadata"].get("name", "") != call.route.name:
        raise errors.bad_request("name in URL does not match name in Binding object")
    _check_target(binding.get("target") or {})
    context, route = call.context, call.route
    pod = _bound(context.get(call.kind, route.namespace, route.name), binding, call)
    if not options.dry_run:
        context.store.put("pods", pod, context.now())
    return Response(201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


def read_as(call: Call, kind: Kind, options: WriteOptions) -> Obj:
    """The body of a request as an object that is not stored (Binding, Eviction).

    Raises:
        StatusError: 400.
    """
    shape = shape_of(kind.api_version, kind.kind)
    assert shape is not None
    obj, complaints = decode_as(read_body(call.request, kind), kind, shape)
    for complaint in complain(complaints, options.field_validation, kind):
        call.warn(complaint)
    return admission.review(call, obj)


def _check_target(target: Obj) -> None:
    problems = []
    if target.get("kind", "") not in ("", "Node"):
        problems.append(unsupported("target.kind", target["kind"], ("Node", "<empty>"), sort=False))
    if not target.get("name"):
        problems.append(required("target.name"))
    if problems:  # the real server answers with a bare 500 here
        raise StatusError(failure(500, "", aggregate(problems)))


def _bound(pod: Obj, binding: Obj, call: Call) -> Obj:
    metadata, name = pod["metadata"], pod["metadata"]["name"]
    uid = binding["metadata"].get("uid")
    if uid and uid != metadata["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata['uid']}"
        raise errors.conflict(call.kind, name, why)
    if "deletionTimestamp" in metadata:
        raise errors.conflict(_BINDING, name, f"pod {name} is being deleted, cannot be assigned to a host")
    if node := pod["spec"].get("nodeName"):
        raise errors.conflict(_BINDING, name, f"pod {name} is already assigned to node {quoted(node)}")
    if pod["spec"].get("schedulingGates"):
        raise errors.conflict(_BINDING, name, f"pod {name} has non-empty .spec.schedulingGates")
    changed = {key: {**metadata.get(key, {}), **binding["metadata"].get(key, {})} for key in ("labels", "annotations")}
    status = {key: value for key, value in pod["status"].items() if key != "nominatedNodeName"}
    scheduled = {"type": "PodScheduled", "status": "True"}
    conditions = set_condition(status.get("conditions"), scheduled, call.context.now())
    return {
        **pod,
        "metadata": {**metadata, **{key: value for key, value in changed.items() if value}},
        "spec": {**pod["spec"], "nodeName": binding["target"]["name"]},
        "status": {**status, "conditions": conditions},
    }


# ---- `pods/eviction`: a deletion that respects PodDisruptionBudgets

_BUDGETS = "poddisruptionbudgets.policy"
_EVICTION = Kind("policy", "v1", "Eviction", "evictions", "eviction", namespaced=True)


def answer_eviction(call: Call) -> Response:
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
    route, context = call.route, call.context
    pod = context.get(call.kind, route.namespace, route.name)
    if not _beyond_budgets(pod):
        _spend_budget(call, pod, dry_run=dry_run)
    if deletion.uid and deletion.uid != pod["metadata"]["uid"]:
        why = (
            f"the UID in the precondition ({deletion.uid}) does not match the UID in record "
            f"({pod['metadata']['uid']}). The object might have been deleted and then recreated"
        )
        raise errors.conflict(call.kind, route.name, why, as_kind=True)
    if not dry_run:
        pod = context.store.put("pods", _disrupted(pod, context.now()), context.now())
    delete(call, call.kind, route.namespace, route.name, deletion)
    return Response(201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})


def _beyond_budgets(pod: Obj) -> bool:
    """A pod that is over, or has not begun, disrupts nothing by going."""
    return pod["status"].get("phase") in ("Succeeded", "Failed", "Pending") or "deletionTimestamp" in pod["metadata"]


def _spend_budget(call: Call, pod: Obj, *, dry_run: bool) -> None:
    context, metadata = call.context, pod["metadata"]
    budgets = [budget for budget in context.store.list(_BUDGETS, metadata["namespace"]) if selects(budget, pod)]
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
    context, status = call.context, budget["status"]
    kind = builtin_kinds().of("policy/v1", "PodDisruptionBudget")
    assert kind is not None
    allowed = status["disruptionsAllowed"] - 1
    spent = {**status, "disruptionsAllowed": allowed}
    spent["disruptedPods"] = {**status.get("disruptedPods", {}), pod: rfc3339(context.now())}
    if not allowed:
        spent["conditions"] = set_condition(
            status.get("conditions"), disruption_allowed(0, budget["metadata"].get("generation", 0)), context.now()
        )
    changed = track_update(
        budget,
        {**budget, "status": spent},
        Writer("kube-apiserver", "policy/v1", "status", ("spec",)),
        now=context.now(),
        schema=context.type(kind),
    )
    context.store.put(_BUDGETS, changed, context.now())


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


# ---- `pods/ephemeralcontainers` (kubectl debug) and `pods/resize`: the two ways to change a running pod's containers


def answer_ephemeral(call: Call) -> Response:
    """GET, PUT or PATCH of a pod, of which only the ephemeral containers may change.

    Raises:
        StatusError: any refusal.
    """
    return _answer(call, _only_ephemeral, _check_ephemeral)


def resize(call: Call) -> Response:
    """GET, PUT or PATCH of a pod, of which only the containers' resources may change.

    Raises:
        StatusError: any refusal.
    """
    return _answer(call, _only_resources, lambda new, _: validate_pod_spec(new["spec"], "spec"))


def _answer(call: Call, prepare: Transition, check: TransitionCheck) -> Response:
    route = call.route
    if route.verb == "get":
        return object_answer(call, call.context.get(call.kind, route.namespace, route.name), call.kind)
    part = Part(prepare, check, counts=True)
    if route.verb == "patch":
        return object_answer(call, patch(call, part)[0], call.kind)
    options = write_options(call.request, "UpdateOptions")
    new = typed(call, read_body(call.request, call.kind), call.kind, options)
    named_as(new, route)
    return object_answer(call, update(call, call.kind, partial(_replaced, new), options, part), call.kind)


def _replaced(new: Obj, _: Obj) -> Obj:
    return new


def _only_ephemeral(new: Obj, old: Obj) -> None:
    spec = {key: value for key, value in old["spec"].items() if key != "ephemeralContainers"}
    if containers := new["spec"].get("ephemeralContainers"):
        spec["ephemeralContainers"] = containers
    new["spec"], new["status"] = spec, old["status"]


def _only_resources(new: Obj, old: Obj) -> None:
    wanted = {container["name"]: container["resources"] for container in new["spec"].get("containers", ())}
    containers = [
        {**container, "resources": wanted.get(container["name"], container["resources"])}
        for container in old["spec"]["containers"]
    ]
    new["spec"], new["status"] = {**old["spec"], "containers": containers}, old["status"]


def _check_ephemeral(new: Obj, old: Obj) -> list[FieldError]:
    spec, path = new["spec"], "spec.ephemeralContainers"
    wanted, present = spec.get("ephemeralContainers", []), old["spec"].get("ephemeralContainers", [])
    found: list[FieldError] = []
    names = [row["name"] for group in ("containers", "initContainers") for row in spec.get(group, ())]
    for index, container in enumerate(wanted):
        field_path = f"{path}[{index}]"
        if not container["name"]:
            found.append(required(f"{field_path}.name"))
        if container["name"] in names:
            found.append(duplicate(f"{field_path}.name", container["name"]))
        if not container.get("image"):
            found.append(required(f"{field_path}.image"))
        names.append(container["name"])
        found += [
            forbidden(f"{field_path}.{key}", "cannot be set for an Ephemeral Container")
            for key in ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
            if key in container
        ]
    by_name = {container["name"]: container for container in wanted}
    for container in present:
        kept = by_name.get(container["name"])
        if kept is None:
            words = f'existing ephemeral containers "{container["name"]}" may not be removed\n'
            found.append(forbidden(path, words))
        elif kept != container:
            words = f'existing ephemeral containers "{container["name"]}" may not be changed\n'
            found.append(forbidden(path, words))
    return found
