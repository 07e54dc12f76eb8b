"""JSON merge patch, RFC 7386."""

from __future__ import annotations

from k8s_tutor.objects.patches.errors import PatchError, json_type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["merge_diff", "merge_patch"]


def merge_patch(obj: Obj, patch: Json) -> Obj:
    """The object with the patch merged into it: null removes a field, a list replaces the list.

    Raises:
        PatchError: the patch is no JSON object.
    """
    if patch is None:
        raise PatchError("Invalid JSON Patch", code=400, reason="BadRequest")
    if not isinstance(patch, dict):
        words = f"error decoding patch: json: cannot unmarshal {json_type(patch)} into Go value of type "
        raise PatchError(words + "map[string]interface {}", code=400, reason="BadRequest")
    return _merged(obj, patch)


def _merged(target: Json, patch: Obj) -> Obj:
    merged: Obj = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = _merged(merged.get(key), value)
        else:
            merged[key] = value
    return merged


def merge_diff(before: Obj, after: Obj) -> Obj:
    """The smallest merge patch that turns `before` into `after`; `{}` when they are equal.

    A null inside `after` cannot be expressed by a merge patch and is taken as absent.
    """
    patch: Obj = {key: None for key in before if after.get(key) is None}
    for key, value in after.items():
        if value is None:
            continue
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            if inner := merge_diff(old, value):
                patch[key] = inner
        elif old != value or isinstance(old, bool) is not isinstance(value, bool):
            patch[key] = value
    return patch
