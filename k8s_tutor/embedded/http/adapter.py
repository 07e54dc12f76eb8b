"""aiohttp on one side, `ApiServer.handle` on the other. Runs in the HTTP server's thread."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache, partial
from random import Random
from typing import Any, cast, get_args
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from k8s_tutor.api.protocol import Method, Request, Response, failure
from k8s_tutor.embedded.core import PortForward, ServerAnswer, Streaming, Upgrade, new_uid
from k8s_tutor.embedded.encoding import encode_json, split_into_pieces
from k8s_tutor.embedded.http import auth, commands, portforward
from k8s_tutor.embedded.http.auth import CoreAccess
from k8s_tutor.embedded.http.mailbox import Mailbox, hang_up
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Adapter", "Encoded", "WireServer", "encode", "line"]

# ---- Answers as bytes: JSON or YAML, pretty for people, gzipped where it pays

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
    return b"".join((*split_into_pieces(item), b"\n"))


def _encode(response: Response, headers: Mapping[str, str], pretty: str) -> Encoded:
    body, content_type = response.body, response.content_type
    if body is None or isinstance(body, bytes | str):
        text = body.encode() if isinstance(body, str) else body or b""
        return Encoded([text[start : start + _PORTION] for start in range(0, len(text), _PORTION)], content_type)
    if headers.get("Accept", "").startswith("application/yaml"):
        import yaml  # noqa: PLC0415  # rare, and slow to import

        document = yaml.safe_dump(json.loads(encode_json(body)), default_flow_style=False, allow_unicode=True)
        return Encoded([document.encode()], "application/yaml")
    indented = pretty not in _FALSE if pretty else headers.get("User-Agent", "").startswith(_PEOPLE)
    if indented:
        return Encoded([json.dumps(body, indent=2, ensure_ascii=False).encode()], content_type)
    return Encoded([*split_into_pieces(body), b"\n"], content_type)


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


# ---- aiohttp on one side, `ApiServer.handle` on the other. Runs in the HTTP server's thread

_LOG = logging.getLogger(__name__)
_LARGEST_BODY = 3 * 1024 * 1024  # bytes, as the real server
_MOST_WAITING = 128  # requests: a webhook's server asks here while one waits for it
_METHODS = frozenset(get_args(Method))
_WRITING = ("POST", "PUT", "PATCH")  # without a body they lack one


class Adapter:
    """Answers HTTP requests. One for all connections."""

    def __init__(self, core: CoreAccess, keeper: auth.Guard) -> None:
        self._core = core
        self._guard = keeper
        self._audit = Random(keeper.token)
        self._certificates: WeakKeyDictionary[ssl.SSLObject, auth.Certificate | None] = WeakKeyDictionary()
        self._streams: list[Mailbox[Obj | bytes]] = []
        self._waiters = ThreadPoolExecutor(_MOST_WAITING, "k8s-tutor-http-waiting")  # has no threads until asked

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answers one request; what goes wrong in here becomes a 500 with a `Status`."""
        try:
            caller = self._who(http)
            if isinstance(caller, Response):
                return self._plain(http, caller)
            request = await _request(http)
            if isinstance(request, Response):
                return self._plain(http, request)
            return await self._answer(http, request, caller)
        except ConnectionError:
            return web.Response(status=499)  # the client is gone; nobody reads this
        except web.RequestPayloadError as error:
            return self._plain(http, Response(400, failure(400, "BadRequest", f"the body cannot be read: {error}")))
        except Exception as error:
            _LOG.error("the embedded cluster's HTTP server met a bug of its own: %r", error)  # no trace
            _LOG.debug("where", exc_info=True)
            return self._plain(http, Response(500, failure(500, "InternalError", "Internal error occurred")))

    def end_streams(self) -> None:
        """Ends all watches and logs properly, as a server that shuts down does."""
        for mailbox in self._streams:
            mailbox.end()
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _who(self, http: web.BaseRequest) -> auth.Caller | Response:
        if not auth.is_local(host := http.headers.get("Host", "")):
            return auth.refuse_host(host)
        return self._guard.caller(http.headers, self._certificate(http)) or auth.refuse_credentials()

    async def _answer(self, http: web.BaseRequest, request: Request, caller: auth.Caller) -> web.StreamResponse:
        answer = await self._ask(request, caller)
        if isinstance(answer, Streaming):
            return await self._stream(http, answer, _seconds(request))
        if isinstance(answer, Upgrade):
            return await self._upgrade(http, answer)
        if isinstance(answer, PortForward):
            refused = portforward.find_refusal(http)
            return self._plain(http, refused) if refused else await portforward.serve_ports(http, answer, self._core)
        return self._plain(http, answer)

    async def _ask(self, request: Request, caller: auth.Caller) -> ServerAnswer:
        """The core's answer. Where it may take time, this thread stays free to answer others."""
        if not self._core.patient():
            return self._core.handle(request, caller.user, caller.acting_as)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._waiters, self._core.handle, request, caller.user, caller.acting_as)

    def _plain(self, http: web.BaseRequest, response: Response) -> web.Response:
        encoded = encode(response, http.headers, http.query.get("pretty", ""))
        return web.Response(status=response.code, body=encoded.body, headers=encoded.headers | self._stamps())

    async def _upgrade(self, http: web.BaseRequest, answer: Upgrade) -> web.StreamResponse:
        if (refused := commands.find_refusal(http)) is not None:
            with self._core.hold():
                answer.session.close()
            return self._plain(http, refused)
        return await commands.serve_command(http, answer, self._core)

    async def _stream(self, http: web.BaseRequest, answer: Streaming, seconds: float | None) -> web.StreamResponse:
        """A watch or followed logs: each item leaves as soon as it is there."""
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-cache, private"} | self._stamps()
        response = web.StreamResponse(headers=headers)
        mailbox: Mailbox[Obj | bytes] = Mailbox(partial(hang_up, http), _size)
        with self._core.outsider():
            with self._core.hold():
                answer.feed.attach(mailbox.push, mailbox.end)
                mailbox.settle()
            try:
                self._streams.append(mailbox)
                await response.prepare(http)
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        async for items in mailbox:
                            await response.write(b"".join(map(_bytes, items)))
                await response.write_eof()
            finally:
                self._streams.remove(mailbox)
                with self._core.hold():
                    answer.feed.close()
        return response

    def _certificate(self, http: web.BaseRequest) -> auth.Certificate | None:
        """The client's, read once a connection."""
        secured: ssl.SSLObject | None = http.get_extra_info("ssl_object")
        if secured is None:
            return None
        if secured not in self._certificates:
            der = secured.getpeercert(binary_form=True)
            self._certificates[secured] = auth.Certificate(secured.getpeercert() or {}, der) if der else None
        return self._certificates[secured]

    def _stamps(self) -> dict[str, str]:
        """What every answer carries. The date is the cluster's: by it a client knows how old a Pod is."""
        return {"Audit-Id": new_uid(self._audit), "Date": _date(int(self._core.now()))}


async def _request(http: web.BaseRequest) -> Request | Response:
    """The request as the API server knows it; its body stays raw, as only the server knows what it should be."""
    body = b""
    while chunk := await http.content.readany():
        body += chunk
        if len(body) > _LARGEST_BODY:
            message = f"Request entity too large: limit is {_LARGEST_BODY}"
            return Response(413, failure(413, "RequestEntityTooLarge", message))
    if http.method not in _METHODS:
        message = "the server does not allow this method on the requested resource"
        return Response(405, failure(405, "MethodNotAllowed", message))
    return Request(
        method=cast("Method", http.method),
        path=http.path,
        query=tuple(http.query.items()),
        body=body if body or http.method in _WRITING else None,
        content_type=http.headers.get("Content-Type", ""),
        accept=http.headers.get("Accept", "application/json"),
        user_agent=http.headers.get("User-Agent", ""),
        headers=tuple(http.headers.items()) if "/proxy" in http.path else (),
    )


@lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _seconds(request: Request) -> float | None:
    """How long the client wants its watch to last, in its own seconds."""
    try:
        return float(request.param("timeoutSeconds")) or None
    except ValueError:
        return None


def _size(item: Obj | bytes) -> int:
    return len(item) if isinstance(item, bytes) else 0  # objects are the store's


def _bytes(item: Obj | bytes) -> bytes:
    return item if isinstance(item, bytes) else line(item)


# ---- aiohttp's protocol with the limits of Go's HTTP server, and its words for what is no HTTP
#
# Nothing that a client sends is worth a line on a learner's screen: complaints go to the log at its lowest level.

_HEAD = (1 << 20) + 4096  # bytes of a request line and its headers, as http.DefaultMaxHeaderBytes of Go and its slack
_HEAD_SECONDS = 32.0  # in which they have come, as the API server's ReadHeaderTimeout
_HEADERS = 1 << 16


class WireServer(web.Server):
    """A server of aiohttp whose connections have limits."""

    def __init__(self, handler: Any, **options: Any) -> None:
        super().__init__(handler, access_log=None, logger=_LOG, **options)
        self._limits = {"max_line_size": _HEAD, "max_field_size": _HEAD, "max_headers": _HEADERS}

    def __call__(self) -> RequestHandler:
        """The protocol of a new connection."""
        return _Connection(self, loop=self._loop, **self._kwargs, **self._limits)


class _Connection(RequestHandler):
    """One connection."""

    __slots__ = ("_head", "_late")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come; it is to say something."""
        super().connection_made(transport)
        self._late = self._loop.call_later(_HEAD_SECONDS, self.force_close)

    def data_received(self, data: bytes) -> None:
        """Counts what comes before a request is whole."""
        super().data_received(data)
        if self._messages or self._current_request is not None or self._upgraded:
            self._begun()
            return
        self._head += len(data)
        if self._head > _HEAD:
            self._say_goodbye(431, "Request Header Fields Too Large")
        elif self._late is None:
            self._late = self._loop.call_later(_HEAD_SECONDS, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client is gone."""
        self._begun()
        super().connection_lost(exc)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What is no HTTP, as Go answers it."""
        _LOG.debug("no HTTP: %s", message, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer has been sent")
        words = {400: "400 Bad Request", 431: "431 Request Header Fields Too Large"}.get(status, f"{status} {message}")
        answer = web.Response(status=status, text=words, content_type="text/plain", charset="utf-8")
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Not on a learner's screen."""
        _LOG.debug(*args, **{"exc_info": True, **options})

    def _begun(self) -> None:
        self._head = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _say_goodbye(self, code: int, words: str) -> None:
        head = f"HTTP/1.1 {code} {words}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        if self.transport is not None:
            self.transport.write(f"{head}{code} {words}".encode())
        self.force_close()
