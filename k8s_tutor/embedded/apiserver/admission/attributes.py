"""What admission is told about a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import DeleteOptions
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Attributes", "Operation", "delete_attributes", "write_attributes"]

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]

_META = "meta.k8s.io/v1"


@dataclass(slots=True)
class Attributes:
    """One write, on its way to the store.

    Attributes:
        call: The request it belongs to.
        kind: Of the object, in its storage version.
        operation: What is done.
        obj: The object as it shall be; None for a deletion.
        old: The object as it is; None for a creation.
        said: Gives the request's options, an object of `meta.k8s.io/v1`.
        name: `""` while it is still to be generated.
    """

    call: Call
    kind: Kind
    operation: Operation
    obj: Obj | None
    old: Obj | None
    said: Callable[[], Obj]
    name: str

    @property
    def namespace(self) -> str:
        """Where it happens; `""` for cluster scope."""
        return self.call.route.namespace

    @property
    def subresource(self) -> str:
        """`""` for the object itself."""
        return self.call.route.subresource

    @property
    def shown_name(self) -> str:
        """As refusals call the object: one without a name yet by what its name will begin with."""
        metadata = (self.obj or {}).get("metadata") or {}
        return self.name or metadata.get("name") or metadata.get("generateName") or "Unknown"


def write_attributes(call: Call, kind: Kind, obj: Obj, old: Obj | None = None) -> Attributes:
    """Those of a creation, or of an update where there is an old object."""
    operation: Operation = "CREATE" if old is None else "UPDATE"
    name = call.route.name or obj["metadata"].get("name", "")
    return Attributes(call, kind, operation, obj, old, partial(_write_options, call.request, operation), name)


def _write_options(request: Request, operation: Operation) -> Obj:
    options: dict[str, Json] = {"kind": f"{operation.capitalize()}Options", "apiVersion": _META}
    if request.params("dryRun"):
        options["dryRun"] = request.params("dryRun")
    return options | {key: value for key in ("fieldManager", "fieldValidation") if (value := request.param(key))}


def delete_attributes(call: Call, kind: Kind, old: Obj, options: DeleteOptions) -> Attributes:
    """Those of a deletion; one of a collection's has no name."""
    return Attributes(call, kind, "DELETE", None, old, partial(_delete_options, options), call.route.name)


def _delete_options(options: DeleteOptions) -> Obj:
    said: dict[str, Json] = {"kind": "DeleteOptions", "apiVersion": _META}
    preconditions = {"uid": options.uid, "resourceVersion": options.resource_version}
    known = {
        "gracePeriodSeconds": options.grace_seconds,
        "preconditions": {key: value for key, value in preconditions.items() if value} or None,
        "orphanDependents": options.orphan_dependents,
        "propagationPolicy": options.propagation or None,
        "dryRun": ["All"] if options.dry_run else None,
    }
    return said | {key: value for key, value in known.items() if value is not None}
