"""Follows the CustomResourceDefinitions: names are given, kinds served, and what goes is cleaned up behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.admission.webhook_review import CallFailed, call
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.custom_conversion import Conversion
from k8s_tutor.embedded.apiserver.custom_kinds import CustomKind, kinds_of
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.rules.definitions import CLEANUP
from k8s_tutor.embedded.core import APISERVER, ApiHandler
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects.types import Obj

__all__ = ["Naming", "Registration", "convert", "names_status"]


# ---- Which definitions may have the names they want: the first who asks for a name in a group gets it
#
# Source: the naming controller of k8s.io/apiextensions-apiserver 1.37, checked against a real server.

_NOT_ACCEPTED = ("Established", "False", "NotAccepted", "not all names are accepted")
_ESTABLISHED = ("Established", "True", "InitialNamesAccepted", "the initial names have been accepted")


@dataclass(slots=True)
class Naming:
    """The names taken in one group.

    Attributes:
        resources: Plurals, singulars and short names; `kinds`: kinds and lists of kinds.
    """

    resources: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def take(self, definition: Obj) -> tuple[Obj, str, str]:
        """What of a definition's names it gets, and the last thing in the way: reason and message, or `""`."""
        wanted = definition["spec"]["names"]
        rows = (
            ("plural", [wanted["plural"]], self.resources, "PluralConflict"),
            ("singular", [wanted.get("singular", "")], self.resources, "SingularConflict"),
            ("shortNames", wanted.get("shortNames") or [], self.resources, "ShortNamesConflict"),
            ("kind", [wanted["kind"]], self.kinds, "KindConflict"),
            ("listKind", [wanted.get("listKind", "")], self.kinds, "ListKindConflict"),
        )
        accepted: Obj = {"plural": "", "kind": ""}
        reason = words = ""
        for key, names, taken, conflict in rows:
            clash = [name for name in names if name in taken]
            if clash:
                reason, words = conflict, ", ".join(f'"{name}" is already in use' for name in clash)
            elif names and names[0]:
                accepted[key] = wanted[key]
        if not reason:
            accepted = wanted
        self.resources |= {accepted["plural"], accepted.get("singular", ""), *(accepted.get("shortNames") or ())} - {""}
        self.kinds |= {accepted["kind"], accepted.get("listKind", "")} - {""}
        return accepted, reason, words


def names_status(definition: Obj, found: tuple[Obj, str, str], when: str, *, new: bool) -> Obj:
    """A definition with what became of its names in its status; the same object where nothing changes.

    Args:
        definition: The definition.
        found: What `Naming.take` found.
        when: The time, for conditions that change.
        new: It has just been made: what its status says so far was said in advance.
    """
    accepted, reason, words = found
    status = definition["status"]
    present: list[Obj] = status.get("conditions") or []
    conditions = _with(present, ("NamesAccepted", *_naming(reason, words)), when)
    established = any(row["type"] == "Established" and row["status"] == "True" for row in present)
    if not reason:
        conditions = _with(conditions, _ESTABLISHED, when)
    elif new or not established:
        conditions = _with(conditions, _NOT_ACCEPTED, when)
    if conditions == present and status.get("acceptedNames") == accepted:
        return definition
    return {**definition, "status": {**status, "conditions": conditions, "acceptedNames": accepted}}


def _naming(reason: str, words: str) -> tuple[str, str, str]:
    return ("False", reason, words) if reason else ("True", "NoConflicts", "no conflicts found")


def _with(conditions: list[Obj], row: tuple[str, str, str, str], when: str) -> list[Obj]:
    """Conditions with one of them so; its time moves when its status does."""
    kind, status, reason, message = row
    made = {"type": kind, "status": status, "lastTransitionTime": when, "reason": reason, "message": message}
    rows = []
    for condition in conditions:
        if condition["type"] == kind:
            since = condition["lastTransitionTime"] if condition["status"] == status else when
            made["lastTransitionTime"] = since
            rows.append(made)
        else:
            rows.append(condition)
    return rows if any(row is made for row in rows) else [*rows, made]


# ---- Follows the CustomResourceDefinitions: serves what they define, and cleans up behind those that go

RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
_CLEANUP_DELAY = 0.05  # seconds until the instances of a deleted definition begin to go


class Registration:
    """Keeps the served kinds in step with the stored definitions."""

    def __init__(self, context: ServerContext, api: ApiHandler) -> None:
        self._context = context
        self._always = context.kinds
        self._local = Local(api, APISERVER, "kube-apiserver")
        self._definitions: dict[str, Obj] = {}
        self._since: dict[str, int] = {}  # the revision since which a definition's versions are as they are
        self._established: set[str] = set()
        context.store.subscribe(self._follow, RESOURCE)

    def _follow(self, change: Change) -> None:
        definition = change.obj
        name = definition["metadata"]["name"]
        if change.type == "DELETED":
            self._definitions.pop(name, None)
            self._established.discard(name)
        else:
            before = self._definitions.get(name)
            self._definitions[name] = definition
            if "deletionTimestamp" in definition["metadata"]:
                self._context.loop.call_later(_CLEANUP_DELAY, lambda: self._clean_up(name), "custom resource cleanup")
            if before is not None and before["spec"] == definition["spec"]:
                return
            self._since[name] = change.revision
        self._accept_names(definition["spec"]["group"], name if change.type == "ADDED" else "")
        self._serve()

    def _accept_names(self, group: str, new: str) -> None:
        """Gives out the names of a group, first come, first served; statuses follow in a moment."""
        naming = Naming()
        when = rfc3339(self._context.now())
        for name, definition in self._definitions.items():
            if definition["spec"]["group"] != group:
                continue
            found = naming.take(definition)
            if not found[1]:
                self._established.add(name)
            changed = names_status(definition, found, when, new=name == new)
            if changed is not definition:
                self._context.loop.call_later(
                    0.0, partial(self._tell, name, changed["status"]), "custom resource names"
                )

    def _tell(self, name: str, status: Obj) -> None:
        definition = self._definitions.get(name)
        if definition is not None:
            self._local.update_status({**definition, "status": status})

    def _serve(self) -> None:
        entries = [entry for name in self._definitions if name in self._established for entry in self._entries(name)]
        kinds = self._context.custom.serve(entries)
        self._context.kinds = self._always.with_kinds(kinds)

    def _entries(self, name: str) -> list[CustomKind]:
        definition = self._definitions[name]
        outside = definition["spec"]["conversion"]["strategy"] == "Webhook"
        converter = partial(convert, self._context, definition) if outside else None
        return kinds_of(definition, Conversion(definition, self._since[name], converter))

    def _clean_up(self, name: str) -> None:
        """Deletes what instances there are; once none is left, lets the definition go."""
        definition = self._definitions.get(name)
        if definition is None or CLEANUP not in definition["metadata"].get("finalizers", ()):
            return
        instances = self._context.store.list(name)
        for instance in instances:
            if "deletionTimestamp" not in instance["metadata"]:
                self._delete(instance, definition)
        if self._context.store.list(name):
            self._say_in_progress(definition)
            self._context.loop.call_later(1.0, lambda: self._clean_up(name), "custom resource cleanup")
            return
        finalizers = [one for one in definition["metadata"]["finalizers"] if one != CLEANUP]
        self._local.patch(definition, {"metadata": {"finalizers": finalizers or None}})

    def _say_in_progress(self, definition: Obj) -> None:
        """Instances are still held by finalizers of their own."""
        status = definition["status"]
        said = {"reason": "InstanceDeletionInProgress", "message": "CustomResource deletion is in progress"}
        rows = [{**row, **said} if row["type"] == "Terminating" else row for row in status["conditions"]]
        if rows != status["conditions"]:
            self._local.update_status({**definition, "status": {**status, "conditions": rows}})

    def _delete(self, instance: Obj, definition: Obj) -> None:
        kinds = kinds_of(definition)
        metadata = instance["metadata"]
        if not kinds:  # no version is served: nobody else can ask for it either
            resource, now = definition["metadata"]["name"], self._context.now()
            self._context.store.delete(resource, metadata.get("namespace", ""), metadata["name"], now)
            return
        try:
            self._local.delete(instance, kind=kinds[0].kind)
        except StatusError as error:
            if error.code != 404:
                raise


# ---- The conversion webhook: a server outside the cluster that turns objects of one version into another
#
# Source: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning; how
# failures are worded was asked of a real server. Each object is asked for by itself; a real server sends lists whole.

_API = "apiextensions.k8s.io"
_SECONDS = 30  # how long the webhook may take


def convert(context: ServerContext, definition: Obj, obj: Obj, wanted: str) -> Obj:
    """An object in another version, as the definition's webhook makes it.

    Raises:
        StatusError: 500: it could not be asked, or gave no proper answer.
    """
    hook = definition["spec"]["conversion"]["webhook"]
    settings = {"clientConfig": hook["clientConfig"], "timeoutSeconds": _SECONDS}
    version = next(name for name in hook["conversionReviewVersions"] if name in ("v1", "v1beta1"))
    uid = f"{obj['metadata'].get('uid', '')}-{wanted.rpartition('/')[2]}"
    request = {"uid": uid, "desiredAPIVersion": wanted, "objects": [obj]}
    review = {"kind": "ConversionReview", "apiVersion": f"{_API}/{version}", "request": request}
    try:
        body = call(context, settings, review)
        return _answer(body, uid, obj, wanted)
    except CallFailed as error:
        words = str(error).removeprefix("failed to call webhook: ")
        raise StatusError(failure(500, "InternalError", _failed(obj, words))) from error


def _failed(obj: Obj, words: str) -> str:
    return f"conversion webhook for {obj['apiVersion']}, Kind={obj['kind']} failed: {words}"


def _answer(body: bytes, uid: str, obj: Obj, wanted: str) -> Obj:
    """The one object in a review's response, with nothing changed that may not change."""
    try:
        review = json.loads(body)
    except ValueError:
        raise CallFailed("invalid response: it is no JSON") from None
    response = review.get("response") if isinstance(review, dict) else None
    if not isinstance(response, dict):
        raise CallFailed("invalid response: no response provided")
    if response.get("uid") != uid:
        raise CallFailed(f'invalid response: expected response.uid="{uid}", got "{response.get("uid", "")}"')
    result: Any = response.get("result") or {}
    if result.get("status") != "Success":
        raise CallFailed(str(result.get("message") or "unknown reason"))
    objects = response.get("convertedObjects") or []
    if len(objects) != 1:
        raise CallFailed(f"invalid response: expected 1 converted objects, got {len(objects)}")
    found: Obj = objects[0]
    _check(found, obj, wanted)
    return found


def _check(found: Obj, obj: Obj, wanted: str) -> None:
    where = "invalid converted object at index 0:"
    if found.get("apiVersion") != wanted:
        raise CallFailed(f"{where} invalid groupVersion (expected {wanted}, received {found.get('apiVersion', '')})")
    if found.get("kind") != obj["kind"]:
        raise CallFailed(f"{where} invalid kind (expected {obj['kind']}, received {found.get('kind', '')})")
    metadata = found.get("metadata") or {}
    for key in ("name", "namespace", "uid"):
        if metadata.get(key, "") != obj["metadata"].get(key, ""):
            got = metadata.get(key, "")
            raise CallFailed(
                f"{where} invalid metadata.{key} (expected {obj['metadata'].get(key, '')}, received {got})"
            )
