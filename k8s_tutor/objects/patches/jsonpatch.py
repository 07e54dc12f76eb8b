"""JSON patch, RFC 6902, as lenient in a few places as the API server is (asked, see tests/unit/objects)."""

from __future__ import annotations

import copy

from k8s_tutor.objects.patches.errors import PatchError, json_type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["json_patch"]


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
    patched = copy.deepcopy(obj)
    try:
        for operation in operations:
            patched = jsonpatch.apply_patch(patched, [_as_server_reads(operation, patched)], in_place=True)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError, AttributeError) as error:
        words = "the server rejected our request due to an error in our request"
        raise PatchError(words, code=422, reason="Invalid") from error
    return patched


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
