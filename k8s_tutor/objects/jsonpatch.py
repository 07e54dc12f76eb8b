"""JSON patch, RFC 6902, as lenient in a few places as the API server is (asked, see tests/unit/objects)."""

from __future__ import annotations

import copy
import json

from k8s_tutor.objects.types import Json, Obj

__all__ = ["PatchError", "json_patch", "json_type", "merge_diff", "merge_patch"]


# ---- How a patch fails


class PatchError(ValueError):
    """A patch that cannot be applied, with the code, reason and message of a real API server's `Status`."""

    def __init__(self, message: str, *, code: int = 500, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason


def json_type(value: Json) -> str:
    """What Go's JSON decoder calls a value."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list():
            return "array"
        case _:
            return "null"


# ---- JSON patch, RFC 6902, as lenient in a few places as the API server is (asked, see tests/unit/objects)


def json_patch(obj: Obj, operations: Json) -> Obj:
    """The object after all operations.

    Raises:
        PatchError: the patch is no list of operations, or one of them cannot be carried out. The API server does not
            say which.
    """
    import jsonpatch  # noqa: PLC0415  (only those who send one pay for its import)

    if not isinstance(operations, list):
        words = f"error decoding patch: json: cannot unmarshal {json_type(operations)} into Go value of type "
        raise PatchError(words + "[]handlers.jsonPatchOp", code=400, reason="BadRequest")
    if len(operations) > _MOST:
        words = f"The allowed maximum operations in a JSON patch is {_MOST}, got {len(operations)}"
        raise PatchError(f"Request entity too large: {words}", code=413, reason="RequestEntityTooLarge")
    patched = copy.deepcopy(obj)
    left = _MOST_COPIED
    try:
        for operation in operations:
            if operation.get("op") == "copy":  # each of a few could double what is there
                left -= _size(operation.get("from"), patched)
            if left < 0:
                raise PatchError(_REJECTED, code=422, reason="Invalid")
            patched = jsonpatch.apply_patch(patched, [_as_server_reads(operation, patched)], in_place=True)
    except (
        jsonpatch.JsonPatchException,
        jsonpatch.JsonPointerException,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
    ) as error:
        raise PatchError(_REJECTED, code=422, reason="Invalid") from error
    return patched


_REJECTED = "the server rejected our request due to an error in our request"
_MOST = 10_000  # operations
_MOST_COPIED = 3 * 1024 * 1024  # bytes of JSON, as the real server


def _size(path: Json, document: Obj) -> int:
    source, name = _parent(path, document)
    return len(json.dumps(_inside(source, name), ensure_ascii=False).encode())


def _as_server_reads(operation: Obj, document: Obj) -> Obj:
    """Its leniencies: a missing value is null, replacing an absent field adds it, a path may count from a list's end.

    The path's part before the first slash is ignored.
    """
    op = dict(operation)
    for place in ("path", "from"):
        if isinstance(op.get(place), str):
            op[place] = _pointer(op[place], document)
    if op.get("op") in ("add", "replace", "test"):
        op.setdefault("value", None)
    parent, last = _parent(op.get("path"), document)
    if isinstance(parent, dict) and last not in parent:
        if op["op"] == "replace":
            op["op"] = "add"
        elif op["op"] == "test" and op["value"] is None:
            return {"op": "test", "path": "", "value": document}  # absent equals null: nothing to complain of
    if op.get("op") == "copy":
        source, name = _parent(op.get("from"), document)
        if isinstance(source, dict) and name not in source:
            return {"op": "add", "path": op["path"], "value": None}
    return op


def _pointer(path: str, document: Json) -> str:
    _, slash, rest = path.partition("/")
    if not slash:
        return path
    steps, here = [], document
    for step in rest.split("/"):
        if isinstance(here, list) and step.startswith("-") and step[1:].isdigit():
            step = str(len(here) - int(step[1:]))  # noqa: PLW2901
        steps.append(step)
        here = _inside(here, step)
    return "/" + "/".join(steps)


def _parent(path: Json, document: Json) -> tuple[Json, str]:
    if not isinstance(path, str) or "/" not in path:
        return None, ""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    for step in steps:
        document = _inside(document, step)
    return document, last


def _inside(value: Json, step: str) -> Json:
    if isinstance(value, dict):
        return value.get(step.replace("~1", "/").replace("~0", "~"))
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None


# ---- JSON merge patch, RFC 7386


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
