"""Continue tokens: where the next page of a list begins, and at which revision.

Source: k8s.io/apiserver/pkg/storage/continue.go (1.37); messages asked of a real server.
"""

from __future__ import annotations

import base64
import json
import posixpath
import re

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.parsing import Unparsable, parse_json

__all__ = ["read_token", "token"]

_VERSION = "meta.k8s.io/v1"
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


def token(revision: int, start: str) -> str:
    """The token of a page that begins with the key `start`; revision -1 stands for now."""
    text = json.dumps({"v": _VERSION, "rv": revision, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str) -> tuple[str, int | None]:
    """Where a page begins, and at which revision; None for now.

    Raises:
        StatusError: 400.
    """
    try:
        return _read(text)
    except ValueError as error:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {error}") from None


def _read(text: str) -> tuple[str, int | None]:
    match = _BASE64.match(text)
    sound = match.end() if match else 0
    if sound < len(text) or len(text) % 4 == 1:
        raise ValueError(f"illegal base64 data at input byte {min(sound, len(text) - 1)}")
    try:
        value = parse_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except Unparsable as error:
        raise ValueError(str(error)) from None
    fields = value if isinstance(value, dict) else {}
    version, revision, start = fields.get("v", ""), fields.get("rv", 0), fields.get("start", "")
    if version != _VERSION:
        raise ValueError(f"server does not recognize this encoded version {version}")
    if type(revision) is not int or revision == 0:
        raise ValueError(f"incorrect encoded start resourceVersion (version {_VERSION})")
    if not isinstance(start, str) or not start:
        raise ValueError(f"encoded start key empty (version {_VERSION})")
    key = start if start.startswith("/") else f"/{start}"
    if posixpath.normpath(key) != key.rstrip("/") or key.startswith("//"):
        raise ValueError(key)
    return key, None if revision < 0 else revision
