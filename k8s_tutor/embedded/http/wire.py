"""Answers as bytes: JSON or YAML, pretty for people, gzipped where it pays."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.encoding import encoded, pieces
from k8s_tutor.objects.types import Json

__all__ = ["Encoded", "encode", "line"]

_GZIP_FROM = 128 * 1024  # bytes; the real server's threshold
_PEOPLE = ("curl", "Wget", "Mozilla/5.0")  # user agents the real server indents for


class Encoded:
    """A body ready to send, and its headers."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self.body = body
        self.headers = {"Content-Type": content_type, "Cache-Control": "no-cache, private"}

    def compressed(self, accept_encoding: str) -> Encoded:
        """Itself, gzipped if that was asked for and pays."""
        if len(self.body) >= _GZIP_FROM and "gzip" in accept_encoding:
            self.body = gzip.compress(self.body, compresslevel=1)
            self.headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return self


def encode(response: Response, headers: Mapping[str, str]) -> Encoded:
    """The bytes of `response` for a request with these headers."""
    encoded = _encode(response, headers)
    for text in response.warnings:
        encoded.headers.setdefault("Warning", "")
        encoded.headers["Warning"] += f"{', ' if encoded.headers['Warning'] else ''}299 - {_quoted(text)}"
    return encoded.compressed(headers.get("Accept-Encoding", ""))


def line(item: Json) -> bytes:
    """One line of a watch."""
    return b"".join((*pieces(item), b"\n"))


def _encode(response: Response, headers: Mapping[str, str]) -> Encoded:
    if isinstance(response.body, bytes):
        return Encoded(response.body, response.content_type)
    if isinstance(response.body, str):
        return Encoded(response.body.encode(), response.content_type)
    if response.body is None:
        return Encoded(b"", response.content_type)
    if headers.get("Accept", "").startswith("application/yaml"):
        import yaml  # noqa: PLC0415  # rare, and slow to import

        text = yaml.safe_dump(json.loads(encoded(response.body)), default_flow_style=False, allow_unicode=True)
        return Encoded(text.encode(), "application/yaml")
    if headers.get("User-Agent", "").startswith(_PEOPLE):
        return Encoded(json.dumps(response.body, indent=2, ensure_ascii=False).encode(), response.content_type)
    return Encoded(line(response.body), response.content_type)


def _quoted(text: str) -> str:
    """A quoted string of an HTTP header: what is not ASCII or would end the line is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    return f'"{escaped.encode("ascii", "backslashreplace").decode()}"'
