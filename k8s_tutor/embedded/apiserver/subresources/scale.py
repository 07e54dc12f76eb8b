"""`/scale`: the number of replicas, the same form for every kind that has one."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import admission, errors, fielderrors
from k8s_tutor.embedded.apiserver.applying import apply_document
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.custom.scalepaths import ScalePaths
from k8s_tutor.embedded.apiserver.decoding import decode_as, named_as, read_body
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions, write_options
from k8s_tutor.embedded.apiserver.output import object_answer
from k8s_tutor.embedded.apiserver.patching import APPLY, merged_document
from k8s_tutor.embedded.apiserver.registry import Change, update
from k8s_tutor.objects import apply as ssa
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
    options = write_options(call.request, "PatchOptions" if route.verb == "patch" else "UpdateOptions")
    sent = _decoded(read_body(call.request, SCALE)) if route.verb == "update" else None
    if sent is not None:
        named_as(sent, route)
    current = ground.get(call.kind, route.namespace, route.name)
    if route.verb == "get":
        return object_answer(call, _scale(current, paths), SCALE)
    if sent is None and call.request.content_type.partition(";")[0].strip() == APPLY:
        stored = _apply(call, current, paths, options)
    else:
        before = _scale(current, paths)
        scale = admission.review(call, sent or _decoded(merged_document(call, before, SCALE)), before)
        stored = _store(call, current, scale, lambda obj: _with(obj, paths.wanted, _replicas(scale)), options)
    return object_answer(call, _scale(stored, paths), SCALE)


def _decoded(value: Json) -> Obj:
    shape = shape_of("autoscaling/v1", "Scale")
    assert shape is not None
    return decode_as(value, SCALE, shape)[0]


def _replicas(scale: Obj) -> int:
    return int(scale["spec"].get("replicas", 0))


def _apply(call: Call, current: Obj, paths: ScalePaths, options: WriteOptions) -> Obj:
    owners = ssa.managers_of(current)
    document = ssa.with_managers(_scale(current, paths), ssa.on_scale(owners, paths.wanted))
    merged = apply_document(call, document, SCALE, options)
    admission.review(call, merged, _scale(current, paths))
    scaled = ssa.of_scale(owners, ssa.managers_of(merged), paths.wanted, call.kind.api_version)

    def change(obj: Obj) -> Obj:
        return ssa.with_managers(_with(obj, paths.wanted, _replicas(merged)), scaled)

    return _store(call, current, merged, change, replace(options, applied=True))


def _store(call: Call, current: Obj, scale: Obj, change: Change, options: WriteOptions) -> Obj:
    _check(scale, current)
    version = current["metadata"]["resourceVersion"]
    if scale["metadata"].get("resourceVersion", version) != version:
        raise errors.conflict(call.kind, call.route.name)
    return update(call, call.kind, change, options)


def _scale(obj: Obj, paths: ScalePaths) -> Obj:
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Obj = {"replicas": _at(obj, paths.observed) or 0}
    if paths.selector and (selector := _at(obj, paths.selector)):
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


def _check(scale: Obj, current: Obj) -> None:
    if _replicas(scale) < 0:
        problem = fielderrors.invalid("spec.replicas", _replicas(scale), "must be greater than or equal to 0")
        raise errors.invalid(SCALE, current["metadata"]["name"], [problem])


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
