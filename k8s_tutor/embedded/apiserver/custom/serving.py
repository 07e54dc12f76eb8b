"""Follows the CustomResourceDefinitions: serves what they define, and cleans up behind those that go."""

from __future__ import annotations

from functools import partial

from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.custom.conversion import Conversion
from k8s_tutor.embedded.apiserver.custom.kinds import CustomKind, kinds_of
from k8s_tutor.embedded.apiserver.custom.naming import Naming, names_status
from k8s_tutor.embedded.apiserver.custom.webhook import convert
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.rules.definitions import CLEANUP
from k8s_tutor.embedded.core import APISERVER, ApiHandler
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects.types import Obj

__all__ = ["Serving"]

RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
_CLEANUP_DELAY = 0.05  # seconds until the instances of a deleted definition begin to go


class Serving:
    """Keeps the served kinds in step with the stored definitions."""

    def __init__(self, ground: Ground, api: ApiHandler) -> None:
        self._ground = ground
        self._always = ground.kinds
        self._local = Local(api, APISERVER, "kube-apiserver")
        self._definitions: dict[str, Obj] = {}
        self._since: dict[str, int] = {}  # the revision since which a definition's versions are as they are
        self._established: set[str] = set()
        ground.store.subscribe(self._follow, RESOURCE)

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
                self._ground.loop.call_later(_CLEANUP_DELAY, lambda: self._clean_up(name), "custom resource cleanup")
            if before is not None and before["spec"] == definition["spec"]:
                return
            self._since[name] = change.revision
        self._accept_names(definition["spec"]["group"], name if change.type == "ADDED" else "")
        self._serve()

    def _accept_names(self, group: str, new: str) -> None:
        """Gives out the names of a group, first come, first served; statuses follow in a moment."""
        naming = Naming()
        when = rfc3339(self._ground.now())
        for name, definition in self._definitions.items():
            if definition["spec"]["group"] != group:
                continue
            found = naming.take(definition)
            if not found[1]:
                self._established.add(name)
            changed = names_status(definition, found, when, new=name == new)
            if changed is not definition:
                self._ground.loop.call_later(0.0, partial(self._tell, name, changed["status"]), "custom resource names")

    def _tell(self, name: str, status: Obj) -> None:
        definition = self._definitions.get(name)
        if definition is not None:
            self._local.update_status({**definition, "status": status})

    def _serve(self) -> None:
        entries = [entry for name in self._definitions if name in self._established for entry in self._entries(name)]
        kinds = self._ground.custom.serve(entries)
        self._ground.kinds = self._always.with_kinds(kinds)

    def _entries(self, name: str) -> list[CustomKind]:
        definition = self._definitions[name]
        outside = definition["spec"]["conversion"]["strategy"] == "Webhook"
        converter = partial(convert, self._ground, definition) if outside else None
        return kinds_of(definition, Conversion(definition, self._since[name], converter))

    def _clean_up(self, name: str) -> None:
        """Deletes what instances there are; once none is left, lets the definition go."""
        definition = self._definitions.get(name)
        if definition is None or CLEANUP not in definition["metadata"].get("finalizers", ()):
            return
        instances = self._ground.store.list(name)
        for instance in instances:
            if "deletionTimestamp" not in instance["metadata"]:
                self._delete(instance, definition)
        if self._ground.store.list(name):
            self._say_in_progress(definition)
            self._ground.loop.call_later(1.0, lambda: self._clean_up(name), "custom resource cleanup")
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
            resource, now = definition["metadata"]["name"], self._ground.now()
            self._ground.store.delete(resource, metadata.get("namespace", ""), metadata["name"], now)
            return
        try:
            self._local.delete(instance, kind=kinds[0].kind)
        except StatusError as error:
            if error.code != 404:
                raise
