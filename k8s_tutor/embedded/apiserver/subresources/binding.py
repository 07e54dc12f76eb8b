"""`pods/binding`: a pod gets its node. What the scheduler does, and nothing else can."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import admission, errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.decoding import complain, decode_as, read_body
from k8s_tutor.embedded.apiserver.fielderrors import aggregate, quoted, required, unsupported
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions, write_options
from k8s_tutor.objects.conditions import set_condition
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["answer", "read_as"]

_BINDING = Kind("", "v1", "Binding", "pods/binding", "binding", namespaced=True)


def answer(call: Call) -> Response:
    """POST of a Binding.

    Raises:
        StatusError: 400, 404 or 409.
    """
    options = write_options(call.request, "CreateOptions")
    binding = read_as(call, _BINDING, options)
    if binding["metadata"].get("name", "") != call.route.name:
        raise errors.bad_request("name in URL does not match name in Binding object")
    _check_target(binding.get("target") or {})
    ground, route = call.ground, call.route
    pod = _bound(ground.get(call.kind, route.namespace, route.name), binding, call)
    if not options.dry_run:
        ground.store.put("pods", pod, ground.now())
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
    conditions = set_condition(status.get("conditions"), scheduled, call.ground.now())
    return {
        **pod,
        "metadata": {**metadata, **{key: value for key, value in changed.items() if value}},
        "spec": {**pod["spec"], "nodeName": binding["target"]["name"]},
        "status": {**status, "conditions": conditions},
    }
