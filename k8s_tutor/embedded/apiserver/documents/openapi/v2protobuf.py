"""OpenAPI v2 in protobuf, the only form in which kubectl asks for it: when version 3 does not know a kind.

It then looks whether patches of any kind take a query parameter, so that is what there is: paths with their patches.
The messages are gnostic's `openapi.v2`; their field numbers are as in a real server's answer.
"""

from __future__ import annotations

from k8s_tutor.objects.types import Obj

__all__ = ["MEDIA", "encoded"]

MEDIA = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_GVK = "x-kubernetes-group-version-kind"


def encoded(document: Obj) -> bytes:
    """The bytes of `Document`.

    Args:
        document: As in JSON.
    """
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = b"".join(
        _part(2, _text(1, path) + _part(2, _part(8, _patch(item["patch"]))))
        for path, item in document["paths"].items()
        if "patch" in item
    )
    return _text(1, document["swagger"]) + _part(2, info) + _part(8, paths)


def _patch(operation: Obj) -> bytes:
    """The bytes of `Operation`."""
    media = b"".join(_text(7, name) for name in operation["consumes"])
    parameters = b"".join(_part(8, _part(1, _part(2, _part(3, _query(row))))) for row in operation["parameters"])
    kind = operation[_GVK]
    yaml = f'group: "{kind["group"]}"\nkind: {kind["kind"]}\nversion: {kind["version"]}\n'
    extension = _text(1, _GVK) + _part(2, _text(2, yaml))
    return _text(5, operation["operationId"]) + media + parameters + _part(13, extension)


def _query(parameter: Obj) -> bytes:
    """The bytes of `QueryParameterSubSchema`."""
    return _text(2, parameter["in"]) + _text(4, parameter["name"])


def _text(number: int, text: str) -> bytes:
    return _part(number, text.encode())


def _part(number: int, data: bytes) -> bytes:
    """A field that holds text or another message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
