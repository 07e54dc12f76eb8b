"""Startup, liveness and readiness probes of one container: when they run, what they conclude, what they say.

gRPC probes are not simulated: they fail and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.kubelet.backoff import words
from k8s_tutor.embedded.kubelet.container import Container, field_path
from k8s_tutor.embedded.kubelet.handlers import connect, exec_error, http_get, port_of, run_command
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.routine import Pause, Routine, Work
from k8s_tutor.objects.types import Obj

__all__ = ["Prober"]

Type = Literal["startup", "liveness", "readiness"]
_TYPES: tuple[Type, ...] = ("startup", "liveness", "readiness")

_NO_GRPC = "gRPC probes are not simulated on the embedded cluster; use httpGet, tcpSocket or exec, or a kind cluster"


@dataclass(frozen=True, slots=True)
class _Result:
    """One probe: good or not, and why not; `error`: it could not even be tried, which counts for nothing."""

    good: bool
    why: str = ""
    error: bool = False


class Prober:
    """Probes one container from its start to its end.

    Args:
        node: Where it runs.
        pod: Gives the pod as it is now.
        spec: The container's spec.
        container: The attempt that is probed.
        changed: Called after each change of `started`, `ready` or `probe_failure`.
    """

    def __init__(
        self, node: Node, pod: Callable[[], Obj], spec: Obj, container: Container, changed: Callable[[], None]
    ) -> None:
        self._node = node
        self._pod = pod
        self._spec = spec
        self._container = container
        self._changed = changed
        self._routines: dict[Type, Routine] = {}
        self._since = 0.0

    def start(self, since: float) -> None:
        """Begins to probe, or goes on with what has waited so far; called after each status that is written.

        Args:
            since: When the kubelet took the pod on: liveness and startup probes beat from there, in their periods. A
                readiness probe runs at once, and beats from then on.
        """
        self._since = since
        for kind in _TYPES:
            # The others wait until the startup probe has passed and the status says so.
            if self._spec.get(f"{kind}Probe") and kind not in self._routines and self._is_due(kind):
                self._routines[kind] = Routine(self._node.loop, self._watch(kind), lambda _: None)
                self._routines[kind].start()

    def stop(self) -> None:
        """Ends all probing."""
        for routine in self._routines.values():
            routine.cancel()
        self._routines.clear()

    def _is_due(self, kind: Type) -> bool:
        return kind == "startup" or self._container.started

    def _watch(self, kind: Type) -> Work:
        """One probe for as long as it matters."""
        probe = self._spec[f"{kind}Probe"]
        period = float(probe.get("periodSeconds", 10))
        yield Pause(self._first(kind, period, int(probe.get("initialDelaySeconds", 0))))
        good = bad = 0
        while self._runs():
            begun = self._node.now()
            result = yield from self._once(probe)
            if not self._runs():
                return
            if not result.good:
                self._complain(kind, result)
            if result.good:
                good, bad = good + 1, 0
            elif not result.error:
                good, bad = 0, bad + 1
            if good >= probe.get("successThreshold", 1) and self._passed(kind):
                return
            if bad >= probe.get("failureThreshold", 3) and self._failed(kind):
                return
            yield Pause(max(period - (self._node.now() - begun), 0.0))

    def _first(self, kind: Type, period: float, delay: int) -> float:
        """Seconds until the first probe: the first beat at which the container is old enough, in whole seconds."""
        now = self._node.now()
        beat = now if kind == "readiness" else self._since + ceil((now - self._since) / period) * period
        while int(beat - self._container.started_at) < delay:
            beat += period
        return beat - now

    def _runs(self) -> bool:
        return self._container.state == "running"

    def _passed(self, kind: Type) -> bool:
        """Notes a success; True where this probe has nothing more to do."""
        container = self._container
        if kind == "startup":
            container.started = True
            self._changed()
            return True
        if kind == "readiness" and container.ready is not True:
            container.ready = True
            self._changed()
        return False

    def _failed(self, kind: Type) -> bool:
        container = self._container
        if kind == "readiness":
            if container.ready is not False:
                changed = container.ready is True
                container.ready = False
                if changed:
                    self._changed()
            return False
        if "deletionTimestamp" in self._pod()["metadata"]:
            return True  # a pod that goes is not restarted for its health
        container.probe_failure = kind
        self._changed()
        return True

    def _complain(self, kind: Type, result: _Result) -> None:
        how = "probe errored and resulted in unknown state" if result.error else "probe failed"
        message = f"{kind.capitalize()} {how}: {result.why}"
        pod = self._pod()
        self._node.recorder.emit(EmitEvent(pod, "Warning", "Unhealthy", message, field_path(pod, self._container.name)))

    def _once(self, probe: Obj) -> Work:
        timeout = float(probe.get("timeoutSeconds", 1))
        address = self._container.process.address if self._container.process else ""
        try:
            if "exec" in probe:
                return (yield from self._command(list(probe["exec"].get("command", [])), timeout))
            if "httpGet" in probe:
                return (yield from self._request(probe["httpGet"], address, timeout))
            if "tcpSocket" in probe:
                host = probe["tcpSocket"].get("host") or address
                refused = yield from connect(self._node, host, port_of(self._spec, probe["tcpSocket"]["port"]), timeout)
                return _Result(not refused, refused)
        except LookupError as error:
            return _Result(False, str(error), error=True)
        yield Pause(0)
        return _Result(False, _NO_GRPC)

    def _request(self, action: Obj, address: str, timeout: float) -> Work:
        outcome = yield from http_get(self._node, self._spec, action, address, timeout)
        if outcome.code == 0:
            return _Result(False, outcome.text)
        good = 200 <= outcome.code < 400
        return _Result(good, "" if good else f"HTTP probe failed with statuscode: {outcome.code}")

    def _command(self, command: list[str], timeout: float) -> Work:
        outcome = yield from run_command(self._container, command, timeout)
        if outcome is None:
            return _Result(False, f"rpc error: code = Unknown desc = {exec_error(self._node, command[0])}", error=True)
        if outcome.code is None:
            return _Result(False, f'command timed out: "{" ".join(command)}" timed out after {words(timeout)}')
        return _Result(outcome.code == 0, outcome.output)
