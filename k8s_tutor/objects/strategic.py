"""Strategic merge patch: a merge patch that knows which lists merge, and by which key.

`$patch: replace | delete`, `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` as `kubectl` writes
them; see kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch. Checked against a real
API server, also in the order of items, which is: an item of the patch keeps its place in the patch, one that only the
server has keeps its place before its followers.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.objects.gojson import go_value
from k8s_tutor.objects.jsonpatch import PatchError, json_type
from k8s_tutor.objects.schema import ANY, Type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["strategic_merge"]

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PREFIX = "$deleteFromPrimitiveList/"
_ORDER_PREFIX = "$setElementOrder/"


def strategic_merge(obj: Obj, patch: Json, schema: Type) -> Obj:
    """The object with the patch merged into it.

    Args:
        obj: The object as it stands.
        patch: The patch.
        schema: The type of the object's kind.

    Raises:
        PatchError: the patch is malformed, in the API server's words.
    """
    if not isinstance(patch, dict):
        words = f"json: cannot unmarshal {json_type(patch)} into Go value of type map[string]interface {{}}"
        raise PatchError(words, code=400, reason="BadRequest")
    return _merge_map(obj, patch, schema)


def _merge_map(original: Obj | None, patch: Obj, schema: Type) -> Obj:
    if _DIRECTIVE in patch:
        return _directed(patch)
    merged = _retained(original or {}, patch)
    ordered = {key.removeprefix(_ORDER_PREFIX) for key in patch if key.startswith(_ORDER_PREFIX)}
    for key, value in patch.items():
        if key == _RETAIN or key in ordered:
            continue
        if key.startswith(_ORDER_PREFIX):
            _merge_in_order(merged, key.removeprefix(_ORDER_PREFIX), value, patch, schema)
        elif key.startswith(_DELETE_PREFIX):
            _delete_items(merged, key.removeprefix(_DELETE_PREFIX), value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_value(merged.get(key), value, schema.field(key) or ANY)
    return merged


def _merge_value(original: Json, value: Json, schema: Type) -> Json:
    if isinstance(value, dict):
        replaces = "replace" in schema.strategies
        if not isinstance(original, dict) or replaces:
            return _without_directives(value)
        return _merge_map(original, value, schema)
    if isinstance(value, list):
        if not isinstance(original, list) or "merge" not in schema.strategies:
            return _without_directives(value)
        return _merge_list(original, value, schema)
    return value


def _directed(patch: Obj) -> Obj:
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    raise PatchError(f"unknown patch type: {go_value(directive)} in map: {go_value(patch)}")


def _retained(original: Obj, patch: Obj) -> Obj:
    if _RETAIN not in patch:
        return dict(original)
    keys = patch[_RETAIN]
    given = [
        key
        for key, value in patch.items()
        if value is not None and key != _RETAIN and not key.startswith((_DELETE_PREFIX, _ORDER_PREFIX))
    ]
    if not isinstance(keys, list) or any(key not in keys for key in given):
        raise PatchError("invalid patch format of retainKeys", code=400, reason="BadRequest")
    return {key: value for key, value in original.items() if key in keys}


def _delete_items(merged: Obj, key: str, values: Json) -> None:
    if not isinstance(values, list):
        raise PatchError("invalid patch format of primitive list", code=400, reason="BadRequest")
    if isinstance(merged.get(key), list):
        merged[key] = [item for item in merged[key] if item not in values]


def _merge_in_order(merged: Obj, key: str, order: Json, patch: Obj, schema: Type) -> None:
    if not isinstance(order, list):
        raise PatchError("invalid patch format of setElementOrder list", code=400, reason="BadRequest")
    field = schema.field(key) or ANY
    original, changes = merged.get(key), patch.get(key)
    if key in patch and changes is None:
        merged.pop(key, None)
        return
    if changes is not None:
        _check_order(changes, order, field.merge_key)
        result = _merge_value(original, changes, field)
    elif original is not None:
        result = original
    else:
        return
    merged[key] = _in_order(result, order, original or [], field.merge_key)


def _check_order(changes: Sequence[Json], order: Sequence[Json], merge_key: str) -> None:
    """The items a patch changes must stand in the order it asks for."""
    wanted = iter(_identity(item, merge_key) for item in order)
    kept = [item for item in changes if not (isinstance(item, dict) and _DIRECTIVE in item)]
    if not all(any(_identity(item, merge_key) == other for other in wanted) for item in kept):
        raise PatchError(
            f"The order in patch list:\n{go_value(changes)}\n doesn't match $setElementOrder list:\n{go_value(order)}\n"
        )


def _merge_list(original: list[Json], patch: list[Json], schema: Type) -> list[Json]:
    if not original and not patch:
        return original
    merge_key = schema.merge_key
    if not isinstance((original or patch)[0], dict):
        merged = list(original) + [item for item in dict.fromkeys(patch) if item not in original]
        return _in_order(merged, patch, original, "")
    if not merge_key:
        raise PatchError(f"cannot merge lists without merge key for {schema.item.name.rpartition('.')[2]}")
    kept, changes = _special_items(original, patch, merge_key)
    merged = list(kept)
    for change in changes:
        place = _place(merged, change, merge_key)
        if place is None:
            merged.append(_without_directives(change))
        else:
            merged[place] = _merge_map(merged[place], change, schema.item)
    return _in_order(merged, changes, kept, merge_key)


def _special_items(original: list[Json], patch: list[Json], merge_key: str) -> tuple[list[Json], list[Json]]:
    """What is left of both lists once the patch's items with a directive have been obeyed."""
    kept, changes, replaces = original, [], False
    for item in patch:
        directive = item.get(_DIRECTIVE) if isinstance(item, dict) else None
        if directive is None:
            _need_key(item, merge_key)
            changes.append(item)
        elif directive == "delete":
            _need_key(item, merge_key)
            kept = [other for other in kept if other.get(merge_key) != item[merge_key]]
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            raise PatchError("merging lists cannot yet be specified in the patch")
        else:
            raise PatchError(f"unknown patch type: {go_value(directive)} in map: {go_value(item)}")
    return ([_without_directives(item) for item in changes], []) if replaces else (kept, changes)


def _need_key(item: Json, merge_key: str) -> None:
    if not isinstance(item, dict) or merge_key not in item:
        raise PatchError(f"map: {go_value(item)} does not contain declared merge key: {merge_key}")


def _place(items: Sequence[Json], wanted: Json, merge_key: str) -> int | None:
    identity = _identity(wanted, merge_key)
    return next((index for index, item in enumerate(items) if _identity(item, merge_key) == identity), None)


def _identity(item: Json, merge_key: str) -> Json:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def _in_order(items: Sequence[Json], order: Sequence[Json], server: Sequence[Json], merge_key: str) -> list[Json]:
    """The patch's items as `order` says, and the server's own between them where they stood before."""
    ordered: list[tuple[int, Json]] = []
    own: list[Json] = []
    for item in items:
        place = _place(order, item, merge_key)
        if place is None:
            own.append(item)
        else:
            ordered.append((place, item))
    ordered.sort(key=lambda pair: pair[0])
    own.sort(key=lambda item: _rank(server, item, merge_key))
    result: list[Json] = []
    for _, item in ordered:
        here = _place(server, item, merge_key)
        while own and here is not None and _rank(server, own[0], merge_key) < here:
            result.append(own.pop(0))
        result.append(item)
    return result + own


def _rank(server: Sequence[Json], item: Json, merge_key: str) -> int:
    place = _place(server, item, merge_key)
    return len(server) if place is None else place


def _without_directives(value: Json) -> Json:
    """A value that is new to the object: nulls and directives have nothing to act on."""
    if isinstance(value, dict):
        return {
            key: _without_directives(item)
            for key, item in value.items()
            if item is not None and key != _RETAIN and not key.startswith((_DELETE_PREFIX, _ORDER_PREFIX, _DIRECTIVE))
        }
    if isinstance(value, list):
        return [_without_directives(item) for item in value if not (isinstance(item, dict) and item.get(_DIRECTIVE))]
    return value
