"""Deleting: preconditions, grace, finalizers, propagation.

Source of the order of steps: k8s.io/apiserver/pkg/registry (generic/registry/store.go and rest/delete.go, 1.37).
"""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.apiserver import admission, errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.options import DeleteOptions, WriteOptions
from k8s_tutor.embedded.apiserver.versions import storage_kind
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["delete", "delete_if_finished"]

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"


def delete(call: Call, kind: Kind, namespace: str, name: str, options: DeleteOptions) -> tuple[Obj, bool]:
    """Deletes an object, or begins to; returns its last state and whether it is gone.

    Raises:
        StatusError: 403, 404 or 409.
    """
    while True:
        current = call.context.get(call.kind, namespace, name)
        _check_preconditions(current, kind, options)
        admission.validate_delete(admission.delete_attributes(call, kind, current, options))
        if call.context.find(kind, namespace, name) is current:  # admission may have taken time
            break
    graceful = call.context.rules(kind).graceful
    changed: Obj | None = None
    if graceful:
        seconds = graceful(current, options.grace_seconds)
        changed = _with_grace(current, seconds, options, call.context.now())
        if changed is current:
            return current, False
    finalizers = _finalizers(current, options, orphans=bool(call.context.rules(kind).orphans))
    if finalizers != current["metadata"].get("finalizers", []):
        changed = _with_metadata(changed or current, finalizers=finalizers or None)
    if _held(changed or current, call, kind) and "deletionTimestamp" not in (changed or current)["metadata"]:
        changed = _marked(changed or current, call, kind)
    return _carry_out(call, kind, current, changed, options)


def delete_if_finished(call: Call, new: Obj, kind: Kind, options: WriteOptions) -> Obj | None:
    """Removes an object whose update took away the last thing that held its deletion back."""
    metadata = new["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("deletionGracePeriodSeconds") or _held(new, call, kind):
        return None
    if options.dry_run:
        return new
    resource, namespace = storage_kind(kind).group_resource, metadata.get("namespace", "")
    return call.context.store.delete(resource, namespace, metadata["name"], call.context.now(), last=new)


def _carry_out(call: Call, kind: Kind, current: Obj, changed: Obj | None, options: DeleteOptions) -> tuple[Obj, bool]:
    context, resource = call.context, storage_kind(kind).group_resource
    result = changed or current
    if changed is not None and changed != current and not options.dry_run:
        result = context.store.put(resource, changed, context.now())
    metadata = result["metadata"]
    if _held(result, call, kind) or metadata.get("deletionGracePeriodSeconds"):
        return result, False
    if options.dry_run:
        return result, True
    namespace, name = metadata.get("namespace", ""), metadata["name"]
    if context.store.get(resource, namespace, name) is None:  # a subscriber was quicker
        return result, True
    return context.store.delete(resource, namespace, name, context.now()), True


def _held(obj: Obj, call: Call, kind: Kind) -> bool:
    return bool(obj["metadata"].get("finalizers")) or call.context.rules(kind).held(obj)


def _check_preconditions(current: Obj, kind: Kind, options: DeleteOptions) -> None:
    metadata = current["metadata"]
    if options.uid and options.uid != metadata["uid"]:
        raise errors.conflict(
            kind,
            metadata["name"],
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated",
            as_kind=True,
        )
    if options.resource_version and options.resource_version != metadata["resourceVersion"]:
        raise errors.conflict(
            kind,
            metadata["name"],
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have been modified",
            as_kind=True,
        )


def _with_grace(current: Obj, seconds: int, options: DeleteOptions, now: float) -> Obj | None:
    """The object with its time to live; itself when a running deletion need not change; None to delete at once."""
    metadata = current["metadata"]
    if "deletionTimestamp" not in metadata:
        marked = _with_metadata(current, deletionTimestamp=rfc3339(now + seconds), deletionGracePeriodSeconds=seconds)
        return _next_generation(marked)
    granted = metadata.get("deletionGracePeriodSeconds", 0)
    if not granted:
        return None
    if options.grace_seconds is None or seconds >= granted:
        return current
    until = from_rfc3339(metadata["deletionTimestamp"]) - granted + seconds
    if until < now:
        until, seconds = now, min(seconds, 1)
    return _with_metadata(current, deletionTimestamp=rfc3339(until), deletionGracePeriodSeconds=seconds)


def _marked(obj: Obj, call: Call, kind: Kind) -> Obj:
    """An object that finalizers keep from going at once."""
    when = rfc3339(call.context.now())
    if terminating := call.context.rules(kind).terminating:
        return terminating(_with_metadata(obj, deletionTimestamp=when))
    return _next_generation(_with_metadata(obj, deletionTimestamp=when, deletionGracePeriodSeconds=0))


def _next_generation(obj: Obj) -> Obj:
    metadata = obj["metadata"]
    return _with_metadata(obj, generation=metadata["generation"] + 1) if metadata.get("generation") else obj


def _with_metadata(obj: Obj, **changes: object) -> Obj:
    metadata = {**obj["metadata"], **changes}
    return {**obj, "metadata": {key: value for key, value in metadata.items() if value is not None}}


def _finalizers(current: Obj, options: DeleteOptions, *, orphans: bool) -> list[str]:
    """The finalizers, with what the propagation policy asks of the garbage collector."""
    present = current["metadata"].get("finalizers", [])
    kept = [finalizer for finalizer in present if finalizer not in (ORPHAN, FOREGROUND)]
    policy = options.propagation
    if options.orphan_dependents is not None:
        policy = "Orphan" if options.orphan_dependents else "Background"
    if policy == "Orphan" or (not policy and ORPHAN in present):
        return [*kept, ORPHAN]
    if policy == "Foreground" or (not policy and FOREGROUND in present):
        return [*kept, FOREGROUND]
    if not policy and orphans:
        return [*kept, ORPHAN]
    return kept
