"""Exec and attach over bare SPDY, as kubectl before 1.31 speaks them: a stream each for input, output and the end."""

from __future__ import annotations

import asyncio

from aiohttp import web

from k8s_tutor.embedded.core import Upgrade
from k8s_tutor.embedded.http import tunnels
from k8s_tutor.embedded.http.commandchannels import Channel, attach, take
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.mailbox import Mailbox
from k8s_tutor.embedded.http.spdy.streams import Stream

__all__ = ["PROTOCOLS", "serve_streams"]

PROTOCOLS = ("v4.channel.k8s.io",)

_CHANNELS = {
    "stdin": Channel.STDIN,
    "stdout": Channel.STDOUT,
    "stderr": Channel.STDERR,
    "error": Channel.ERROR,
    "resize": Channel.RESIZE,
}


async def serve_streams(http: web.BaseRequest, upgrade: Upgrade, door: Door) -> web.StreamResponse:
    """Joins a SPDY connection and a session until the client goes away."""
    command = _Command(upgrade, door)
    try:
        return await tunnels.serve_bare(http, tunnels.negotiated(http, PROTOCOLS), command.opened)
    finally:
        command.close()


class _Command:
    """The session begins when the client has opened all streams it is to have."""

    def __init__(self, upgrade: Upgrade, door: Door) -> None:
        self._upgrade = upgrade
        self._door = door
        wanted = {
            Channel.STDIN: upgrade.stdin,
            Channel.STDOUT: upgrade.stdout,
            Channel.STDERR: upgrade.stderr and not upgrade.tty,
            Channel.ERROR: True,
            Channel.RESIZE: upgrade.tty,
        }
        self._wanted = {channel for channel, is_wanted in wanted.items() if is_wanted}
        self._streams: dict[Channel, Stream] = {}
        self._writer: asyncio.Task[None] | None = None

    def opened(self, stream: Stream) -> bool:
        """Takes a new stream; False for one that does not belong here."""
        channel = _CHANNELS.get(stream.headers.get("streamtype", ""))
        if channel not in self._wanted or channel in self._streams:
            return False
        self._streams[channel] = stream
        if channel in (Channel.STDIN, Channel.RESIZE):
            stream.on_data = lambda data: self._take(channel, data)
        if channel == Channel.STDIN:
            stream.on_end = self._end_of_input
        if len(self._streams) == len(self._wanted):
            self._start()
        return True

    def close(self) -> None:
        """The client is gone."""
        if self._writer is not None:
            self._writer.cancel()

    def _start(self) -> None:
        outbox: Mailbox[tuple[Channel, bytes]] = Mailbox()
        with self._door.hold():
            attach(self._upgrade, outbox)
        self._writer = asyncio.create_task(self._write(outbox))

    async def _write(self, outbox: Mailbox[tuple[Channel, bytes]]) -> None:
        async for messages in outbox:
            for channel, data in messages:
                self._streams[channel].write(data)
        for stream in self._streams.values():
            stream.end()

    def _take(self, channel: Channel, data: bytes) -> None:
        with self._door.hold():
            take(self._upgrade, channel, data)

    def _end_of_input(self) -> None:
        with self._door.hold():
            self._upgrade.session.close_stdin()
