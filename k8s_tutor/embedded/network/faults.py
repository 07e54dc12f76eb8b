"""Why a request got no answer. Each tool has its own words for it; the facts are here."""

from __future__ import annotations

from k8s_tutor.embedded.network.trace import Trace

__all__ = ["Broken", "Fault", "Refused", "TimedOut", "UnknownHost"]


class Fault(Exception):
    """No answer.

    Attributes:
        host: As the caller wrote it.
        address: What it resolved to, empty where it did not.
        port: The port asked for.
        seconds: How long it took to fail.
        trace: The hops up to there, once the network has let go of it.
    """

    trace: Trace | None = None

    def __init__(self, host: str, address: str, port: int, seconds: float) -> None:
        super().__init__(f"{type(self).__name__}: {host}:{port}")
        self.host = host
        self.address = address
        self.port = port
        self.seconds = seconds


class Refused(Fault):
    """The address is there and nothing listens on the port (or a Service has no ready endpoint)."""


class TimedOut(Fault):
    """Nobody at that address, or the answer took too long."""


class UnknownHost(Fault):
    """No such name."""


class Broken(Fault):
    """The other side closed the connection without an answer."""
