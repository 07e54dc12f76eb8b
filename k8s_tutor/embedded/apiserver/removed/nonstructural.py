"""Says in a definition's status what in it could not be said in v1: the condition `NonStructuralSchema`.

Source: k8s.io/apiextensions-apiserver/pkg/controller/nonstructuralschema (1.21, and still there).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, aggregate, invalid
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.rules.definitions import schema_problems
from k8s_tutor.embedded.core import APISERVER, ApiHandler
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects.types import Obj

__all__ = ["NonStructural"]

_RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
_TYPE = "NonStructuralSchema"


class NonStructural:
    """Follows the definitions; looks at each once a generation."""

    def __init__(self, ground: Ground, api: ApiHandler) -> None:
        self._ground = ground
        self._local = Local(api, APISERVER, "kube-apiserver")
        ground.store.subscribe(self._follow, _RESOURCE)

    def _follow(self, change: Change) -> None:
        before = change.previous
        if change.type == "DELETED" or (before is not None and before["spec"] == change.obj["spec"]):
            return
        name = change.obj["metadata"]["name"]
        self._ground.loop.call_later(0.0, partial(self._tell, name), "non-structural schemas")

    def _tell(self, name: str) -> None:
        definition = self._ground.store.get(_RESOURCE, "", name)
        if definition is None:
            return
        status = definition["status"]
        present: list[Obj] = status.get("conditions") or []
        others = [row for row in present if row["type"] != _TYPE]
        said = next((row["message"] for row in present if row["type"] == _TYPE), "")
        problems = list(_problems(definition["spec"]))
        words = aggregate(problems) if problems else ""
        if words == said:
            return
        rows = [*others, self._condition(words)] if words else others
        self._local.update_status({**definition, "status": {**status, "conditions": rows}})

    def _condition(self, words: str) -> Obj:
        when = rfc3339(self._ground.now())
        found = {"type": _TYPE, "status": "True", "lastTransitionTime": when}
        return found | {"reason": "Violations", "message": words}


def _problems(spec: Obj) -> Iterator[FieldError]:
    if spec.get("preserveUnknownFields"):
        yield invalid("spec.preserveUnknownFields", True, "must be false")
    yield from schema_problems(spec)
