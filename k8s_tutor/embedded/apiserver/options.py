"""The options a request carries in its query: dry run, field validation, field manager, and those of deletions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.builtintypes import type_named
from k8s_tutor.embedded.apiserver.decoding import decode_as, read_body
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, quoted
from k8s_tutor.embedded.apiserver.shapes import Struct
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["DeleteOptions", "WriteOptions", "delete_options", "integer", "write_options"]

_DELETE_OPTIONS = Kind("", "v1", "DeleteOptions", "", "", namespaced=False)
_META_DELETE_OPTIONS = Kind("meta.k8s.io", "v1", "DeleteOptions", "", "", namespaced=False)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_PROPAGATIONS = ("Foreground", "Background", "Orphan")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Of a create, update or patch.

    Attributes:
        dry_run: Do everything but store it.
        field_validation: `Strict`, `Warn` (also when the client says nothing) or `Ignore`.
        field_manager: Who the written fields belong to.
        force: Server-side apply takes over fields that others own.
        applied: The write is a server-side apply, which keeps managedFields itself.
    """

    dry_run: bool = False
    field_validation: str = "Warn"
    field_manager: str = "unknown"
    force: bool | None = None
    applied: bool = False


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Of a delete or deletecollection."""

    dry_run: bool = False
    grace_seconds: int | None = None
    propagation: str = ""
    orphan_dependents: bool | None = None
    uid: str = ""
    resource_version: str = ""


def write_options(request: Request, kind: str) -> WriteOptions:
    """The options in a query; `kind` is `CreateOptions`, `UpdateOptions` or `PatchOptions`.

    Raises:
        StatusError: 422 for values that do not exist.
    """
    problems = _dry_run_problems(request.params("dryRun"))
    validation = request.param("fieldValidation")
    if validation not in ("", "Ignore", "Strict", "Warn"):
        problems.append(fielderrors.unsupported("fieldValidation", validation, ("", "Ignore", "Strict", "Warn")))
    manager = request.param("fieldManager")
    if len(manager.encode()) > 128:
        problems.append(fielderrors.too_long("fieldManager", 128))
    for index, char in enumerate(manager):
        if not char.isprintable():
            words = f"invalid character U+{ord(char):04X} (at position {index})"
            problems.append(fielderrors.invalid("fieldManager", manager, words))
    force = request.param("force")
    if kind == "PatchOptions":
        problems += _apply_problems(request, manager, force)
    if problems:
        raise errors.invalid_named("meta.k8s.io", kind, "", problems)
    return WriteOptions(
        dry_run=bool(request.params("dryRun")),
        field_validation=validation or "Warn",
        field_manager=manager or request.user_agent.partition("/")[0] or "unknown",
        force=None if force == "" else force.lower() not in ("0", "false"),
    )


def delete_options(request: Request) -> DeleteOptions:
    """The options of a deletion: those in the body; where there is none, those in the query.

    Raises:
        StatusError: 400 or 422.
    """
    value = read_body(request, _DELETE_OPTIONS) if request.body is not None else _in_query(request)
    if isinstance(value, dict) and value.get("kind", "DeleteOptions") != "DeleteOptions":
        version = value.get("apiVersion") or "meta.k8s.io/v1"
        words = f'no kind "{value["kind"]}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        raise errors.bad_request(words)
    if isinstance(value, dict) and not _is_meta(value):  # they are the same in all groups
        value = {**value, "apiVersion": _DELETE_OPTIONS.api_version}
    shape = type_named("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")
    assert isinstance(shape, Struct)
    options = _META_DELETE_OPTIONS if _is_meta(value) else _DELETE_OPTIONS
    body, _ = decode_as(value, options, shape)
    dry_run = body.get("dryRun") or []
    propagation = body.get("propagationPolicy", "")
    problems = _dry_run_problems(dry_run)
    if propagation and "orphanDependents" in body:
        problems.append(
            fielderrors.invalid(
                "propagationPolicy", propagation, "orphanDependents and deletionPropagation cannot be both set"
            )
        )
    if propagation and propagation not in _PROPAGATIONS:
        problems.append(fielderrors.unsupported("propagationPolicy", propagation, (*_PROPAGATIONS, "nil"), sort=False))
    if problems:
        raise errors.invalid_named("meta.k8s.io", "DeleteOptions", "", problems)
    preconditions = body.get("preconditions") or {}
    return DeleteOptions(
        bool(dry_run),
        body.get("gracePeriodSeconds"),
        propagation,
        body.get("orphanDependents"),
        preconditions.get("uid", ""),
        preconditions.get("resourceVersion", ""),
    )


def _in_query(request: Request) -> Obj:
    found: Obj = {"dryRun": request.params("dryRun"), "propagationPolicy": request.param("propagationPolicy")}
    if grace := request.params("gracePeriodSeconds"):
        found["gracePeriodSeconds"] = integer(grace[0])
    if orphan := request.param("orphanDependents"):
        found["orphanDependents"] = orphan.lower() not in ("0", "false")
    found["preconditions"] = {key: value for key in ("uid", "resourceVersion") if (value := request.param(key))}
    return found


def integer(text: str) -> int:
    """A number in a query.

    Raises:
        StatusError: 400 in Go's words.
    """
    if not _INTEGER.fullmatch(text):
        raise errors.bad_request(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    if not -(2**63) <= (value := int(text)) < 2**63:
        raise errors.bad_request(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    return value


def _dry_run_problems(values: list[str]) -> list[FieldError]:
    if all(value == "All" for value in values):
        return []
    return [fielderrors.unsupported("dryRun", values, ("All",))]


def _apply_problems(request: Request, manager: str, force: str) -> list[FieldError]:
    applies = request.content_type.partition(";")[0] in ("application/apply-patch+yaml", "application/apply-patch+cbor")
    if applies and not manager:
        return [fielderrors.required("fieldManager", "is required for apply patch")]
    if not applies and force:
        return [fielderrors.forbidden("force", "may not be specified for non-apply patch")]
    return []


def _is_meta(value: object) -> bool:
    return isinstance(value, dict) and str(value.get("apiVersion", "")).startswith("meta.k8s.io/")
