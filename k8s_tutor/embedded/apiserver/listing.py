"""Lists: selection, pages, and the revision they are consistent at.

Source: kubernetes.io/docs/reference/using-api/api-concepts (resource versions, chunking), checked against a real one.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial

from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.fielderrors import FieldError
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.apiserver.selection import Selection, selection
from k8s_tutor.embedded.apiserver.versions import from_storage, storage_kind
from k8s_tutor.embedded.store import Compacted
from k8s_tutor.objects.types import Obj

__all__ = ["Page", "check_list_options", "list_page", "revision_in"]

_TOO_OLD_TOKEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
_TOO_OLD_LIST = "The resourceVersion for the provided list is too old."


@dataclass(slots=True)
class Page:
    """Part of a list, as clients of the kind see it.

    Attributes:
        items: Stored objects in the asked version; not to be changed.
        metadata: The list's: resourceVersion, continue, remainingItemCount.
    """

    items: list[Obj]
    metadata: Obj


def list_page(call: Call) -> Page:
    """The objects a list request asks for.

    Raises:
        StatusError: 400, 410, 422 or 504.
    """
    request = call.request
    limit = integer(request.param("limit", "0") or "0")
    check_list_options(call, watch=False)
    chosen = selection(call)
    token = request.param("continue")
    start, at = _resume(call, token) if token else ("", _asked_revision(call, limit))
    objects = _read(call, chosen, at, token, start)
    revision = call.ground.store.revision if at is None else at
    selected = [obj for obj in objects if chosen.covers(obj)] if not chosen.everything else objects
    metadata: Obj = {"resourceVersion": str(revision)}
    if 0 < limit < len(selected):
        rest = len(selected) - limit
        selected = selected[:limit]
        metadata["continue"] = _token(call, selected[-1], revision)
        if chosen.everything:
            metadata["remainingItemCount"] = rest
    elif limit > 0 and not chosen.everything and _more_after(call, chosen, objects, selected, limit):
        metadata["continue"] = _token(call, selected[-1], revision)
    return Page(selected, metadata)


def revision_in(text: str, current: int) -> int:
    """The revision a client names; 0 for none or any.

    Raises:
        StatusError: 400 for no number.
    """
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        raise errors.bad_request(
            f"invalid resource version: resourceVersion: Invalid value: {fielderrors.quoted(text)}: "
            f"strconv.ParseUint: parsing {fielderrors.quoted(text)}: invalid syntax"
        )
    return int(text)


def check_list_options(call: Call, *, watch: bool) -> None:
    """Refuses combinations of options that make no sense.

    Raises:
        StatusError: 422.
    """
    request = call.request
    match, version = request.param("resourceVersionMatch"), request.param("resourceVersion")
    initial = request.param("sendInitialEvents")
    problems = (
        _watch_problems(match, initial) if watch else _list_problems(match, version, initial, request.param("continue"))
    )
    if match not in ("", "Exact", "NotOlderThan"):
        problems.append(
            fielderrors.unsupported("resourceVersionMatch", match, ("Exact", "NotOlderThan", ""), sort=False)
        )
    if problems:
        raise errors.invalid_named("meta.k8s.io", "ListOptions", "", problems)


def _list_problems(match: str, version: str, initial: str, token: str) -> list[FieldError]:
    found: list[FieldError] = []
    path = "resourceVersionMatch"
    if initial:
        found.append(fielderrors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if match and not version:
        found.append(fielderrors.forbidden(path, f"{path} is forbidden unless resourceVersion is provided"))
    if match and token:
        found.append(fielderrors.forbidden(path, f"{path} is forbidden when continue is provided"))
    if match == "Exact" and version == "0":
        found.append(fielderrors.forbidden(path, f'{path} "exact" is forbidden for resourceVersion "0"'))
    return found


def _watch_problems(match: str, initial: str) -> list[FieldError]:
    path = "resourceVersionMatch"
    if initial:
        if match != "NotOlderThan":
            return [
                fielderrors.forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
            ]
        return []
    if match:
        return [fielderrors.forbidden(path, f"{path} is forbidden for watch unless sendInitialEvents is provided")]
    return []


def _asked_revision(call: Call, limit: int) -> int | None:
    """The revision to read at; None for now."""
    current = call.ground.store.revision
    text, match = call.request.param("resourceVersion"), call.request.param("resourceVersionMatch")
    asked = revision_in(text, current)
    if asked > current:
        raise errors.too_large_version(asked, current)
    exact = match == "Exact" or (not match and limit > 0 and asked > 0)
    return asked if exact else None


def _read(call: Call, chosen: Selection, at: int | None, token: str, start: str) -> list[Obj]:
    store, kind = call.ground.store, call.kind
    resource = storage_kind(kind).group_resource
    try:
        objects = store.list(resource, chosen.namespace, at=at)
    except Compacted:
        if not token:
            raise errors.expired(_TOO_OLD_LIST) from None
        raise errors.expired(_TOO_OLD_TOKEN, resume=_encode(-1, start)) from None
    if start:
        objects = objects[bisect_left(objects, start, key=partial(_key, call)) :]
    if objects and objects[0]["apiVersion"] != kind.api_version:
        return [from_storage(obj, kind) for obj in objects]
    return objects


def _more_after(call: Call, chosen: Selection, objects: list[Obj], selected: list[Obj], limit: int) -> bool:
    """With a selector the real server reads on only until the page is full, and cannot know what follows."""
    return len(selected) == limit and bool(objects) and selected[-1] is not objects[-1]


def _key(call: Call, obj: Obj) -> str:
    metadata = obj["metadata"]
    if call.kind.namespaced and not call.route.namespace:
        return f"/{metadata.get('namespace', '')}/{metadata['name']}"
    return f"/{metadata['name']}"


def _token(call: Call, last: Obj, revision: int) -> str:
    return _encode(revision, _key(call, last) + "\0")


def _encode(revision: int, start: str) -> str:
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _resume(call: Call, token: str) -> tuple[str, int | None]:
    """Where a page begins, and at which revision; -1 in the token means now."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        value = json.loads(data)
        start, revision = str(value["start"]), int(value["rv"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {error}") from None
    if call.request.param("resourceVersion") not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")
    return start, None if revision < 0 else revision
