"""The rules of `metadata`, the same for every kind.

Source of wording: k8s.io/apimachinery/pkg/api/validation/objectmeta.go (1.37).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.embedded.apiserver import fielderrors
from k8s_tutor.embedded.apiserver.fielderrors import FieldError
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.metadata import dns1123_subdomain, label_value, qualified_name
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Check",
    "Rules",
    "Transition",
    "TransitionCheck",
    "any_path_segment",
    "check_annotations",
    "check_labels",
    "check_metadata",
    "check_metadata_update",
    "keep_system_fields",
]


# ---- The shape of a kind's rules. Every part has a default that does nothing

Mutation: TypeAlias = Callable[[Obj], None]
Transition: TypeAlias = Callable[[Obj, Obj], None]
Check: TypeAlias = Callable[[Obj], list[FieldError]]
TransitionCheck: TypeAlias = Callable[[Obj, Obj], list[FieldError]]
NameCheck: TypeAlias = Callable[[str], list[str]]


def _nothing(*_: Obj) -> None:
    return None


def _fine(*_: Obj) -> list[FieldError]:
    return []


def _silent(*_: Obj) -> list[str]:
    return []


def _free(_: Obj) -> bool:
    return False


def any_path_segment(name: str) -> list[str]:
    """The loosest rule for names, of RBAC kinds and custom resources' parts: it must fit in a path."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in name]


@dataclass(frozen=True, slots=True)
class Rules:
    """One kind's particulars.

    Attributes:
        default: Fills in defaults, as decoding does on every write.
        prepare_create: Sets what a client may not choose when creating (status, allocated fields).
        prepare_update: `(new, old)`: takes back what a client may not change in a main update.
        prepare_status: `(new, old)`: takes back what a client may not change through `/status`.
        validate: What is wrong with a new object.
        validate_update: `(new, old)`: what is wrong with a change.
        validate_status: `(new, old)`: what is wrong with a change of status.
        warn: Warnings about an object.
        name: What is wrong with a name.
        generation: Whether `metadata.generation` counts changes of the spec.
        upsert: Whether a PUT may create.
        graceful: Seconds of grace for a deletion; None where deletion is at once.
        returns_deleted: Whether a deletion answers with the object instead of a Status.
        orphans: What to say when the object is deleted without a word about its dependents, which then stay, as long
            ago; `""` where they go, too.
        held: Whether something besides `metadata.finalizers` holds a deletion back.
        terminating: What an object that is held back looks like; None where its metadata says it all.
    """

    default: Mutation = _nothing
    prepare_create: Mutation = _nothing
    prepare_update: Transition = _nothing
    prepare_status: Transition = _nothing
    validate: Check = _fine
    validate_update: TransitionCheck = _fine
    validate_status: TransitionCheck = _fine
    warn: Callable[[Obj], list[str]] = _silent
    name: NameCheck = dns1123_subdomain
    generation: bool = False
    upsert: bool = False
    graceful: Callable[[Obj, int | None], int] | None = None
    returns_deleted: bool = False
    orphans: str = ""
    held: Callable[[Obj], bool] = _free
    terminating: Callable[[Obj], Obj] | None = None


# ---- The rules of `metadata`, the same for every kind

_ANNOTATIONS_LIMIT = 256 * 1024
_EXTENSIONS = "apiextensions.k8s.io"  # a server of its own, with looser rules: its own finalizer has no prefix
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_IMMUTABLE = "field is immutable"


def check_metadata(metadata: Obj, kind: Kind, check_name: NameCheck) -> list[FieldError]:
    """What is wrong with an object's metadata."""
    found: list[FieldError] = []
    if base := metadata.get("generateName"):
        problems = check_name(base[:-2] + "a" if len(base) > 1 and base.endswith("-") else base)  # as in Kubernetes
        found += [fielderrors.invalid("metadata.generateName", base, problem) for problem in problems]
    name = metadata.get("name", "")
    if not name:
        found.append(fielderrors.required("metadata.name", "name or generateName is required"))
    else:
        found += [fielderrors.invalid("metadata.name", name, problem) for problem in check_name(name)]
    if not kind.namespaced and metadata.get("namespace"):
        found.append(fielderrors.forbidden("metadata.namespace", "not allowed on this type"))
    found += check_labels(metadata.get("labels"), "metadata.labels")
    found += check_annotations(metadata.get("annotations"), "metadata.annotations")
    found += _check_owners(metadata.get("ownerReferences"))
    found += _check_finalizers(metadata.get("finalizers"))
    if builtin_kinds().of(kind.api_version, kind.kind) is not None and kind.group != _EXTENSIONS:
        found += _check_builtin_finalizers(metadata.get("finalizers"))
    return found


def check_labels(labels: Obj | None, path: str) -> list[FieldError]:
    """What is wrong with labels."""
    found: list[FieldError] = []
    for key, value in (labels or {}).items():
        found += [fielderrors.invalid(path, key, problem) for problem in qualified_name(key)]
        found += [fielderrors.invalid(path, value, problem) for problem in label_value(value)]
    return found


def check_annotations(annotations: Obj | None, path: str) -> list[FieldError]:
    """What is wrong with annotations."""
    found: list[FieldError] = []
    size = 0
    for key, value in (annotations or {}).items():
        size += len(key.encode()) + len(value.encode())
        found += [fielderrors.invalid(path, key, problem) for problem in qualified_name(key.lower())]
    if size > _ANNOTATIONS_LIMIT:
        found.append(fielderrors.too_long(path, _ANNOTATIONS_LIMIT))
    return found


def check_metadata_update(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of metadata."""
    found: list[FieldError] = []
    if "deletionTimestamp" in old:
        extra = sorted(set(new.get("finalizers", ())) - set(old.get("finalizers", ())))
        if extra:
            words = "[]string{" + ", ".join(json.dumps(finalizer) for finalizer in extra) + "}"
            found.append(
                fielderrors.forbidden(
                    "metadata.finalizers",
                    f"no new finalizers can be added if the object is being deleted, found new finalizers {words}",
                )
            )
    fixed = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
    return found + [
        fielderrors.invalid(f"metadata.{key}", _print_value(new.get(key)), _IMMUTABLE)
        for key in fixed
        if new.get(key) != old.get(key)
    ]


def keep_system_fields(new: Obj, old: Obj) -> None:
    """Takes what a client may not set from the stored metadata."""
    if not new.get("uid"):
        new["uid"] = old["uid"]
    for key in ("creationTimestamp", "generation", "deletionTimestamp"):
        if key in old:
            new[key] = old[key]
        elif key == "generation":
            new.pop(key, None)
    if "deletionGracePeriodSeconds" in old:
        new.setdefault("deletionGracePeriodSeconds", old["deletionGracePeriodSeconds"])
    new.pop("selfLink", None)


def _check_owners(owners: list[Obj] | None) -> list[FieldError]:
    found: list[FieldError] = []
    controller = ""
    for index, owner in enumerate(owners or ()):
        path = f"metadata.ownerReferences[{index}]"
        found += [
            fielderrors.required(f"{path}.{key}", "must not be empty")
            for key in ("apiVersion", "kind", "name", "uid")
            if not owner.get(key)
        ]
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            found.append(fielderrors.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            current = f"{owner.get('kind')}/{owner.get('name')}"
            if controller:
                found.append(
                    fielderrors.invalid(
                        "metadata.ownerReferences",
                        owners,
                        'Only one reference can have Controller set to true. Found "true" in references for '
                        f"{controller} and {current}",
                    )
                )
            controller = controller or current
    return found


def _check_finalizers(finalizers: list[str] | None) -> list[FieldError]:
    found: list[FieldError] = []
    for finalizer in finalizers or ():
        found += [
            fielderrors.invalid("metadata.finalizers", finalizer, problem) for problem in qualified_name(finalizer)
        ]
    if finalizers and {"orphan", "foregroundDeletion"} <= set(finalizers):
        found.append(
            fielderrors.invalid(
                "metadata.finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set"
            )
        )
    return found


def _check_builtin_finalizers(finalizers: list[str] | None) -> list[FieldError]:
    """Built-in kinds ask for a prefix, but for the three finalizers everybody knows."""
    words = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        fielderrors.invalid(f"metadata.finalizers[{index}]", finalizer, words)
        for index, finalizer in enumerate(finalizers or ())
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS
    ]


def _print_value(value: Json) -> Json:
    return "" if value is None else value
