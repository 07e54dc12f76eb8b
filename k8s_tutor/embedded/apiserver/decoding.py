"""From a request's body to a typed object: media types, JSON and YAML, apiVersion and kind, strictness."""

from __future__ import annotations

import json
from typing import Any

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.fielderrors import invalid
from k8s_tutor.embedded.apiserver.protobuf import parse_protobuf
from k8s_tutor.embedded.apiserver.routing import Route
from k8s_tutor.embedded.apiserver.shapes import Doubled, Mistyped, Report, Shape, Struct
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["complain", "decode", "decode_as", "json_type", "named_as", "parse_json", "read_body", "whole"]

_SHOWN = 30  # characters of an object in a message
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
    if media in ("application/json", ""):
        return parse_json(body, kind.kind)
    if media == "application/yaml":
        return _parse_yaml(body, kind.kind)
    if media == "application/vnd.kubernetes.protobuf":
        return parse_protobuf(body, kind)
    raise errors.unsupported_media_type(
        f"the body of the request was in an unknown format - accepted media types include: {_MEDIA_TYPES}"
    )


def parse_json(body: bytes, expected: str) -> Json:
    """JSON with its doubled keys marked.

    Raises:
        StatusError: 400, in the decoder's words.
    """
    try:
        return whole(json.loads(body, object_pairs_hook=_pairs), body)
    except (ValueError, RecursionError) as error:
        text = body.decode("utf-8", "replace")
        problem = _json_problem(error, text)
        raise _unrecognized(expected, f"json parse error: {problem} ({text or '<empty>'})") from None


def whole(value: Json, source: bytes) -> Json:
    r"""A value with U+FFFD for each half of a character (`"\ud800"`), as Go reads it: no text could hold one."""
    if b"\\u" not in source and b"\\U" not in source:
        return value
    text = json.dumps(value, ensure_ascii=False)
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value if sound == text else json.loads(sound)


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
        raise _unrecognized(
            kind.kind,
            f"json parse error: json: cannot unmarshal {json_type(value)} into Go value of type "
            'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
            'Kind string "json:\\"kind,omitempty\\"" }',
        )
    _check_kind(value, kind, shape)
    report = Report()
    try:
        obj: Obj = shape.read(value, None, report)
    except Mistyped as error:
        raise _unhandled(kind.kind, kind, str(error)) from None
    obj["apiVersion"], obj["kind"] = kind.api_version, kind.kind
    return obj, report.complaints


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
        raise _unhandled(kind.kind, kind, "strict decoding error: " + ", ".join(complaints))
    return complaints


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
        short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): Object 'Kind' is missing in "
            f"'{text}' ({short})"
        )
    if value["kind"] != kind.kind and value.get("apiVersion") == kind.api_version:
        problem = invalid("kind", value["kind"], f"must be {kind.kind}")
        metadata = value.get("metadata")
        name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
        raise errors.invalid_named(kind.group, str(value["kind"]), name, [problem])


def _unhandled(name: str, kind: Kind, why: str) -> Exception:
    return errors.bad_request(f'{name} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}')


def _unrecognized(expected: str, why: str) -> Exception:
    return errors.bad_request(
        f"the object provided is unrecognized (must be of type {expected}): couldn't get version/kind; {why}"
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    doubles = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]  # set.add
    return Doubled(pairs, list(dict.fromkeys(doubles)))


def _parse_yaml(body: bytes, expected: str) -> Json:
    import yaml  # noqa: PLC0415  # late: only kubectl's oldest forms and people send YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return whole(json.loads(json.dumps(yaml.load(body, Loader=loader), default=str)), body)
    except (yaml.YAMLError, ValueError) as error:
        raise _unrecognized(expected, f"error converting YAML to JSON: yaml: {error}") from None


def _json_problem(error: Exception, text: str) -> str:
    position = getattr(error, "pos", len(text))
    if position >= len(text.rstrip()):
        return "unexpected end of JSON input"
    return f"invalid character {text[position]!r} looking for beginning of value"


def json_type(value: Json) -> str:
    """The sort of a JSON value, as Go's decoder names it."""
    if isinstance(value, bool):
        return "bool"
    return {str: "string", int: "number", float: "number", list: "array"}.get(type(value), "object")
