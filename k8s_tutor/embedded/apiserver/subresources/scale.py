"""`/scale`: the number of replicas, the same form for every kind that has one."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.custom.scalepaths import ScalePaths
from k8s_tutor.embedded.apiserver.decoding import decode_as, read_body
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import merged_document
from k8s_tutor.embedded.apiserver.registry import update
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["answer"]

SCALE = Kind("autoscaling", "v1", "Scale", "scales", "scale", namespaced=True)


def answer(call: Call) -> Response:
    """GET, PUT or PATCH of an object's Scale.

    Raises:
        StatusError: any refusal.
    """
    route, ground = call.route, call.ground
    paths = ground.custom.scale_paths(call.kind) or ScalePaths()
    current = ground.get(call.kind, route.namespace, route.name)
    if route.verb == "get":
        return object_answer(call, _scale(current, paths), SCALE)
    options = write_options(call.request, "UpdateOptions" if route.verb == "update" else "PatchOptions")
    if route.verb == "update":
        value = read_body(call.request, SCALE)
    else:
        value = merged_document(call, _scale(current, paths), SCALE)
    shape = shape_of("autoscaling/v1", "Scale")
    assert shape is not None
    scale, _ = decode_as(value, SCALE, shape)
    _check(scale, current, call)
    replicas = scale["spec"].get("replicas", 0)
    if (
        scale["metadata"].get("resourceVersion", current["metadata"]["resourceVersion"])
        != (current["metadata"]["resourceVersion"])
    ):
        raise errors.conflict(call.kind, route.name)
    stored = update(call, call.kind, lambda obj: _with(obj, paths.wanted, replicas), options)
    return object_answer(call, _scale(stored, paths), SCALE)


def _scale(obj: Obj, paths: ScalePaths) -> Obj:
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Obj = {"replicas": _at(obj, paths.observed) or 0}
    if selector := _at(obj, paths.selector):
        status["selector"] = _selector_text(selector)
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": wanted} if (wanted := _at(obj, paths.wanted)) else {},
        "status": status,
    }


def _selector_text(selector: Json) -> str:
    if isinstance(selector, str):
        return selector
    if "matchLabels" in selector or "matchExpressions" in selector:
        return str(selectors.of(selector))
    return str(selectors.from_labels(selector))


def _check(scale: Obj, current: Obj, call: Call) -> None:
    name, sent = current["metadata"]["name"], scale["metadata"].get("name")
    if sent and sent != name:
        raise errors.bad_request(f"the name of the object ({sent}) does not match the name on the URL ({name})")
    replicas = scale["spec"].get("replicas", 0)
    if replicas < 0:
        problem = fielderrors.invalid("spec.replicas", replicas, "must be greater than or equal to 0")
        raise errors.invalid(SCALE, name, [problem])


def _at(obj: Json, path: tuple[str, ...]) -> Json:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _with(obj: Obj, path: tuple[str, ...], value: Json) -> Obj:
    key, *rest = path
    changed = _with(obj.get(key) or {}, tuple(rest), value) if rest else value
    result = {**obj, key: changed}
    if "metadata" in obj:  # the top: its metadata will be stamped
        result["metadata"] = dict(obj["metadata"])
    return result
