"""PATCH: JSON patch, merge patch, strategic merge patch, server-side apply."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.decoding import parse_json
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import write_options
from k8s_tutor.embedded.apiserver.registry import typed, update
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind, to_storage
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["merged_document", "patch"]

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patch(call: Call) -> tuple[Obj, bool]:
    """Carries out a patch; returns the object as stored and whether it was created.

    Raises:
        StatusError: any refusal.
    """
    media = call.request.content_type.partition(";")[0].strip()
    kind = storage_kind(call.kind)
    options = write_options(call.request, "PatchOptions")
    if media != MERGE:
        raise errors.unsupported_media_type("415: Unsupported Media Type")
    body = _body(call)

    def change(current: Obj) -> Obj:
        seen = from_storage(current, call.kind)
        return to_storage(typed(call, _merge(seen, body), call.kind, options), call.kind)

    return update(call, kind, change, options), False


def merged_document(call: Call, document: Obj, kind: Kind) -> Json:
    """A document that is no stored object (a Scale) with the request's patch applied.

    Raises:
        StatusError: 400, 415 or 422.
    """
    media = call.request.content_type.partition(";")[0].strip()
    if media not in (MERGE, STRATEGIC):
        raise errors.unsupported_media_type("415: Unsupported Media Type")
    return _merge(document, _body(call))


def _body(call: Call) -> Json:
    body = call.request.body
    return parse_json(body, call.kind.kind) if isinstance(body, bytes) else body


def _merge(target: Json, patch_value: Json) -> Json:
    if not isinstance(patch_value, dict):
        return patch_value
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch_value.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge(result.get(key), value)
    return result
