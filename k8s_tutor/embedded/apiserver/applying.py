"""Server-side apply: a client says what it wants to own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, ownership
from k8s_tutor.embedded.apiserver.decoding import named_as, spelled
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.idle import idle
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.embedded.apiserver.parsing import Unparsable, doubled_keys, parse_json, parse_yaml
from k8s_tutor.embedded.apiserver.registry import Part, create, typed, update
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind, to_storage
from k8s_tutor.objects import apply as ssa
from k8s_tutor.objects.gotext import group_version
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.patches.errors import json_type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["apply", "apply_document"]


def apply(call: Call, options: WriteOptions, part: Part | None = None) -> tuple[Obj, bool]:
    """Carries out an apply; returns the object as stored and whether it was created.

    Raises:
        StatusError: any refusal, a conflict over ownership among them.
    """
    applied = _applied(call, call.kind, options)
    options = replace(options, applied=True)
    kind, route = storage_kind(call.kind), call.route
    if call.ground.find(kind, route.namespace, route.name) is None:
        if words := idle(call.kind):
            call.warn(words)
        return _create(call, applied, options), True

    def change(current: Obj) -> Obj:
        seen = from_storage(current, call.kind)
        merged = _merged(call, seen, applied, options)
        if merged is seen:
            return current
        named_as(merged, call.route)
        return to_storage(typed(call, merged, call.kind, options), call.kind)

    return update(call, kind, change, options, part), False


def apply_document(call: Call, document: Obj, kind: Kind, options: WriteOptions) -> Obj:
    """A document that is no stored object (a Scale) with the request's body applied to it, managedFields and all.

    Raises:
        StatusError: any refusal.
    """
    writer = ssa.Writer(options.field_manager, kind.api_version, call.route.subresource)
    merged = _settle(document, _applied(call, kind, options), writer, kind, call, options)
    named_as(merged, call.route)
    return merged


def _create(call: Call, applied: Obj, options: WriteOptions) -> Obj:
    if call.route.subresource:
        raise errors.not_found(call.kind, call.route.name)
    merged = _merged(call, None, applied, options)
    named_as(merged, call.route)
    if uid := merged["metadata"].get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise errors.conflict(call.kind, call.route.name, why)
    obj = to_storage(typed(call, merged, call.kind, options), call.kind)
    return create(call, obj, storage_kind(call.kind), options)


def _merged(call: Call, live: Obj | None, applied: Obj, options: WriteOptions) -> Obj:
    return _settle(live, applied, ownership.writer(call, call.kind, options), call.kind, call, options)


def _settle(live: Obj | None, applied: Obj, writer: ssa.Writer, kind: Kind, call: Call, options: WriteOptions) -> Obj:
    ground = call.ground
    try:
        return ssa.apply(live, applied, writer, force=bool(options.force), now=ground.now(), schema=ground.type(kind))
    except ssa.ApplyConflict as conflict:
        status = failure(409, "Conflict", conflict.message, {"causes": conflict.causes})
        raise StatusError(status) from None
    except ssa.ApplyError as error:
        raise StatusError(failure(error.code, error.reason, error.message)) from None


def _applied(call: Call, kind: Kind, options: WriteOptions) -> Obj:
    """What the client says; its names are looked at once it has been merged.

    Raises:
        StatusError: 400.
    """
    value = _parsed(call.request.body)
    for complaint in _doubles(value, options):
        call.warn(complaint)
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise errors.bad_request(
            "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{json_type(value)} into Go value of type map[string]interface {{}}"
        )
    if (value.get("apiVersion"), value.get("kind")) != (kind.api_version, kind.kind):
        version, name = (text if isinstance(text := value.get(key), str) else "" for key in ("apiVersion", "kind"))
        raise errors.bad_request(f"invalid object type: {group_version(version)}, Kind={name}")
    return value


def _doubles(value: Json, options: WriteOptions) -> list[str]:
    found = [] if options.field_validation == "Ignore" else doubled_keys(value)
    if found and options.field_validation == "Strict":
        raise errors.bad_request(f"error strict decoding patch: error converting YAML to JSON: {spelled(found)}")
    return found


def _parsed(body: Json) -> Json:
    if not isinstance(body, bytes):
        return body
    try:
        if body.lstrip().startswith(b"{"):
            with suppress(Unparsable):  # YAML's own flow style looks like JSON
                return parse_json(body)
        return parse_yaml(body)
    except Unparsable as error:
        raise errors.bad_request(f"error encoding patch: {error}") from None
