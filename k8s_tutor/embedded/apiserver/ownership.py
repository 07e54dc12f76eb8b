"""managedFields: who owns which field, kept on every write."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.embedded.apiserver.versions import from_storage
from k8s_tutor.objects.apply import ApplyError, Writer, track_update
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["record", "writer"]


def record(call: Call, new: Obj, old: Obj | None, options: WriteOptions) -> None:
    """Brings `new`'s managedFields up to date with what this write changes."""
    if options.applied:
        return  # applying has settled who owns what
    kind = call.kind if call.kind.kind == new["kind"] else call.ground.kinds.of(new["apiVersion"], new["kind"])
    assert kind is not None
    before = None if old is None else _present(from_storage(old, kind))
    after = _present(from_storage(new, kind))
    try:
        tracked = track_update(
            before, after, writer(call, kind, options), now=call.ground.now(), schema=call.ground.type(kind)
        )
    except ApplyError:  # items without their keys: the real server leaves the owners as they were, too
        tracked = after if before is None else before
    entries = tracked["metadata"].get("managedFields")
    if entries:
        new["metadata"]["managedFields"] = entries
    else:
        new["metadata"].pop("managedFields", None)


def _present(obj: Obj) -> Obj:
    """Without the times that Go writes as null when nobody has set them: nobody owns those."""
    return {key: value for key, value in obj.items() if value is not None} if None in obj.values() else obj


def writer(call: Call, kind: Kind, options: WriteOptions) -> Writer:
    """Who writes, and what cannot be written through this door."""
    subresource = call.route.subresource
    has_status = any(part.name == "status" for part in kind.subresources)
    ignored: tuple[str, ...] = ()
    if subresource == "status":
        ignored = ("spec",)
    elif has_status:
        ignored = ("status",)
    return Writer(options.field_manager, kind.api_version, subresource, ignored)
