"""Follows the CustomResourceDefinitions: serves what they define, and cleans up behind those that go."""

from __future__ import annotations

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver.custom.kinds import kinds_of
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.metrics import served_kinds
from k8s_tutor.embedded.apiserver.rules.definitions import CLEANUP
from k8s_tutor.embedded.core import ApiHandler, User
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects.types import Obj

__all__ = ["Serving"]

RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
_CLEANUP_DELAY = 0.05  # seconds until the instances of a deleted definition begin to go
_SELF = User("system:apiserver", ("system:authenticated", "system:masters"))


class Serving:
    """Keeps the served kinds in step with the stored definitions."""

    def __init__(self, ground: Ground, api: ApiHandler) -> None:
        self._ground = ground
        self._local = Local(api, _SELF, "kube-apiserver")
        self._served: dict[str, Obj] = {}
        ground.store.subscribe(self._follow, RESOURCE)

    def _follow(self, change: Change) -> None:
        definition = change.obj
        name = definition["metadata"]["name"]
        if change.type == "DELETED":
            self._served.pop(name, None)
        else:
            before = self._served.get(name)
            self._served[name] = definition
            if "deletionTimestamp" in definition["metadata"]:
                self._ground.loop.call_later(_CLEANUP_DELAY, lambda: self._clean_up(name), "custom resource cleanup")
            if before is not None and before["spec"] == definition["spec"]:
                return
        entries = [entry for one in self._served.values() for entry in kinds_of(one)]
        kinds = self._ground.custom.serve(entries)
        self._ground.kinds = served_kinds().with_kinds(kinds)

    def _clean_up(self, name: str) -> None:
        """Deletes what instances there are; once none is left, lets the definition go."""
        definition = self._served.get(name)
        if definition is None or CLEANUP not in definition["metadata"].get("finalizers", ()):
            return
        instances = self._ground.store.list(name)
        for instance in instances:
            if "deletionTimestamp" not in instance["metadata"]:
                self._delete(instance, definition)
        if self._ground.store.list(name):
            self._ground.loop.call_later(1.0, lambda: self._clean_up(name), "custom resource cleanup")
            return
        finalizers = [one for one in definition["metadata"]["finalizers"] if one != CLEANUP]
        self._local.patch(definition, {"metadata": {"finalizers": finalizers or None}})

    def _delete(self, instance: Obj, definition: Obj) -> None:
        kind = kinds_of(definition)[0].kind
        try:
            self._local.delete(instance, kind=kind)
        except StatusError as error:
            if error.code != 404:
                raise
