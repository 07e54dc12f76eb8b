"""PATCH: JSON patch, merge patch, strategic merge patch, server-side apply.

Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (1.37); messages asked of a real server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.context import Call, find_writer
from k8s_tutor.embedded.apiserver.decoding import decode_as, named_as, spelled
from k8s_tutor.embedded.apiserver.options import WriteOptions, write_options
from k8s_tutor.embedded.apiserver.output import idle
from k8s_tutor.embedded.apiserver.parsing import Unparsable, doubled_keys, parse_json, parse_yaml
from k8s_tutor.embedded.apiserver.registry import Part, create, typed, update
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind, to_storage
from k8s_tutor.objects import apply as ssa
from k8s_tutor.objects.gojson import go_value, group_version
from k8s_tutor.objects.jsonpatch import PatchError, json_patch, json_type, merge_patch
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.strategic import strategic_merge
from k8s_tutor.objects.types import Json, Obj

__all__ = ["APPLY", "apply", "apply_document", "merged_document", "patch"]


# ---- Server-side apply: a client says what it wants to own


def apply(call: Call, options: WriteOptions, part: Part | None = None) -> tuple[Obj, bool]:
    """Carries out an apply; returns the object as stored and whether it was created.

    Raises:
        StatusError: any refusal, a conflict over ownership among them.
    """
    applied = _applied(call, call.kind, options)
    options = replace(options, applied=True)
    kind, route = storage_kind(call.kind), call.route
    if call.context.find(kind, route.namespace, route.name) is None:
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
    return _settle(live, applied, find_writer(call, call.kind, options), call.kind, call, options)


def _settle(live: Obj | None, applied: Obj, writer: ssa.Writer, kind: Kind, call: Call, options: WriteOptions) -> Obj:
    context = call.context
    try:
        return ssa.apply(live, applied, writer, force=bool(options.force), now=context.now(), schema=context.type(kind))
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


# ---- PATCH: JSON patch, merge patch, strategic merge patch, server-side apply

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patch(call: Call, part: Part | None = None) -> tuple[Obj, bool]:
    """Carries out a patch of an object (or a part of it); returns it as stored and whether it was created.

    Raises:
        StatusError: any refusal.
    """
    media = _media(call)
    options = write_options(call.request, "PatchOptions")
    if media == APPLY:
        return apply(call, options, part)
    body = _body(call)

    def change(current: Obj) -> Obj:
        seen = from_storage(current, call.kind)
        return to_storage(_decoded(call, _patched(call, seen, body, media), body, options), call.kind)

    return update(call, storage_kind(call.kind), change, options, part), False


def merged_document(call: Call, document: Obj, kind: Kind) -> Json:
    """A document that is no stored object (a Scale) with the request's patch applied.

    Raises:
        StatusError: 400, 415 or 422.
    """
    body, media = _body(call), _media(call)
    patched = _patched(call, document, body, media, kind)
    try:
        decode_as(patched, kind, call.context.shape(kind))
    except StatusError as error:
        raise _blamed(call, patched, body, _reason(call, error.what, kind)) from None
    return patched


def _media(call: Call) -> str:
    media = call.request.content_type.partition(";")[0].strip()
    if media == STRATEGIC and call.context.custom.has(call.kind):
        accepted = ", ".join((JSON, MERGE, APPLY))
        words = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
        raise errors.unsupported_media_type(words)
    if media not in (JSON, MERGE, STRATEGIC, APPLY):
        raise errors.unsupported_media_type("415: Unsupported Media Type")
    return media


def _body(call: Call) -> Json:
    body = call.request.body
    if not isinstance(body, bytes):
        return body
    try:
        return parse_json(body)
    except Unparsable:
        raise errors.bad_request("invalid JSON patch") from None


def _patched(call: Call, seen: Obj, body: Json, media: str, kind: Kind | None = None) -> Obj:
    try:
        if media == JSON:
            return json_patch(seen, body)
        if media == MERGE:
            return merge_patch(seen, body)
        return strategic_merge(seen, body, call.context.type(kind or call.kind))
    except PatchError as error:
        status = failure(error.code, error.reason, error.message)
        if error.code == 422:
            status["details"] = {}
        raise StatusError(status) from None


def _decoded(call: Call, patched: Obj, body: Json, options: WriteOptions) -> Obj:
    """The patched document as a typed object; what does not fit is the patch's fault, and said so."""
    context, kind = call.context, call.kind
    try:
        obj, complaints = decode_as(patched, kind, context.shape(kind))
    except StatusError as error:
        raise _blamed(call, patched, body, _reason(call, error.what, kind)) from None
    named_as(obj, call.route)
    if complaints:
        complaints = _in_order(call, patched, body, complaints)
    complaints = doubled_keys(body) + complaints
    if complaints and options.field_validation == "Strict":
        raise _blamed(call, patched, body, "strict decoding error: " + ", ".join(complaints))
    if options.field_validation != "Ignore":
        for complaint in complaints:
            call.warn(complaint)
    context.rules(kind).default(obj)
    return obj


def _in_order(call: Call, patched: Obj, body: Json, complaints: list[str]) -> list[str]:
    """Complaints as Go comes upon them: maps that a patch goes through are written anew, by their keys.

    A strategic patch is read by another decoder, which sorts what it has to say (`FromUnstructuredWithValidation`);
    so does that of custom kinds.
    """
    if _media(call) == STRATEGIC:
        return sorted(complaints)
    if call.context.custom.has(call.kind):
        return complaints
    document = _rewritten(patched, None if _media(call) == MERGE else list(_opened(body)))
    return decode_as(document, call.kind, call.context.shape(call.kind))[1]


def _opened(body: Json) -> Iterator[list[str]]:
    """The places that the operations of a JSON patch go through."""
    for operation in body if isinstance(body, list) else ():
        for path in (operation.get("path"), operation.get("from")):
            if isinstance(path, str):
                yield [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _rewritten(value: Json, paths: list[list[str]] | None) -> Json:
    """A value whose maps have their keys in order: those on the paths, or all."""
    if paths is not None and not paths:
        return value

    def below(key: str) -> list[list[str]] | None:
        return None if paths is None else [path[1:] for path in paths if path[:1] == [key] and len(path) > 1]

    if isinstance(value, dict):
        return {key: _rewritten(value[key], below(key)) for key in sorted(value)}
    if isinstance(value, list):
        return [_rewritten(item, below(str(index))) for index, item in enumerate(value)]
    return value


def _blamed(call: Call, patched: Obj, body: Json, why: str) -> StatusError:
    if _media(call) == STRATEGIC:
        printed = go_value(body)
    else:
        custom = call.context.custom.has(call.kind)  # whose fields have no order of their own
        printed = json.dumps(patched, separators=(",", ":"), ensure_ascii=False, sort_keys=custom)
    return errors.invalid_named("", "", "", [fielderrors.invalid("patch", printed, why)])


def _reason(call: Call, message: str, kind: Kind) -> str:
    """The decoder's reason without its preamble; strategic patches go through another decoder with fewer words."""
    _, found, reason = message.partition(f"cannot be handled as a {kind.kind}: ")
    reason = reason if found else message
    if reason.startswith("the API version in the data ("):
        version = reason.partition("(")[2].partition(")")[0]
        reason = f'no kind "{kind.kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
    if _media(call) == STRATEGIC and " of type " in reason:
        if "unmarshal number into" in reason and reason.endswith(" of type string"):  # Go could convert
            return "cannot convert int64 to string"
        return f"unrecognized type: {reason.rpartition(' of type ')[2]}"
    return reason
