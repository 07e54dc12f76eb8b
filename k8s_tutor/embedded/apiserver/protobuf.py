"""Request bodies in protobuf: what `kubectl create deployment`, `auth can-i` and their like send, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.parsing import summary
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.protobuf import Envelope, Malformed, open_envelope, read_object
from k8s_tutor.objects.types import Obj

__all__ = ["parse_protobuf"]


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
