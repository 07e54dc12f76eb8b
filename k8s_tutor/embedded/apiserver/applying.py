"""Server-side apply: a client says what it wants to own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, ownership
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.embedded.apiserver.registry import Part, create, typed, update
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind, to_storage
from k8s_tutor.objects import apply as ssa
from k8s_tutor.objects.types import Json, Obj

__all__ = ["apply"]


def apply(call: Call, options: WriteOptions, part: Part | None = None) -> tuple[Obj, bool]:
    """Carries out an apply; returns the object as stored and whether it was created.

    Raises:
        StatusError: any refusal, a conflict over ownership among them.
    """
    applied = _applied(call)
    options = replace(options, applied=True)
    kind, route = storage_kind(call.kind), call.route
    if call.ground.find(kind, route.namespace, route.name) is None:
        return _create(call, applied, options), True

    def change(current: Obj) -> Obj:
        seen = from_storage(current, call.kind)
        merged = _merged(call, seen, applied, options)
        if merged is seen:
            return current
        return to_storage(typed(call, merged, call.kind, options), call.kind)

    return update(call, kind, change, options, part), False


def _create(call: Call, applied: Obj, options: WriteOptions) -> Obj:
    if call.route.subresource:
        raise errors.not_found(call.kind, call.route.name)
    if uid := applied["metadata"].get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise errors.conflict(call.kind, call.route.name, why)
    merged = _merged(call, None, applied, options)
    obj = to_storage(typed(call, merged, call.kind, options), call.kind)
    return create(call, obj, storage_kind(call.kind), options)


def _merged(call: Call, live: Obj | None, applied: Obj, options: WriteOptions) -> Obj:
    writer = ownership.writer(call, call.kind, options)
    ground = call.ground
    try:
        return ssa.apply(
            live, applied, writer, force=bool(options.force), now=ground.now(), schema=ground.type(call.kind)
        )
    except ssa.ApplyConflict as conflict:
        status = failure(409, "Conflict", conflict.message, {"causes": conflict.causes})
        raise StatusError(status) from None
    except ssa.ApplyError as error:
        raise StatusError(failure(error.code, error.reason, error.message)) from None


def _applied(call: Call) -> Obj:
    """What the client says, checked as far as it must be before anything is merged.

    Raises:
        StatusError: 400.
    """
    value = _parsed(call.request.body)
    if not isinstance(value, dict):
        raise errors.bad_request("error decoding patch: it is no object")
    route, kind = call.route, call.kind
    if (value.get("apiVersion"), value.get("kind")) != (kind.api_version, kind.kind):
        group_version = value.get("apiVersion") or "/"
        raise errors.bad_request(f"invalid object type: {group_version}, Kind={value.get('kind', '')}")
    metadata: dict[str, Any] = dict(value.get("metadata") or {})
    if not metadata.get("name"):
        words = f"the name of the object ({route.name} based on URL) was undeterminable: name must be provided"
        raise errors.bad_request(words)
    if metadata["name"] != route.name:
        words = f"the name of the object ({metadata['name']}) does not match the name on the URL ({route.name})"
        raise errors.bad_request(words)
    if kind.namespaced and metadata.setdefault("namespace", route.namespace) != route.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return {**value, "metadata": metadata}


def _parsed(body: Json) -> Json:
    if not isinstance(body, bytes):
        return body
    if body.lstrip().startswith(b"{"):
        try:
            return json.loads(body)
        except ValueError:
            pass  # YAML's own flow style looks like JSON
    import yaml  # noqa: PLC0415  # late: kubectl sends JSON most of the time

    try:
        return json.loads(json.dumps(yaml.safe_load(body), default=str))
    except yaml.MarkedYAMLError as error:
        raise errors.bad_request(f"error encoding patch: yaml: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise errors.bad_request(f"error encoding patch: yaml: {error}") from None
