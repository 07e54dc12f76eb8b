"""Bytes of a forwarded connection, understood as HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from k8s_tutor.embedded.http.portforward import PortConnection
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest


class Door:
    def hold(self) -> AbstractContextManager[None]:
        return nullcontext()


class Port:
    """Answers each request with its method, path and body; `/silent` not at all."""

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | None], None]) -> None:
        said = f"{request.method} {request.path} ".encode() + request.body
        done(None if request.path == "/silent" else HttpAnswer(200, said, {"Content-Type": "text/plain"}))


def talk(*pieces: bytes) -> tuple[bytes, bool]:
    """What the server says to these bytes, and whether it then closes the connection."""

    async def run() -> tuple[bytes, bool]:
        said, ended = bytearray(), []
        connection = PortConnection(Port(), Door(), said.extend, lambda: ended.append(True))
        for piece in pieces:
            connection.receive(piece)
            for _ in range(5):
                await asyncio.sleep(0)
        return bytes(said), bool(ended)

    return asyncio.run(run())


def bodies(said: bytes) -> list[bytes]:
    return [part.partition(b"\r\n\r\n")[2] for part in said.split(b"HTTP/1.1 ")[1:]]


def test_one_request_after_the_other_on_one_connection():
    said, ended = talk(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n")

    assert bodies(said) == [b"GET /a ", b"GET /b "]
    assert not ended


def test_requests_that_come_at_once_are_answered_in_order():
    said, _ = talk(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")

    assert bodies(said) == [b"GET /a ", b"GET /b "]


def test_a_body_in_pieces():
    said, _ = talk(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab", b"cd")

    assert bodies(said) == [b"POST / abcd"]


@pytest.mark.parametrize(
    "last",
    [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
    ids=["HTTP/1.0", "Connection: close"],
)
def test_a_client_that_asks_for_one_answer_gets_the_end_too(last):
    said, ended = talk(last)

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert ended


def test_a_client_that_ends_its_half_gets_its_answer_then_the_end():
    said, ended = talk(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"")

    assert bodies(said) == [b"GET / "]
    assert ended


def test_a_program_that_hangs_up():
    assert talk(b"GET /silent HTTP/1.1\r\nHost: x\r\n\r\n") == (b"", True)


def test_what_is_no_http_is_told_so():
    said, ended = talk(b"\x16\x03\x01 hello TLS\r\n\r\n")

    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"the embedded cluster's containers speak HTTP/1.1 only" in said
    assert ended


def test_a_big_body_is_asked_for():
    said, _ = talk(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", b"ok")

    assert said.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert said.endswith(b"POST / ok")
