"""PATCH: JSON patch, merge patch, strategic merge patch; server-side apply is next door.

Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (1.37); messages asked of a real server.
"""

from __future__ import annotations

import json

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.applying import apply
from k8s_tutor.embedded.apiserver.decoding import decode_as, named_as
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions, write_options
from k8s_tutor.embedded.apiserver.parsing import Unparsable, doubled_keys, parse_json
from k8s_tutor.embedded.apiserver.registry import Part, update
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind, to_storage
from k8s_tutor.objects.gotext import go_value
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.patches import PatchError, json_patch, merge_patch, strategic_merge
from k8s_tutor.objects.types import Json, Obj

__all__ = ["APPLY", "merged_document", "patch"]

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
        decode_as(patched, kind, call.ground.shape(kind))
    except StatusError as error:
        raise _blamed(call, patched, body, _reason(call, error.what, kind)) from None
    return patched


def _media(call: Call) -> str:
    media = call.request.content_type.partition(";")[0].strip()
    if media == STRATEGIC and call.ground.custom.has(call.kind):
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
        return strategic_merge(seen, body, call.ground.type(kind or call.kind))
    except PatchError as error:
        status = failure(error.code, error.reason, error.message)
        if error.code == 422:
            status["details"] = {}
        raise StatusError(status) from None


def _decoded(call: Call, patched: Obj, body: Json, options: WriteOptions) -> Obj:
    """The patched document as a typed object; what does not fit is the patch's fault, and said so."""
    ground, kind = call.ground, call.kind
    try:
        obj, complaints = decode_as(patched, kind, ground.shape(kind))
    except StatusError as error:
        raise _blamed(call, patched, body, _reason(call, error.what, kind)) from None
    named_as(obj, call.route)
    if _media(call) == MERGE:  # it is merged as maps, whose keys Go writes in their order
        complaints.sort()
    complaints = doubled_keys(body) + complaints
    if complaints and options.field_validation == "Strict":
        raise _blamed(call, patched, body, "strict decoding error: " + ", ".join(complaints))
    if options.field_validation != "Ignore":
        for complaint in complaints:
            call.warn(complaint)
    ground.rules(kind).default(obj)
    return obj


def _blamed(call: Call, patched: Obj, body: Json, why: str) -> StatusError:
    if _media(call) == STRATEGIC:
        shown = go_value(body)
    else:
        custom = call.ground.custom.has(call.kind)  # whose fields have no order of their own
        shown = json.dumps(patched, separators=(",", ":"), ensure_ascii=False, sort_keys=custom)
    return errors.invalid_named("", "", "", [fielderrors.invalid("patch", shown, why)])


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
