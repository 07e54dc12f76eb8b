"""The envelope that Kubernetes puts around protobuf: four bytes, then `runtime.Unknown` with a kind and a message."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.objects.protobuf.wire import BYTES, Data, Malformed, chunk, skip, tag

__all__ = ["Envelope", "open_envelope"]

_PREFIX = b"k8s\0"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is in a body: `apiVersion` and `kind` (`""` where the sender leaves it to the address), and a message."""

    api_version: str
    kind: str
    message: Data


def open_envelope(body: bytes) -> Envelope:
    """The envelope in a request's body.

    Raises:
        Malformed: there is none, in the decoder's words.
    """
    if not body:
        raise Malformed("empty data")
    if not body.startswith(_PREFIX):
        shown = " ".join(str(byte) for byte in _PREFIX)
        raise Malformed(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    if len(body) == len(_PREFIX):
        raise Malformed("empty body")
    found = _chunks("Unknown", memoryview(body)[len(_PREFIX) :], ("TypeMeta", "Raw", "ContentEncoding", "ContentType"))
    about = _chunks("TypeMeta", found.get("TypeMeta", memoryview(b"")), ("APIVersion", "Kind"))
    api_version, kind = (str(about.get(name, b""), "utf-8", "replace") for name in ("APIVersion", "Kind"))
    return Envelope(api_version, kind, found.get("Raw", memoryview(b"")))


def _chunks(message: str, data: Data, fields: tuple[str, ...]) -> dict[str, Data]:
    """The fields of a message that has but strings, bytes and messages, numbered from 1."""
    found: dict[str, Data] = {}
    at = 0
    while at < len(data):
        start = at
        number, wire_type, at = tag(message, data, start)
        if number > len(fields):
            at = skip(data, start)
            continue
        if wire_type != BYTES:
            raise Malformed(f"proto: wrong wireType = {wire_type} for field {fields[number - 1]}")
        found[fields[number - 1]], at = chunk(data, at)
    return found
