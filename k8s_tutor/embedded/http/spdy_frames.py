"""SPDY/3.1's frames: to bytes and back. Compressed headers have a memory: one `Encoder` and one `Decoder` a connection.

0 1                15 16               31          0 1                                 31
|1|    version       |      type        |          |0|           stream                 |
|flags (8)|          length (24)        |          |flags (8)|       length (24)        |
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "CANCEL",
    "DICTIONARY",
    "INVALID_STREAM",
    "LONGEST",
    "PROTOCOL_ERROR",
    "REFUSED_STREAM",
    "Data",
    "Decoder",
    "Encoder",
    "Frame",
    "FrameFault",
    "GoAway",
    "Headers",
    "Ping",
    "Reset",
    "Settings",
    "SynReply",
    "SynStream",
    "WindowUpdate",
]


# ---- The dictionary both ends compress headers with; section 2.6.10.1 of the SPDY draft

_WORDS = (
    b"options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|accept-ranges|age|allow|"
    b"authorization|cache-control|connection|content-base|content-encoding|content-language|content-length|"
    b"content-location|content-md5|content-range|content-type|date|etag|expect|expires|from|host|if-match|"
    b"if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|location|max-forwards|pragma|"
    b"proxy-authenticate|proxy-authorization|range|referer|retry-after|server|te|trailer|transfer-encoding|upgrade|"
    b"user-agent|vary|via|warning|www-authenticate|method|get|status|200 OK|version|HTTP/1.1|url|public|set-cookie|"
    b"keep-alive|origin"
)
_REST = (
    b"100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    b"203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    b"404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    b"Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    b"chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    b"publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)

DICTIONARY = b"".join(len(word).to_bytes(4, "big") + word for word in _WORDS.split(b"|")) + _REST
"""Each common word after its length, then what stands in values."""


# ---- SPDY/3.1's frames: to bytes and back. Compressed headers have a memory: one `Encoder` and one `Decoder` a
# connection

_VERSION = 3
LONGEST = (1 << 24) - 1
"""Bytes a frame can hold."""
_FIN, _UNIDIRECTIONAL, _CLEAR = 0x01, 0x02, 0x01
_STREAM_BITS = 0x7FFFFFFF

PROTOCOL_ERROR, INVALID_STREAM, REFUSED_STREAM, CANCEL = 1, 2, 3, 5
"""Why a stream was reset."""


class FrameFault(Exception):
    """Bytes that are no frame of SPDY/3.1: the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class SynStream:
    """Opens a stream.

    Attributes:
        fin: Its opener sends nothing more.
        unidirectional: The other side sends nothing at all.
        associated: The stream it belongs to, 0 for none.
        priority: 0 (first) to 7.
    """

    stream: int
    headers: Mapping[str, str] = field(default_factory=dict)
    fin: bool = False
    unidirectional: bool = False
    associated: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class SynReply:
    """Accepts a stream."""

    stream: int
    headers: Mapping[str, str] = field(default_factory=dict)
    fin: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Ends a stream at once, in both directions."""

    stream: int
    status: int = CANCEL


@dataclass(frozen=True, slots=True)
class Settings:
    """What the sender is like: (flags, id, value) each."""

    entries: tuple[tuple[int, int, int], ...] = ()
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Ping:
    """Is sent back as it came; odd numbers are the client's."""

    number: int


@dataclass(frozen=True, slots=True)
class GoAway:
    """No new streams after `last`; 0 as `status` is a proper end."""

    last: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class Headers:
    """More headers of an open stream."""

    stream: int
    headers: Mapping[str, str] = field(default_factory=dict)
    fin: bool = False


@dataclass(frozen=True, slots=True)
class WindowUpdate:
    """So many more bytes may come; stream 0 is the connection."""

    stream: int
    size: int


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream."""

    stream: int
    data: bytes = b""
    fin: bool = False


Frame: TypeAlias = SynStream | SynReply | Reset | Settings | Ping | GoAway | Headers | WindowUpdate | Data


class Encoder:
    """Frames to bytes, in the order in which they are sent."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(level=9, zdict=DICTIONARY)

    def encode(self, frame: Frame) -> bytes:
        """The bytes of one frame; `data` longer than a frame holds must have been cut before."""
        if isinstance(frame, Data):
            return struct.pack(">II", frame.stream, frame.fin * _FIN << 24 | len(frame.data)) + frame.data
        kind, flags, payload = self._control(frame)
        return struct.pack(">HHI", 0x8000 | _VERSION, kind, flags << 24 | len(payload)) + payload

    def _control(self, frame: Frame) -> tuple[int, int, bytes]:
        """Type, flags, payload."""
        row: tuple[int, int, bytes]
        match frame:
            case SynStream(stream, headers, fin, unidirectional, associated, priority):
                head = struct.pack(">IIBB", stream, associated, priority << 5, 0)
                row = 1, fin * _FIN | unidirectional * _UNIDIRECTIONAL, head + self._block(headers)
            case SynReply(stream, headers, fin):
                row = 2, fin * _FIN, struct.pack(">I", stream) + self._block(headers)
            case Reset(stream, status):
                row = 3, 0, struct.pack(">II", stream, status)
            case Settings(entries, clear):
                rows = b"".join(struct.pack(">II", flags << 24 | number, value) for flags, number, value in entries)
                row = 4, clear * _CLEAR, struct.pack(">I", len(entries)) + rows
            case Ping(number):
                row = 6, 0, struct.pack(">I", number)
            case GoAway(last, status):
                row = 7, 0, struct.pack(">II", last, status)
            case Headers(stream, headers, fin):
                row = 8, fin * _FIN, struct.pack(">I", stream) + self._block(headers)
            case WindowUpdate(stream, size):
                row = 9, 0, struct.pack(">II", stream, size)
            case Data():
                raise TypeError("data is no control frame")
        return row

    def _block(self, headers: Mapping[str, str]) -> bytes:
        plain = struct.pack(">I", len(headers))
        for name, value in headers.items():
            for text in (name.lower().encode(), value.encode()):
                plain += struct.pack(">I", len(text)) + text
        return self._compressor.compress(plain) + self._compressor.flush(zlib.Z_SYNC_FLUSH)


_LARGEST_HEADERS = 1 << 20  # bytes, unpacked: a few packed ones can stand for gigabytes


class Decoder:
    """Bytes to frames, whatever pieces they come in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._decompressor = zlib.decompressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> list[Frame]:
        """Takes the next bytes; the frames that are whole by now.

        Raises:
            FrameFault: the bytes are no frames.
        """
        self._buffer += data
        found: list[Frame] = []
        while len(self._buffer) >= 8:
            first, second = struct.unpack_from(">II", self._buffer)
            end = 8 + (second & LONGEST)
            if len(self._buffer) < end:
                break
            payload = bytes(self._buffer[8:end])
            del self._buffer[:end]
            frame = self._frame(first, second >> 24, payload)
            if frame is not None:
                found.append(frame)
        return found

    def _frame(self, first: int, flags: int, payload: bytes) -> Frame | None:
        if not first >> 31:
            return Data(first, payload, bool(flags & _FIN))
        version, kind = first >> 16 & 0x7FFF, first & 0xFFFF
        if version != _VERSION:
            raise FrameFault(f"SPDY version {version} is not spoken here, only {_VERSION}")
        read = _READERS.get(kind)
        if read is None:  # "implementations must ignore frame types they do not know"
            return None
        try:
            return read(self, flags, payload)
        except (struct.error, zlib.error, UnicodeDecodeError) as error:
            raise FrameFault(f"a control frame of type {kind} cannot be read: {error}") from error

    def _headers(self, block: bytes) -> dict[str, str]:
        plain = self._decompressor.decompress(block, _LARGEST_HEADERS)
        if self._decompressor.unconsumed_tail:
            raise struct.error("headers too large")
        (count,) = struct.unpack_from(">I", plain)
        found, at = {}, 4
        for _ in range(count):
            texts = []
            for _ in range(2):
                (length,) = struct.unpack_from(">I", plain, at)
                if at + 4 + length > len(plain):
                    raise struct.error("a header ends early")
                texts.append(plain[at + 4 : at + 4 + length].decode())
                at += 4 + length
            found[texts[0]] = texts[1]
        return found

    def _syn_stream(self, flags: int, payload: bytes) -> Frame:
        stream, associated, priority, _ = struct.unpack_from(">IIBB", payload)
        return SynStream(
            stream & _STREAM_BITS,
            self._headers(payload[10:]),
            bool(flags & _FIN),
            bool(flags & _UNIDIRECTIONAL),
            associated & _STREAM_BITS,
            priority >> 5,
        )

    def _syn_reply(self, flags: int, payload: bytes) -> Frame:
        (stream,) = struct.unpack_from(">I", payload)
        return SynReply(stream & _STREAM_BITS, self._headers(payload[4:]), bool(flags & _FIN))

    def _reset(self, _: int, payload: bytes) -> Frame:
        stream, status = struct.unpack_from(">II", payload)
        return Reset(stream & _STREAM_BITS, status)

    def _settings(self, flags: int, payload: bytes) -> Frame:
        (count,) = struct.unpack_from(">I", payload)
        if len(payload) != 4 + 8 * count:
            raise struct.error("settings end early or late")
        rows = (struct.unpack_from(">II", payload, 4 + 8 * number) for number in range(count))
        return Settings(tuple((head >> 24, head & LONGEST, value) for head, value in rows), bool(flags & _CLEAR))

    def _ping(self, _: int, payload: bytes) -> Frame:
        return Ping(*struct.unpack_from(">I", payload))

    def _go_away(self, _: int, payload: bytes) -> Frame:
        last, status = struct.unpack_from(">II", payload)
        return GoAway(last & _STREAM_BITS, status)

    def _more_headers(self, flags: int, payload: bytes) -> Frame:
        (stream,) = struct.unpack_from(">I", payload)
        return Headers(stream & _STREAM_BITS, self._headers(payload[4:]), bool(flags & _FIN))

    def _window_update(self, _: int, payload: bytes) -> Frame:
        stream, size = struct.unpack_from(">II", payload)
        return WindowUpdate(stream & _STREAM_BITS, size & _STREAM_BITS)


_Reader = Callable[[Decoder, int, bytes], Frame]
_READERS: dict[int, _Reader] = {
    1: Decoder._syn_stream,
    2: Decoder._syn_reply,
    3: Decoder._reset,
    4: Decoder._settings,
    6: Decoder._ping,
    7: Decoder._go_away,
    8: Decoder._more_headers,
    9: Decoder._window_update,
}
