"""What a program waits for: that time passes, bytes, an answer, another process, room in a pipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8s_tutor.embedded.core import AnyLoop, Timer
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import Busy, Effect, Fetch, Forever, Join, Read, Sink, Sleep
from k8s_tutor.embedded.kubelet.node import Work
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.network import Fault, Network

__all__ = ["Waits"]

_Result = tuple[Any, BaseException | None, bool]
"""What an effect gives, how it fails, and whether the program waits for that."""


class Waits:
    """Carries out the effects of one program; what takes time ends in a call of `advance`: a result or an error."""

    def __init__(
        self, loop: AnyLoop, network: Network, net: Namespace, work: Work, advance: Callable[..., None]
    ) -> None:
        self._loop = loop
        self._network = network
        self._net = net
        self._work = work
        self._advance = advance
        self._timer: Timer | None = None
        self._reading: Pipe | None = None
        self._blocked: Pipe | None = None
        self._turn = 0

    def carry_out(self, effect: Effect, stdin: Pipe | None) -> _Result:
        """Does one effect."""
        match effect:
            case Sleep(seconds):
                self._resume_after(seconds)
            case Busy(seconds):
                self._work.add(self._loop.now(), seconds)
                self._resume_after(seconds)
            case Forever():
                pass
            case Read(source):
                return self._read(source or stdin)
            case Fetch():
                self._fetch(effect)
            case Join(child):
                return self._join(child)
        return None, None, True

    def hold_back(self, out: Sink, value: Any) -> bool:
        """Whether its output's reader is too far behind: then it goes on once some of that has been taken."""
        if not isinstance(out, Pipe) or not out.full:
            return False

        def go_on() -> None:
            out.on_room = None
            self._resume_after(0, value)

        self._blocked = out
        out.on_room = go_on
        return True

    def stop(self) -> None:
        """Waits for nothing any more."""
        self._turn += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._reading is not None:
            self._reading.on_data = None
            self._reading = None
        if self._blocked is not None:
            self._blocked.on_room = None
            self._blocked = None

    def _resume_after(self, seconds: float, value: Any = None, error: BaseException | None = None) -> None:
        self._timer = self._loop.call_later(seconds, lambda: self._advance(value, error), "process")

    def _read(self, source: Pipe | None) -> _Result:
        if source is None:
            return b"", None, False
        data = source.take()
        if data is not None:
            return data, None, False
        self._reading = source
        source.on_data = self._take_what_came
        return None, None, True

    def _take_what_came(self) -> None:
        source = self._reading
        assert source is not None
        source.on_data = None
        # The bytes are taken when the process runs, not when they came: more may follow in the same instant.
        self._timer = self._loop.call_later(0, lambda: self._advance(source.take() or b""), "process")

    def _fetch(self, effect: Fetch) -> None:
        try:
            answer, trace = self._network.request(
                self._net, effect.host, effect.port, effect.request, timeout=effect.timeout
            )
        except Fault as fault:
            self._resume_after(fault.seconds, error=fault)
        else:
            self._resume_after(trace.seconds, answer)

    def _join(self, child: Any) -> _Result:
        if child.exit_code is not None:
            return child.exit_code, None, False
        turn = self._turn  # a signal may have ended the wait, or the program, when the child ends
        child.on_exit.append(lambda code: self._resume_after(0, code) if turn == self._turn else None)
        return None, None, True
