"""The CustomResourceDefinitions a lesson makes: they belong to the whole cluster, so learners share them.

Who comes last takes them away: they are never removed while another learner's lesson, or an object of their kind
anywhere else, needs them. Each who begins writes on them; a removal names the version it has seen, so that it fails
when somebody has begun between the look and the deed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, wait_until
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.course.progress import WORKSHOP
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.belongings import LESSON, MANAGED_BY, OURS
from k8s_tutor.session.learner import may

__all__ = ["Definitions"]

_KIND = "customresourcedefinitions"
_GROUP = "apiextensions.k8s.io"
_LAST = "k8s-tutor.dev/last-begun-in"
_TIMEOUT = 120.0  # seconds of the cluster's time: all objects of the kind go first


@dataclass(frozen=True)
class Definitions:
    """Those of one lesson.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        names: Theirs: `etcdclusters.tutor.example`.
        lesson: The lesson's name.
        namespace: Where this learner's lesson is.
    """

    client: Client
    clock: Clock
    names: tuple[str, ...]
    lesson: str
    namespace: str

    def begin(self) -> int:
        """Removes what an earlier run has left, unless others use it; returns how many that were.

        Raises:
            UsageError: somebody else has made one of that name.
        """
        removed = self.remove()
        for name in self.names:
            with suppress(StatusError):  # not there, or not ours to write on: then nobody of our rights removes it
                note = {"metadata": {"annotations": {_LAST: self.namespace}}}
                if metadata.is_deleting(self.client.patch(_KIND, name, note)):
                    self._wait_gone(name)
        return removed

    def remove(self) -> int:
        """Removes those that nobody else uses, with all objects of their kinds; returns how many those were.

        Raises:
            UsageError: somebody else has made one of that name.
        """
        removed = sum(self._remove(name) for name in self.names)
        if removed:
            self.client.refresh_kinds()
        return removed

    def kept(self) -> list[str]:
        """Those that are still there."""
        return [name for name in self.names if self._find(name) is not None or self._served(name)]

    def missing_rights(self) -> tuple[Wording, bool]:
        """What we may not do here, in words (empty where we may do everything), and whether cells will be refused."""
        if not self.names or may(self.client, "create", _KIND, group=_GROUP):
            return "", False
        without = [name for name in self.names if not self._usable(name)]
        if not without:
            names = ", ".join(self.names)
            return msg(
                "{names} is on this cluster already, and yours to use: this lesson runs whole.", names=names
            ), False
        return msg(
            "You may not define kinds on this cluster (create {kind}), and {without} is not there for you to use: "
            "cells that make or ask for such objects will be refused.",
            kind=_KIND,
            without=", ".join(without),
        ), True

    def _remove(self, name: str) -> bool:
        while (found := self._find(name)) is not None:
            if WORKSHOP in metadata.labels(found) or not self._is_ours(found):  # a class shares it
                return False
            if metadata.is_deleting(found):
                self._wait_gone(name)
                return True
            if self._used_elsewhere(found):
                return False
            try:
                self.client.delete(_KIND, name, seen=found)
            except StatusError as error:
                if error.code == 409:  # somebody has begun meanwhile: look again
                    continue
                if error.code == 403:  # somebody with more rights has made it for all
                    return False
                if error.code != 404:
                    raise
            self._wait_gone(name)
            return True
        return False

    def _used_elsewhere(self, definition: Obj) -> bool:
        """Whether another's lesson is going on, or objects are anywhere else; whoever may not look assumes it."""
        try:
            lessons = self.client.list("namespaces", labels=f"{MANAGED_BY}={OURS},{LESSON}={self.lesson}")
            objects = self._objects(definition)
        except StatusError:
            return True
        others = [one for one in lessons if not metadata.is_deleting(one)]
        return any(metadata.name(one) != self.namespace for one in others) or any(
            metadata.namespace(one) != self.namespace for one in objects
        )

    def _objects(self, definition: Obj) -> list[Obj]:
        spec = definition["spec"]
        version = next(one["name"] for one in spec["versions"] if one.get("served"))
        path = f"/apis/{spec['group']}/{version}/{spec['names']['plural']}"
        try:
            answer = self.client.raw("GET", path).body
        except StatusError as error:
            if error.code != 404:  # not served yet, or no longer: there are none
                raise
            return []
        return list(answer.get("items") or ()) if isinstance(answer, dict) else []

    def _usable(self, name: str) -> bool:
        plural, _, group = name.partition(".")
        return (
            self._find(name) is not None
            and self._served(name)
            and may(self.client, "create", plural, group=group, namespace=self.namespace)
        )

    def _served(self, name: str) -> bool:
        return self.client.kinds.find(name) is not None or self.client.refresh_kinds().find(name) is not None

    def _find(self, name: str) -> Obj | None:
        try:
            return self.client.find(_KIND, name)
        except StatusError as error:
            if error.code != 403:
                raise
            return None

    def _is_ours(self, definition: Obj) -> bool:
        """Whether it carries our label; one that does not is left alone by who could not remove it anyway."""
        if metadata.labels(definition).get(MANAGED_BY) == OURS:
            return True
        if not may(self.client, "delete", _KIND, group=_GROUP):
            return False
        name = metadata.name(definition)
        raise UsageError(
            msg("There is a CustomResourceDefinition {name} on this cluster that is not ours.", name=name),
            why=msg(
                "It lacks the label {label}; removing it could destroy somebody's work.",
                label=f"{MANAGED_BY}={OURS}",
            ),
            next_step=msg(
                "Use another cluster, or remove it yourself: {command}", command=f"kubectl delete crd {name}"
            ),
        )

    def _wait_gone(self, name: str) -> None:
        deadline = self.clock.now() + _TIMEOUT
        wait_until(self.client, self.clock, Selection(_KIND, name=name), lambda found: not found, deadline)
