"""managedFields: who owns which field, kept on every write."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["record"]


def record(call: Call, new: Obj, old: Obj | None, kind: Kind, options: WriteOptions) -> None:
    """Brings `new`'s managedFields up to date with what this write changed."""
    entries = (old or {}).get("metadata", {}).get("managedFields")
    if entries:
        new["metadata"]["managedFields"] = entries
    else:
        new["metadata"].pop("managedFields", None)
