"""Creating and updating: the order of steps every write goes through, whatever its kind.

Decode and default → ownership of fields → admission that changes → what clients may not choose → validation →
admission that refuses → commit. Where admission asks servers outside, others may write meanwhile: an update then
begins again.
Source of the order: k8s.io/apiserver/pkg/registry (1.37).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import admission, errors, fielderrors
from k8s_tutor.embedded.apiserver.allocation import allocate
from k8s_tutor.embedded.apiserver.context import Call, record
from k8s_tutor.embedded.apiserver.decoding import check_size, complain, decode_as
from k8s_tutor.embedded.apiserver.deletion import delete_if_finished
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.embedded.apiserver.rules.metadata import (
    Transition,
    TransitionCheck,
    check_metadata,
    check_metadata_update,
    keep_system_fields,
)
from k8s_tutor.embedded.apiserver.versions import as_stored, converted_outside, from_storage, storage_kind
from k8s_tutor.embedded.core import generated_name
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Change", "Part", "create", "typed", "update"]

_NAME_TRIES = 8

Change = Callable[[Obj], Obj]
"""From the stored object to the one wanted; never changes its argument."""


def typed(call: Call, value: Json, kind: Kind, options: WriteOptions) -> Obj:
    """A JSON value as a fresh object of `kind`, with defaults; complaints become warnings or an error.

    Raises:
        StatusError: 400.
    """
    obj, complaints = decode_as(value, kind, call.context.shape(kind))
    for complaint in complain(complaints, options.field_validation, kind):
        call.warn(complaint)
    call.context.rules(kind).default(obj)
    return obj


def create(call: Call, obj: Obj, kind: Kind, options: WriteOptions) -> Obj:
    """Stores a new object, which is fresh and typed, and returns it as stored.

    Raises:
        StatusError: 403, 404, 409 or 422.
    """
    context = call.context
    metadata = obj.setdefault("metadata", {})
    _fill_name(metadata, call, kind)
    version = metadata.get("resourceVersion", "")
    given = _system_fields(metadata, call, kind)
    record(call, obj, None, options)
    attributes = admission.write_attributes(call, kind, obj)
    obj = admission.admit(attributes)
    metadata = obj["metadata"]
    metadata |= given
    admission.check_rights(call, kind, obj, None)
    rules = context.rules(kind)
    if rules.generation:
        metadata["generation"] = 1
    rules.prepare_create(obj)
    problems = check_metadata(metadata, kind, rules.name) + rules.validate(obj)
    if call.kind.kind == kind.kind and call.kind is not kind:  # a version may ask for more than the stored one
        problems += context.rules(call.kind).validate(from_storage(obj, call.kind))
    if problems:
        raise errors.invalid(kind, metadata.get("name", ""), problems)
    for text in rules.warn(obj):
        call.warn(text)
    if kind.group_resource == "services":
        allocate(call, obj, None, kind)
    name = attributes.name = metadata["name"]
    admission.validate(attributes)
    if call.route.verb == "create" and not options.dry_run:
        _refuse_version(version)
    ready = as_stored(obj, kind)  # may take time: asks a webhook
    existing = context.find(kind, metadata.get("namespace", ""), name)
    if existing is not None:
        raise errors.already_exists(kind, name, deleting="deletionTimestamp" in existing["metadata"])
    if not options.dry_run:
        admission.charge(attributes)
    return _commit(call, ready, kind, options)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of an object that an update is about.

    Attributes:
        prepare: `(new, old)`: takes back what may not change this way.
        check: `(new, old)`: what is wrong with the change.
        counts: Whether a change of the spec counts in `metadata.generation`.
    """

    prepare: Transition
    check: TransitionCheck
    counts: bool


def update(call: Call, kind: Kind, change: Change, options: WriteOptions, part: Part | None = None) -> Obj:
    """Changes the object the call names (or a part of it) and returns it as stored.

    Raises:
        StatusError: 403, 404, 409 or 422.
    """
    context, route = call.context, call.route
    part = part or _part(call, kind)
    alone = not (admission.asks_outside(context) or converted_outside(kind))
    while True:
        stored = context.get(call.kind, route.namespace, route.name)
        current = from_storage(stored, kind)
        new = change(current)
        if new is current:
            return current
        attributes = _prepared(call, kind, new if alone else deepcopy(new), current, options, part)
        new = attributes.obj or current
        ready = as_stored(new, kind)
        if alone or context.find(kind, route.namespace, route.name) is stored:
            break
    if new == current:
        return current
    if finished := delete_if_finished(call, ready, kind, options):
        return finished
    if not options.dry_run:
        admission.charge(attributes)
    return _commit(call, ready, kind, options)


def _prepared(
    call: Call, kind: Kind, new: Obj, current: Obj, options: WriteOptions, part: Part
) -> admission.Attributes:
    """The changed object after admission and validation, ready to be stored."""
    _fill_name(new["metadata"], call, kind)
    record(call, new, current, options)
    attributes = admission.write_attributes(call, kind, new, current)
    new = admission.admit(attributes)
    admission.check_rights(call, kind, new, current)
    metadata, old_metadata = new["metadata"], current["metadata"]
    _check_versions(call, metadata, old_metadata, kind)
    keep_system_fields(metadata, old_metadata)
    part.prepare(new, current)
    uncounted = metadata.get("generation") == old_metadata.get("generation")
    if part.counts and uncounted and new.get("spec") != current.get("spec"):
        metadata["generation"] = metadata.get("generation", 0) + 1
    _validate_update(call, new, current, kind, part)
    if kind.group_resource == "services" and not call.route.subresource:
        allocate(call, new, current, kind)
    admission.validate(attributes)
    return attributes


def _part(call: Call, kind: Kind) -> Part:
    rules = call.context.rules(kind)
    if call.route.subresource == "status":
        return Part(rules.prepare_status, rules.validate_status, counts=False)
    return Part(rules.prepare_update, rules.validate_update, counts=rules.generation)


def _validate_update(call: Call, new: Obj, current: Obj, kind: Kind, part: Part) -> None:
    problems = check_metadata(new["metadata"], kind, lambda _: [])
    problems += check_metadata_update(new["metadata"], current["metadata"])
    problems += part.check(new, current)
    if problems:
        raise errors.invalid(kind, new["metadata"]["name"], problems)
    if not call.route.subresource:
        for text in call.context.rules(kind).warn(new):
            call.warn(text)


def _fill_name(metadata: Obj, call: Call, kind: Kind) -> None:
    """Checks name and namespace against the URL and fills them in."""
    route = call.route
    if kind.namespaced:
        if metadata.get("namespace", route.namespace) != route.namespace:
            raise errors.bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        metadata["namespace"] = route.namespace
    else:
        metadata.pop("namespace", None)
    if not route.name or route.subresource:
        return
    if not metadata.get("name"):
        metadata["name"] = route.name
    elif metadata["name"] != route.name:
        raise errors.bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL ({route.name})"
        )


_SYSTEM_FIELDS = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
    "resourceVersion",
)


def _system_fields(metadata: Obj, call: Call, kind: Kind) -> Obj:
    """What the server gives a new object. Drawn before admission, which may draw itself, and given after it."""
    for key in _SYSTEM_FIELDS:
        metadata.pop(key, None)
    given: Obj = {"uid": call.context.uid(), "creationTimestamp": rfc3339(call.context.now())}
    if not metadata.get("name") and metadata.get("generateName"):
        given["name"] = _free_name(metadata, call, kind)
    return given


def _refuse_version(version: str) -> None:
    """What is new has no version yet; `0` and what is no number pass for none (etcd3's `store.Create`)."""
    if version.isascii() and version.isdigit() and 0 < int(version) < 2**64:
        raise StatusError(failure(500, "", "resourceVersion should not be set on objects to be created"))


def _free_name(metadata: Obj, call: Call, kind: Kind) -> str:
    """A generated name; a few tries to find one that is not taken, as the real server makes."""
    name = ""
    for _ in range(_NAME_TRIES):
        name = generated_name(metadata["generateName"], call.context.random)
        if call.context.find(kind, metadata.get("namespace", ""), name) is None:
            break
    return name


def _check_versions(call: Call, metadata: Obj, old: Obj, kind: Kind) -> None:
    """Optimistic concurrency: what the client based its change on must still be what is stored."""
    name = old["name"]
    uid = metadata.get("uid", "")
    if uid and uid != old["uid"] and call.request.method == "PUT":  # in a patch it is a field like others
        key = "/".join(part for part in (kind.plural, old.get("namespace", ""), name) if part)
        raise errors.conflict(
            kind,
            name,
            f"StorageError: invalid object, Code: 4, Key: /registry/{key}, ResourceVersion: 0, AdditionalErrorMsg: "
            f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['uid']}",
        )
    version = metadata.get("resourceVersion", "")
    if not version and call.request.method == "PUT" and call.context.custom.has(kind):
        problem = fielderrors.invalid("metadata.resourceVersion", 0, "must be specified for an update")
        raise errors.invalid(replace(kind, kind=kind.plural), name, [problem])
    if version and version != old["resourceVersion"]:
        if not (version.isascii() and version.isdigit()):
            words = f"strconv.ParseUint: parsing {fielderrors.quoted(version)}: invalid syntax"
            raise StatusError(failure(500, "", words))  # as the real server
        raise errors.conflict(kind, name)
    metadata["resourceVersion"] = old["resourceVersion"]


def _commit(call: Call, obj: Obj, kind: Kind, options: WriteOptions) -> Obj:
    if options.dry_run:
        return obj
    check_size(obj)
    context = call.context
    return context.store.put(storage_kind(kind).group_resource, obj, context.now())
