"""The shape of a kind's rules. Every part has a default that does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.embedded.apiserver.fielderrors import FieldError
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["Check", "Rules", "Transition", "TransitionCheck", "any_path_segment"]

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
    name: NameCheck = names.dns1123_subdomain
    generation: bool = False
    upsert: bool = False
    graceful: Callable[[Obj, int | None], int] | None = None
    returns_deleted: bool = False
    orphans: str = ""
    held: Callable[[Obj], bool] = _free
    terminating: Callable[[Obj], Obj] | None = None
