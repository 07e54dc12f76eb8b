"""Answers as bytes: JSON or YAML, pretty for people, gzipped where it pays."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.encoding import encoded, pieces
from k8s_tutor.objects.types import Json

__all__ = ["Encoded", "encode", "line"]

_GZIP_FROM = 128 * 1024  # bytes; the real server's threshold
_FASTEST, _GZIP_FORMAT = 1, 31  # zlib's numbers
_PORTION = 128 * 1024  # bytes; TLS in one go would copy the whole several times
_FALSE = ("false", "0")
_FAILURES = 400
_PEOPLE = ("curl", "Wget", "Mozilla/5.0")  # user agents the real server indents for


class Encoded:
    """A body ready to send, and its headers. A large one leaves in portions, as the client takes them."""

    def __init__(self, parts: list[bytes], content_type: str) -> None:
        self._parts = parts
        self._size = sum(map(len, parts))
        self._gzipped = False
        self.headers = {"Content-Type": content_type, "Cache-Control": "no-cache, private"}

    @property
    def body(self) -> bytes | AsyncIterator[bytes]:
        """What to send: all of it, or portion after portion."""
        if self._size < _PORTION:
            return b"".join(self._parts)
        if not self._gzipped:
            self.headers["Content-Length"] = str(self._size)
        return self._portions()

    def compressed(self, accept_encoding: str) -> Encoded:
        """Itself, gzipped if that was asked for and pays."""
        if self._size >= _GZIP_FROM and "gzip" in accept_encoding:
            self._gzipped = True
            self.headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return self

    async def _portions(self) -> AsyncIterator[bytes]:
        gzip = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP_FORMAT) if self._gzipped else None
        for portion in _joined(self._parts):
            if gzip is None:
                yield portion
            elif small := gzip.compress(portion):
                yield small
        if gzip is not None:
            yield gzip.flush()


def encode(response: Response, headers: Mapping[str, str], pretty: str = "") -> Encoded:
    """The bytes of `response` for a request with these headers; `pretty` asks for JSON with or without indentation."""
    encoded = _encode(response, headers, pretty)
    encoded.headers |= dict(response.headers)
    if response.code >= _FAILURES and isinstance(response.body, dict):
        details = response.body.get("details")
        if isinstance(details, dict) and (seconds := details.get("retryAfterSeconds")):
            encoded.headers["Retry-After"] = str(seconds)
    for text in response.warnings:
        encoded.headers.setdefault("Warning", "")
        encoded.headers["Warning"] += f"{', ' if encoded.headers['Warning'] else ''}299 - {_quoted(text)}"
    return encoded.compressed(headers.get("Accept-Encoding", ""))


def line(item: Json) -> bytes:
    """One line of a watch."""
    return b"".join((*pieces(item), b"\n"))


def _encode(response: Response, headers: Mapping[str, str], pretty: str) -> Encoded:
    body, content_type = response.body, response.content_type
    if body is None or isinstance(body, bytes | str):
        text = body.encode() if isinstance(body, str) else body or b""
        return Encoded([text[start : start + _PORTION] for start in range(0, len(text), _PORTION)], content_type)
    if headers.get("Accept", "").startswith("application/yaml"):
        import yaml  # noqa: PLC0415  # rare, and slow to import

        document = yaml.safe_dump(json.loads(encoded(body)), default_flow_style=False, allow_unicode=True)
        return Encoded([document.encode()], "application/yaml")
    indented = pretty not in _FALSE if pretty else headers.get("User-Agent", "").startswith(_PEOPLE)
    if indented:
        return Encoded([json.dumps(body, indent=2, ensure_ascii=False).encode()], content_type)
    return Encoded([*pieces(body), b"\n"], content_type)


def _joined(parts: list[bytes]) -> Iterator[bytes]:
    group: list[bytes] = []
    size = 0
    for part in parts:
        group.append(part)
        size += len(part)
        if size >= _PORTION:
            yield b"".join(group)
            group, size = [], 0
    yield b"".join(group)


def _quoted(text: str) -> str:
    """A quoted string of an HTTP header: what is not ASCII or would end the line is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    return f'"{escaped.encode("ascii", "backslashreplace").decode()}"'
