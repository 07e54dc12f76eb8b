"""Server-side apply: a client says what it wants to own."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import WriteOptions
from k8s_tutor.objects.types import Obj

__all__ = ["apply"]


def apply(call: Call, options: WriteOptions) -> tuple[Obj, bool]:
    """Carries out an apply; returns the object as stored and whether it was created.

    Raises:
        StatusError: any refusal, a conflict over ownership among them.
    """
    raise errors.unsupported_media_type("415: Unsupported Media Type")
