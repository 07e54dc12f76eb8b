"""Each way the API server says no, in Kubernetes' own words.

Source of codes, reasons and messages: k8s.io/apimachinery/pkg/api/errors (1.37), checked against a real server.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, aggregate, causes
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = [
    "CHANGED",
    "already_exists",
    "bad_request",
    "conflict",
    "expired",
    "forbidden",
    "internal_error",
    "invalid",
    "method_not_allowed",
    "method_not_supported",
    "not_acceptable",
    "not_found",
    "not_implemented",
    "not_watchable",
    "route_not_found",
    "service_unavailable",
    "too_large_version",
    "too_many_requests",
    "unsupported_media_type",
]

CHANGED = "the object has been modified; please apply your changes to the latest version and try again"


def not_found(kind: Kind, name: str) -> StatusError:
    """404: no such object."""
    return _error(404, "NotFound", f'{kind.group_resource} "{name}" not found', _details(kind, name))


def route_not_found() -> StatusError:
    """404: no such path."""
    return _error(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> StatusError:
    """405: the path is there, the method is not."""
    return _error(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def method_not_supported(kind: Kind, verb: str) -> StatusError:
    """405: of a custom kind, whose paths know their kind."""
    message = f'{verb} is not supported on resources of kind "{kind.group_resource}"'
    return _error(405, "MethodNotAllowed", message, _details(kind, ""))


def not_watchable(kind: Kind) -> StatusError:
    """405: a kind that can be listed only."""
    return _error(405, "MethodNotAllowed", f'watch is not supported on resources of kind "{kind.plural}"', {})


def already_exists(kind: Kind, name: str, *, deleting: bool = False) -> StatusError:
    """409: the name is taken, if only by an object that is about to go."""
    words = f'{kind.group_resource} "{name}" already exists'
    message = f"object is being deleted: {words}" if deleting else words
    return _error(409, "AlreadyExists", message, _details(kind, name))


def conflict(kind: Kind, name: str, why: str = CHANGED, *, as_kind: bool = False) -> StatusError:
    """409: the object is not in the state the request assumes.

    Args:
        kind: Of the object.
        name: Of the object.
        why: What does not fit.
        as_kind: Name the kind (`ConfigMap`) instead of the resource (`configmaps`), as deletions do.
    """
    word = _group_kind(kind) if as_kind else kind.group_resource
    details = _details(kind, name)
    if as_kind:
        details["kind"] = kind.kind
    return _error(409, "Conflict", f'Operation cannot be fulfilled on {word} "{name}": {why}', details)


def forbidden(kind: Kind, name: str, why: str) -> StatusError:
    """403: admission or authorisation refuses."""
    if not name:
        return _error(403, "Forbidden", f"{kind.group_resource} is forbidden: {why}", _details(kind, ""))
    return _error(403, "Forbidden", f'{kind.group_resource} "{name}" is forbidden: {why}', _details(kind, name))


def invalid(kind: Kind, name: str, errors: Sequence[FieldError]) -> StatusError:
    """422: the object is well-formed but not acceptable."""
    return invalid_named(kind.group, kind.kind, name, errors)


def invalid_named(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> StatusError:
    """422 about something that is no served kind, such as `CreateOptions.meta.k8s.io`."""
    word = f"{kind}.{group}" if group else kind
    details: Obj = {"name": name} if name else {}
    if group:
        details["group"] = group
    if kind:
        details["kind"] = kind
    details["causes"] = causes(errors)
    return _error(422, "Invalid", f'{word} "{name}" is invalid: {aggregate(errors)}', details)


def bad_request(message: str) -> StatusError:
    """400: the request cannot be understood."""
    return _error(400, "BadRequest", message)


def unsupported_media_type(message: str) -> StatusError:
    """415: the body's format is not understood."""
    return _error(415, "UnsupportedMediaType", message, {} if message.startswith("415") else None)


def not_acceptable(message: str) -> StatusError:
    """406: no acceptable representation of the answer."""
    return _error(406, "NotAcceptable", message, {} if message.startswith("406") else None)


def expired(message: str, resume: str = "") -> StatusError:
    """410: the revision asked for has been compacted; `resume` is a continue token to go on with."""
    error = _error(410, "Expired", message)
    if resume:
        error.status["metadata"] = {"continue": resume}
    return error


def too_large_version(asked: int, current: int) -> StatusError:
    """504: the revision asked for lies in the future."""
    details: Obj = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return _error(504, "Timeout", message, details)


def too_many_requests(message: str, reason: str, cause: str) -> StatusError:
    """429: try again later, as an eviction that a disruption budget forbids."""
    return _error(429, "TooManyRequests", message, {"causes": [{"reason": reason, "message": cause}]})


def service_unavailable(message: str) -> StatusError:
    """503: nobody there to serve it."""
    return _error(503, "ServiceUnavailable", message)


def internal_error(message: str) -> StatusError:
    """500: our own fault, or a broken hypothesis of the request."""
    details: Obj = {"causes": [{"message": message}]}
    return _error(500, "InternalError", f"Internal error occurred: {message}", details)


def not_implemented(what: str) -> StatusError:
    """501: a part of Kubernetes that this cluster does not simulate, and says so."""
    return _error(501, "NotImplemented", f"{what} is not simulated by the embedded cluster")


def _error(code: int, reason: str, message: str, details: Obj | None = None) -> StatusError:
    status = failure(code, reason, message)
    if details is not None:
        del status["code"]
        status["details"] = details
        status["code"] = code
    return StatusError(status)


def _details(kind: Kind, name: str) -> Obj:
    details: Obj = {"name": name} if name else {}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def _group_kind(kind: Kind) -> str:
    return f"{kind.kind}.{kind.group}" if kind.group else kind.kind
