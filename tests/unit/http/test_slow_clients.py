"""Clients that do not read, or never say what they want: they are dropped, and nothing of theirs is kept."""

from __future__ import annotations

import asyncio

import pytest

from k8s_tutor.embedded.http import adapter, mailbox
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.embedded.http.spdy_frames import Decoder, Encoder, FrameFault, Reset, SynStream
from k8s_tutor.embedded.http.spdy_streams import Connection


def test_who_does_not_read_is_dropped_and_nothing_waits_for_them_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_ITEMS", 10)

    async def watch() -> tuple[list[str], list[list[int]]]:
        dropped: list[str] = []
        box: Mailbox[int] = Mailbox(lambda: dropped.append("dropped"))
        for number in range(100):  # there from the beginning: a long list is no slowness
            box.push(number)
        box.settle()
        for number in range(20):
            box.push(number)
        await asyncio.sleep(0)
        return dropped, [items async for items in box]

    assert asyncio.run(watch()) in ((["dropped"], []),)


def test_bytes_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 1000)

    async def follow() -> list[str]:
        dropped: list[str] = []
        box: Mailbox[bytes] = Mailbox(lambda: dropped.append("dropped"), len)
        box.push(b"x" * 900)
        async for items in box:
            assert items == [b"x" * 900]  # read in time
            break
        box.push(b"x" * 900)
        box.push(b"x" * 900)
        return dropped

    assert asyncio.run(follow()) == ["dropped"]


@pytest.mark.parametrize("sent", [b"", b"GET /version HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half"])
def test_who_never_says_what_they_want_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(adapter, "_HEAD_SECONDS", 0.05)
    assert asyncio.run(_talk(sent)) == b""


def test_headers_without_end_are_refused_in_gos_words() -> None:
    answer = asyncio.run(_talk(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300_000))
    assert answer[8:13] in (b" 431 ", b" 400 ")


@pytest.mark.parametrize("sent", [b"\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"], ids=["bytes", "header"])
def test_what_is_no_http_is_answered_as_go_does_and_not_told_on_the_screen(
    sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = asyncio.run(_talk(sent))
    assert answer[8:].startswith(b" 400 Bad Request")
    assert answer.endswith(b"400 Bad Request")
    assert capfd.readouterr() == ("", "")


async def _talk(sent: bytes) -> bytes:
    from aiohttp import web  # noqa: PLC0415

    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(text="ok")

    server = await asyncio.get_running_loop().create_server(adapter.WireServer(handler), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(sent)
        async with asyncio.timeout(30):
            answer = await reader.read(4000)
        writer.close()
    return answer


def test_packed_headers_that_stand_for_gigabytes_end_the_connection() -> None:
    frame = Encoder().encode(SynStream(1, {"a": "x" * 50_000_000}))
    assert len(frame) < 100_000
    with pytest.raises(FrameFault):
        Decoder().feed(frame)


def test_a_connection_has_so_many_streams() -> None:
    said: list[bytes] = []
    connection = Connection(lambda _: True, said.append)
    encoder, decoder = Encoder(), Decoder()
    for number in range(1, 2 * 1100, 2):
        connection.receive(encoder.encode(SynStream(number, {"streamtype": "data"})))
    refused = [frame for data in said for frame in decoder.feed(data) if isinstance(frame, Reset)]
    assert len(refused) == 100
