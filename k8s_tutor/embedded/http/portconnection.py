"""The bytes of one forwarded connection, understood as HTTP/1.1: simulated containers speak nothing below it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

import h11

from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest, PodPort

__all__ = ["PortConnection"]

_BODILESS = (204, 304)


class PortConnection:
    """One connection; lives in the HTTP server's thread.

    Args:
        port: Answers its requests, in the thread that holds the core.
        door: To hold the core.
        send: Gets the answer's bytes.
        end: Called once, when the server closes the connection.
    """

    def __init__(
        self, port: PodPort, door: Door, send: Callable[[bytes], None], end: Callable[[], None] = lambda: None
    ) -> None:
        self._port = port
        self._door = door
        self._send = send
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""
        self._asked = False
        self._over = False

    def receive(self, data: bytes) -> None:
        """Takes the client's bytes; none are the end of them."""
        if self._over:
            return
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            self._refuse(error)
        else:
            self._read_on()

    def close(self) -> None:
        """The client is gone: nobody waits for answers."""
        self._over = True

    def _read_on(self) -> None:
        try:
            self._read()
        except h11.RemoteProtocolError as error:
            self._refuse(error)

    def _read(self) -> None:
        while not self._over:
            event = self._http.next_event()
            match event:
                case h11.Request():
                    self._request, self._body = event, b""
                    if self._http.they_are_waiting_for_100_continue:
                        self._say(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
                case h11.Data():
                    self._body += bytes(event.data)
                case h11.EndOfMessage():
                    self._ask()
                case h11.ConnectionClosed():
                    if not self._asked:
                        self._finish()
                    return
                case _:  # the answer or more bytes are waited for
                    return

    def _ask(self) -> None:
        request = self._request
        assert request is not None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        asked = HttpRequest(request.method.decode("ascii"), request.target.decode("latin-1"), headers, self._body)
        self._asked = True
        with self._door.hold():
            self._port.request(asked, self._come)

    def _come(self, answer: HttpAnswer | None) -> None:
        """The answer, in the thread that holds the core."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._answer, answer)

    def _answer(self, answer: HttpAnswer | None) -> None:
        self._asked = False
        if self._over:
            return
        if answer is None:  # the program closed the connection without a word
            self._finish()
            return
        assert self._request is not None
        self._say_answer(answer, empty=self._request.method == b"HEAD" or answer.code in _BODILESS)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._read_on()
        else:
            self._finish()

    def _say_answer(self, answer: HttpAnswer, *, empty: bool) -> None:
        fields = [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]
        if answer.code not in _BODILESS:
            fields.append(("Content-Length", str(len(answer.body))))
        parts: list[h11.Event] = [h11.Response(status_code=answer.code, headers=fields, reason=_reason(answer.code))]
        if answer.body and not empty:
            parts.append(h11.Data(data=answer.body))
        self._say(*parts, h11.EndOfMessage())

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        """What is no HTTP is answered as web servers answer it, with the reason."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = f"the embedded cluster's containers speak HTTP/1.1 only: {error}\n".encode()
            headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
            self._say_answer(HttpAnswer(400, body, headers), empty=False)
        self._finish()

    def _say(self, *events: h11.Event) -> None:
        self._send(b"".join(self._http.send(event) or b"" for event in events))

    def _finish(self) -> None:
        self._over = True
        self._end()


def _reason(code: int) -> bytes:
    try:
        return HTTPStatus(code).phrase.encode()
    except ValueError:
        return b""
