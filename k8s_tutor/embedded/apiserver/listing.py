"""Lists: selection, pages, and the revision they are consistent at.

Source: kubernetes.io/docs/reference/using-api/api-concepts (resource versions, chunking), checked against a real one.
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, quoted
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.apiserver.parsing import Unparsable, parse_json
from k8s_tutor.embedded.apiserver.versions import VersionedKind, from_storage, storage_kind
from k8s_tutor.embedded.store import Compacted, Store
from k8s_tutor.objects.fieldselectors import FieldSelector, FieldSelectorError, parse_fields
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.selectors import Selector, SelectorError
from k8s_tutor.objects.selectors import parse as parse_labels
from k8s_tutor.objects.types import Obj

__all__ = [
    "Page",
    "Selection",
    "asked_revision",
    "check_list_options",
    "list_page",
    "oldest_kept",
    "read_token",
    "selection",
    "token",
]


# ---- Continue tokens: where the next page of a list begins, and at which revision
#
# Source: k8s.io/apiserver/pkg/storage/continue.go (1.37); messages asked of a real server.

_VERSION = "meta.k8s.io/v1"
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


def token(revision: int, start: str) -> str:
    """The token of a page that begins with the key `start`; revision -1 stands for now."""
    text = json.dumps({"v": _VERSION, "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str) -> tuple[str, int | None]:
    """Where a page begins, and at which revision; None for now.

    Raises:
        StatusError: 400.
    """
    try:
        return _read(text)
    except ValueError as error:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {error}") from None


def _read(text: str) -> tuple[str, int | None]:
    match = _BASE64.match(text)
    sound = match.end() if match else 0
    if sound < len(text) or len(text) % 4 == 1:
        raise ValueError(f"illegal base64 data at input byte {min(sound, len(text) - 1)}")
    try:
        value = parse_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except Unparsable as error:
        raise ValueError(str(error)) from None
    fields = value if isinstance(value, dict) else {}
    version, revision, start = fields.get("v", ""), fields.get("rv", 0), fields.get("start", "")
    if version != _VERSION:
        raise ValueError(f"server does not recognize this encoded version {version}")
    if type(revision) is not int or revision == 0:
        raise ValueError(f"incorrect encoded start resourceVersion (version {_VERSION})")
    if not isinstance(start, str) or not start:
        raise ValueError(f"encoded start key empty (version {_VERSION})")
    key = start if start.startswith("/") else f"/{start}"
    if posixpath.normpath(key) != key.rstrip("/") or key.startswith("//"):
        raise ValueError(key)
    return key, None if revision < 0 else revision


# ---- Which objects a list or watch is about: namespace, name, labels, fields


@dataclass(frozen=True, slots=True)
class Selection:
    """A predicate on objects as clients of the kind see them."""

    namespace: str
    name: str
    labels: Selector
    fields: FieldSelector

    @property
    def everything(self) -> bool:
        """Whether all objects (of the namespace) are selected."""
        return not (self.name or self.labels.requirements or self.fields.requirements)

    def covers(self, obj: Obj) -> bool:
        """Whether an object is selected."""
        metadata = obj["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        if self.name and metadata["name"] != self.name:
            return False
        return self.labels.matches(metadata.get("labels")) and self.fields.matches(obj)


def selection(call: Call) -> Selection:
    """The selection a request asks for.

    Raises:
        StatusError: 400 for selectors that cannot be understood.
    """
    request, kind = call.request, call.kind
    try:
        labels = parse_labels(request.param("labelSelector"))
        fields = parse_fields(request.param("fieldSelector"), kind, _own_fields(kind))
    except (SelectorError, FieldSelectorError) as error:
        raise errors.bad_request(str(error)) from None
    return Selection(call.route.namespace, call.route.name, labels, fields)


def _own_fields(kind: Kind) -> tuple[str, ...]:
    return kind.selectable if isinstance(kind, VersionedKind) else ()


# ---- Lists: selection, pages, and the revision they are consistent at

_TOO_OLD_TOKEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
_TOO_OLD_LIST = "The resourceVersion for the provided list is too old."
_COMPACTION = 300.0
"""Seconds between two compactions; each forgets what was older than the one before it."""


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
    objects = _read_objects(call, chosen, at, resumed, start)
    revision = call.context.store.revision if at is None else at
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
    current = call.context.store.revision
    if call.route.verb != "watch" and asked > current:
        raise errors.too_large_version(asked, current)
    return asked


def _number(text: str) -> int:
    why = "" if not text or (text.isascii() and text.isdigit()) else "invalid syntax"
    if len(text) > 20 or (not why and int(text or 0) >= 2**64):
        why = why or "value out of range"
    if why:
        quoted_text = quoted(text)
        raise ValueError(
            f"resourceVersion: Invalid value: {quoted_text}: strconv.ParseUint: parsing {quoted_text}: {why}"
        )
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
    current = call.context.store.revision
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


def _read_objects(call: Call, chosen: Selection, at: int | None, resumed: str, start: str) -> list[Obj]:
    store, kind = call.context.store, call.kind
    resource = storage_kind(kind).group_resource
    try:
        _check_kept(call, at)
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


def oldest_kept(store: Store, now: float) -> int:
    """The oldest revision that etcd would still have (k8s.io/apiserver/pkg/storage/etcd3/compact.go).

    The store here forgets nothing: recordings and watches go further back, as those of a real server's cache may.
    """
    begun = store.began()
    ticks = int((now - begun) // _COMPACTION)
    return max(store.compacted, store.revision_at(begun + (ticks - 1) * _COMPACTION) if ticks > 1 else 0)


def _check_kept(call: Call, at: int | None) -> None:
    oldest = oldest_kept(call.context.store, call.context.now())
    if at is not None and at < oldest:
        raise Compacted(oldest)


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
