"""Lists: selection, pages, and the revision they are consistent at.

Source: kubernetes.io/docs/reference/using-api/api-concepts (resource versions, chunking), checked against a real one.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import partial

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, quoted
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.apiserver.pagetokens import read_token, token
from k8s_tutor.embedded.apiserver.selection import Selection, selection
from k8s_tutor.embedded.apiserver.versions import VersionedKind, from_storage, storage_kind
from k8s_tutor.embedded.store import Compacted
from k8s_tutor.objects.types import Obj

__all__ = ["Page", "asked_revision", "check_list_options", "list_page"]

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
    limit = integer(request.param("limit", "0"))
    integer(request.param("timeoutSeconds", "0"))
    check_list_options(call, watch=False)
    chosen = selection(call)
    resumed = request.param("continue")
    if resumed:
        start, at = _resume(call, resumed)
    else:
        start, at = "", _asked_revision(call, limit)
        if request.param("resourceVersion") == "0":  # answered from the cache, which knows no pages
            limit = 0
    objects = _read(call, chosen, at, resumed, start)
    revision = call.ground.store.revision if at is None else at
    selected = [obj for obj in objects if chosen.covers(obj)] if not chosen.everything else objects
    metadata: Obj = {"resourceVersion": str(revision)}
    if 0 < limit < len(selected):
        rest = len(selected) - limit
        selected = selected[:limit]
        metadata["continue"] = _token(call, selected[-1], revision)
        if chosen.everything:
            metadata["remainingItemCount"] = rest
    elif limit > 0 and not chosen.everything and _more_after(chosen, objects, selected, limit):
        metadata["continue"] = _token(call, selected[-1], revision)
    return Page(selected, metadata)


def asked_revision(call: Call) -> int:
    """The revision a client wants an object or a watch from; 0 for none or any.

    Raises:
        StatusError: 500 for no number, as the real server; 504 for one that is still to come.
    """
    try:
        asked = _number(call.request.param("resourceVersion"))
    except ValueError as error:
        raise StatusError(failure(500, "", str(error))) from None
    current = call.ground.store.revision
    if call.route.verb != "watch" and asked > current:
        raise errors.too_large_version(asked, current)
    return asked


def _number(text: str) -> int:
    why = "" if not text or (text.isascii() and text.isdigit()) else "invalid syntax"
    if len(text) > 20 or (not why and int(text or 0) >= 2**64):
        why = why or "value out of range"
    if why:
        shown = quoted(text)
        raise ValueError(f"resourceVersion: Invalid value: {shown}: strconv.ParseUint: parsing {shown}: {why}")
    return int(text or 0)


def check_list_options(call: Call, *, watch: bool) -> None:
    """Refuses combinations of options that make no sense.

    Raises:
        StatusError: 422.
    """
    request = call.request
    match, version = request.param("resourceVersionMatch"), request.param("resourceVersion")
    initial = request.param("sendInitialEvents")
    token = request.param("continue")
    problems = _watch_problems(match, initial, token) if watch else _list_problems(match, version, initial, token)
    known = ("NotOlderThan",) if watch else ("Exact", "NotOlderThan", "")
    if match and match not in known:
        problems.append(fielderrors.unsupported("resourceVersionMatch", match, known, sort=False))
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


def _watch_problems(match: str, initial: str, token: str) -> list[FieldError]:
    path = "resourceVersionMatch"
    if token:
        return [fielderrors.forbidden(path, f"{path} is forbidden when continue is provided")]
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
    match = call.request.param("resourceVersionMatch")
    try:
        asked = _number(call.request.param("resourceVersion"))
    except ValueError as error:
        raise errors.bad_request(f"invalid resource version: {error}") from None
    if asked > current:
        raise errors.too_large_version(asked, current)
    exact = match == "Exact" or (not match and limit > 0 and asked > 0)
    return asked if exact else None


def _resume(call: Call, text: str) -> tuple[str, int | None]:
    found = read_token(text)
    if call.request.param("resourceVersion") not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")
    return found


def _read(call: Call, chosen: Selection, at: int | None, resumed: str, start: str) -> list[Obj]:
    store, kind = call.ground.store, call.kind
    resource = storage_kind(kind).group_resource
    try:
        objects = store.list(resource, chosen.namespace, at=at)
    except Compacted:
        if not resumed:
            raise errors.expired(_TOO_OLD_LIST) from None
        raise errors.expired(_TOO_OLD_TOKEN, resume=token(-1, start)) from None
    if start:
        objects = objects[bisect_left(objects, start, key=partial(_key, call)) :]
    if objects and (isinstance(kind, VersionedKind) or objects[0]["apiVersion"] != kind.api_version):
        return [from_storage(obj, kind) for obj in objects]
    return objects


def _more_after(chosen: Selection, objects: list[Obj], selected: list[Obj], limit: int) -> bool:
    """With a selector the real server reads on only until the page is full, and cannot know what follows."""
    if chosen.name or chosen.fields.required("metadata.name"):
        return False
    return len(selected) == limit and bool(objects) and selected[-1] is not objects[-1]


def _key(call: Call, obj: Obj) -> str:
    metadata = obj["metadata"]
    if call.kind.namespaced and not call.route.namespace:
        return f"/{metadata.get('namespace', '')}/{metadata['name']}"
    return f"/{metadata['name']}"


def _token(call: Call, last: Obj, revision: int) -> str:
    return token(revision, _key(call, last) + "\0")
