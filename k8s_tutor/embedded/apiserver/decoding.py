"""From a request's body to a typed object: media types, JSON and YAML, apiVersion and kind, strictness."""

from __future__ import annotations

import json
from dataclasses import replace

from k8s_tutor.api.protocol import Request, StatusError, failure
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.fielderrors import invalid
from k8s_tutor.embedded.apiserver.parsing import Noted, Unparsable, parse_json, parse_yaml, summary
from k8s_tutor.embedded.apiserver.routing import Route
from k8s_tutor.embedded.apiserver.shapes import Mistyped, Report, Shape, Struct
from k8s_tutor.embedded.encoding import encode_json
from k8s_tutor.objects.jsonpatch import json_type
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.nesting import is_too_deep
from k8s_tutor.objects.protobuf import read_object
from k8s_tutor.objects.protobuf_wire import Envelope, Malformed, open_envelope
from k8s_tutor.objects.types import Json, Obj

__all__ = ["check_size", "complain", "decode", "decode_as", "named_as", "parse_protobuf", "read_body", "spelled"]

# ---- Request bodies in protobuf: what `kubectl create deployment`, `auth can-i` and their like send, and nothing else


def parse_protobuf(body: bytes, kind: Kind) -> Obj:
    """The object in a body; what its envelope leaves open is as the address has it.

    Raises:
        StatusError: 400 for what cannot be read, in the decoder's words; 415 for custom kinds, which have no protobuf
            (a real server breaks off the connection).
    """
    if not _is_options(kind) and shape_of(kind.api_version, kind.kind) is None:
        raise errors.unsupported_media_type(
            "the body of the request was in an unknown format - accepted media types include: application/json, "
            "application/yaml"
        )
    envelope = _open(body, kind)
    try:
        obj = read_object(envelope)
    except Malformed as error:
        raise _unhandled(envelope, kind, str(error)) from None
    if obj is None:
        scheme = f'is registered for version "{envelope.api_version}" in scheme "pkg/runtime/scheme.go:111"'
        raise _unhandled(envelope, kind, f'no kind "{envelope.kind}" {scheme}')
    return obj


def _open(body: bytes, kind: Kind) -> Envelope:
    try:
        found = open_envelope(body)
    except Malformed as error:
        why = f"the object provided is unrecognized (must be of type {kind.kind}): {error} ({summary(body)})"
        raise errors.bad_request(str(error) if _is_options(kind) else why) from None
    name = found.kind or kind.kind
    options = name == kind.kind and _is_options(kind)  # they are the same in all groups
    return replace(found, kind=name, api_version=kind.api_version if options else found.api_version or kind.api_version)


def _unhandled(envelope: Envelope, kind: Kind, why: str) -> Exception:
    if _is_options(kind):
        return errors.bad_request(why)
    version = envelope.api_version.rpartition("/")[2]
    return errors.bad_request(f'{envelope.kind} in version "{version}" cannot be handled as a {kind.kind}: {why}')


def _is_options(kind: Kind) -> bool:
    """A deletion's body; its problems are told without ado."""
    return kind.kind == "DeleteOptions"


# ---- From a request's body to a typed object: media types, JSON and YAML, apiVersion and kind, strictness

_NO_KIND = "couldn't get version/kind"
_MEDIA_TYPES = "application/json, application/yaml, application/vnd.kubernetes.protobuf"


def read_body(request: Request, kind: Kind) -> Json:
    """The JSON value in a request's body, whatever its format.

    Args:
        request: With bytes from a socket, or a JSON value from a caller in process.
        kind: What should be in it.

    Raises:
        StatusError: 415 for an unknown format, 400 for a body that cannot be parsed.
    """
    body = request.body
    if not isinstance(body, bytes):
        return {} if body is None else body
    media = request.content_type.partition(";")[0].strip().lower()
    if media == "application/vnd.kubernetes.protobuf":
        return parse_protobuf(body, kind)
    if media not in ("application/json", "application/yaml", ""):
        raise errors.unsupported_media_type(
            f"the body of the request was in an unknown format - accepted media types include: {_MEDIA_TYPES}"
        )
    try:
        value = parse_yaml(body) if media == "application/yaml" else parse_json(body)
    except Unparsable as error:
        why = str(error) if media == "application/yaml" else f"{_NO_KIND}; json parse error: {error}"
        raise _unrecognized(kind, why, body) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unrecognized(kind, _not_an_object(value), body)
    return value


def decode(request: Request, kind: Kind) -> tuple[Obj, list[str]]:
    """The object in a body, typed, canonical and freshly built, with the complaints of strict decoding.

    Raises:
        StatusError: 400 or 415.
    """
    shape = shape_of(kind.api_version, kind.kind)
    assert shape is not None, f"no type for {kind}"
    return decode_as(read_body(request, kind), kind, shape)


def decode_as(value: Json, kind: Kind, shape: Shape) -> tuple[Obj, list[str]]:
    """A JSON value read as an object of a kind.

    Raises:
        StatusError: 400: another kind, another version, a value of the wrong type.
    """
    if not isinstance(value, dict):
        raise _unrecognized(kind, _not_an_object(value), json.dumps(value).encode())
    _check_kind(value, kind, shape)
    if is_too_deep(value):  # what patches put together; bodies have been looked at
        raise _refused(kind.kind, kind, "exceeded max depth")
    report = Report()
    try:
        obj: Obj = shape.read(value, None, report)
    except Mistyped as error:
        raise _refused(kind.kind, kind, str(error)) from None
    obj["apiVersion"], obj["kind"] = kind.api_version, kind.kind
    return obj, (value.notes if isinstance(value, Noted) else []) + report.complaints


def named_as(obj: Obj, route: Route) -> None:
    """Refuses an object that is to be put where another name leads, or that has none.

    Raises:
        StatusError: 400.
    """
    name = (obj.get("metadata") or {}).get("name", "")
    if not name:
        words = f"the name of the object ({route.name} based on URL) was undeterminable: name must be provided"
        raise errors.bad_request(words)
    if name != route.name:
        raise errors.bad_request(f"the name of the object ({name}) does not match the name on the URL ({route.name})")


def complain(complaints: list[str], strictness: str, kind: Kind) -> list[str]:
    """What becomes of strict decoding's complaints: an error, warnings, or nothing.

    Raises:
        StatusError: 400 when `fieldValidation=Strict`.
    """
    if not complaints or strictness == "Ignore":
        return []
    if strictness == "Strict":
        raise _refused(kind.kind, kind, f"strict decoding error: {spelled(complaints)}")
    return complaints


def spelled(complaints: list[str]) -> str:
    """Strict decoding's complaints as an error tells them: those of the YAML parser in one."""
    lines = [text for text in complaints if text.startswith("line ")]
    parser = ["yaml: unmarshal errors:\n  " + "\n  ".join(lines)] if lines else []
    return ", ".join(parser + [text for text in complaints if text not in lines])


def _check_kind(value: Obj, kind: Kind, shape: Shape) -> None:
    if not isinstance(shape, Struct):
        _check_custom_kind(value, kind)
    api_version, name = value.get("apiVersion") or kind.api_version, value.get("kind") or kind.kind
    if (api_version, name) == (kind.api_version, kind.kind):
        return
    group, _, version = str(api_version).rpartition("/")
    if name == kind.kind and group == kind.group:
        raise errors.bad_request(
            f"the API version in the data ({api_version}) does not match the expected API version ({kind.api_version})"
        )
    if shape_of(api_version, name) is None:
        why = f'no kind "{name}" is registered for version "{api_version}" in scheme "pkg/runtime/scheme.go:111"'
    else:
        why = f"converting ({version}.{name}) to ({kind.group or 'core'}.{kind.kind}): unknown conversion"
    raise errors.bad_request(f'{name} in version "{version}" cannot be handled as a {kind.kind}: {why}')


def _check_custom_kind(value: Obj, kind: Kind) -> None:
    """Custom objects must name their kind; the wrong one is a mistake in a field."""
    if not value.get("kind"):
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        raise _unrecognized(kind, f"Object 'Kind' is missing in '{text}'", text.encode())
    if value["kind"] != kind.kind and value.get("apiVersion") == kind.api_version:
        problem = invalid("kind", value["kind"], f"must be {kind.kind}")
        metadata = value.get("metadata")
        name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
        raise errors.invalid_named(kind.group, str(value["kind"]), name, [problem])


def _refused(name: str, kind: Kind, why: str) -> Exception:
    if kind.kind == "DeleteOptions":
        return errors.bad_request(why)
    return errors.bad_request(f'{name} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}')


def _not_an_object(value: Json) -> str:
    return (
        f"{_NO_KIND}; json parse error: json: cannot unmarshal {json_type(value)} into Go value of type "
        'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    )


def _unrecognized(kind: Kind, why: str, body: bytes) -> Exception:
    if kind.kind == "DeleteOptions":
        return errors.bad_request(why)
    words = f"the object provided is unrecognized (must be of type {kind.kind}): {why} ({summary(body)})"
    return errors.bad_request(words)


# ---- How large an object may be: what etcd takes, and the API server's way to it

_LARGEST = 1536 * 1024  # bytes, etcd's own limit for one request
_LONGEST = 2 * 1024 * 1024  # bytes of one message to etcd


def check_size(obj: Obj) -> None:
    """Refuses what etcd would, in its words.

    Raises:
        StatusError: 500, as on a real cluster.
    """
    size = len(encode_json(obj))
    if size > _LONGEST:
        words = f"trying to send message larger than max ({size} vs. {_LONGEST})"
        raise StatusError(failure(500, "", f"rpc error: code = ResourceExhausted desc = {words}"))
    if size > _LARGEST:
        raise StatusError(failure(500, "", "etcdserver: request is too large"))
