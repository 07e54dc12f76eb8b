"""Kubernetes' protobuf, read: request bodies of clients that prefer it, such as `kubectl create deployment`.

Law: pure; bytes in, an object or `Malformed` in the words of a real server's decoder out. Nothing is written in
protobuf: answers are JSON, which every client takes.
"""

from __future__ import annotations

from k8s_tutor.objects.protobuf.messages import message_named
from k8s_tutor.objects.protobuf.wire import Envelope, Malformed, open_envelope
from k8s_tutor.objects.schema import builtin_schema
from k8s_tutor.objects.types import Obj

__all__ = ["Envelope", "Malformed", "open_envelope", "read_object"]


def read_object(envelope: Envelope) -> Obj | None:
    """The object in an envelope; None for a kind that is not built in.

    It has what the same client's JSON would have, but no empty lists and maps: protobuf does not tell them from none.

    Raises:
        Malformed: the bytes are no such object.
    """
    found = builtin_schema().kind(envelope.api_version, envelope.kind)
    message = found and message_named(found.name)
    if not message:
        return None
    obj: Obj = {"apiVersion": envelope.api_version, "kind": envelope.kind}
    message.merge(envelope.message, obj, 0)
    return obj
