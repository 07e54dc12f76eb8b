"""aiohttp on one side, `ApiServer.handle` on the other. Runs in the HTTP server's thread."""

from __future__ import annotations

import asyncio
import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import cast, get_args
from weakref import WeakKeyDictionary

from aiohttp import web

from k8s_tutor.api.protocol import Method, Request, Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.apiserver.identity import new_uid
from k8s_tutor.embedded.core import Answer, PortForward, Streaming, Upgrade
from k8s_tutor.embedded.http import commands, guard, portforward, wire
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.objects.types import Obj

__all__ = ["Adapter"]

_LOG = logging.getLogger(__name__)
_LARGEST_BODY = 3 * 1024 * 1024  # bytes, as the real server
_MOST_WAITING = 128  # requests: a webhook's server asks here while one waits for it
_METHODS = frozenset(get_args(Method))
_WRITING = ("POST", "PUT", "PATCH")  # without a body they lack one


class Adapter:
    """Answers HTTP requests. One for all connections."""

    def __init__(self, door: Door, keeper: guard.Guard) -> None:
        self._door = door
        self._guard = keeper
        self._audit = Random(keeper.token)
        self._certificates: WeakKeyDictionary[ssl.SSLObject, guard.Certificate | None] = WeakKeyDictionary()
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
        except Exception:
            _LOG.exception("the embedded cluster's HTTP server met a bug of its own")
            return self._plain(http, Response(500, failure(500, "InternalError", "Internal error occurred")))

    def end_streams(self) -> None:
        """Ends all watches and logs properly, as a server that shuts down does."""
        for mailbox in self._streams:
            mailbox.end()
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _who(self, http: web.BaseRequest) -> guard.Caller | Response:
        if not guard.is_local(host := http.headers.get("Host", "")):
            return guard.misdirected(host)
        return self._guard.caller(http.headers, self._certificate(http)) or guard.unauthorized()

    async def _answer(self, http: web.BaseRequest, request: Request, caller: guard.Caller) -> web.StreamResponse:
        answer = await self._ask(request, caller)
        if isinstance(answer, Streaming):
            return await self._stream(http, answer, _seconds(request))
        if isinstance(answer, Upgrade):
            return await self._upgrade(http, answer)
        if isinstance(answer, PortForward):
            refused = portforward.refusal(http)
            return self._plain(http, refused) if refused else await portforward.serve_ports(http, answer, self._door)
        return self._plain(http, answer)

    async def _ask(self, request: Request, caller: guard.Caller) -> Answer:
        """The core's answer. Where it may take time, this thread stays free to answer others."""
        if not self._door.patient():
            return self._door.handle(request, caller.user, caller.acting_as)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._waiters, self._door.handle, request, caller.user, caller.acting_as)

    def _plain(self, http: web.BaseRequest, response: Response) -> web.Response:
        encoded = wire.encode(response, http.headers, http.query.get("pretty", ""))
        return web.Response(status=response.code, body=encoded.body, headers=encoded.headers | self._audit_id())

    async def _upgrade(self, http: web.BaseRequest, answer: Upgrade) -> web.StreamResponse:
        if (refused := commands.refusal(http)) is not None:
            with self._door.hold():
                answer.session.close()
            return self._plain(http, refused)
        return await commands.serve_command(http, answer, self._door)

    async def _stream(self, http: web.BaseRequest, answer: Streaming, seconds: float | None) -> web.StreamResponse:
        """A watch or followed logs: each item leaves as soon as it is there."""
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-cache, private"} | self._audit_id()
        response = web.StreamResponse(headers=headers)
        mailbox: Mailbox[Obj | bytes] = Mailbox()
        with self._door.outsider():
            with self._door.hold():
                answer.feed.attach(mailbox.push, mailbox.end)
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
                with self._door.hold():
                    answer.feed.close()
        return response

    def _certificate(self, http: web.BaseRequest) -> guard.Certificate | None:
        """The client's, read once a connection."""
        secured: ssl.SSLObject | None = http.get_extra_info("ssl_object")
        if secured is None:
            return None
        if secured not in self._certificates:
            der = secured.getpeercert(binary_form=True)
            self._certificates[secured] = guard.Certificate(secured.getpeercert() or {}, der) if der else None
        return self._certificates[secured]

    def _audit_id(self) -> dict[str, str]:
        return {"Audit-Id": new_uid(self._audit)}


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


def _seconds(request: Request) -> float | None:
    """How long the client wants its watch to last, in its own seconds."""
    try:
        return float(request.param("timeoutSeconds")) or None
    except ValueError:
        return None


def _bytes(item: Obj | bytes) -> bytes:
    return item if isinstance(item, bytes) else wire.line(item)
