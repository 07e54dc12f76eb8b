"""What to do next with a pod's containers: which to start, which to kill. Pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from k8s_tutor.embedded.kubelet.container import Container, Runtime, is_sidecar
from k8s_tutor.objects.types import Obj

__all__ = ["Backoff", "Plan", "plan", "should_restart", "words"]


@dataclass(slots=True)
class Plan:
    """What a sync is to do, in this order: kill, make the sandbox, start.

    Attributes:
        kill: Containers and why, in the kubelet's words.
        start: Names, in order.
        finish: Nothing runs and nothing will: the pod's sandbox goes.
    """

    kill: list[tuple[Container, str]] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    finish: bool = False


def should_restart(spec: Obj, pod: Obj, exit_code: int) -> bool:
    """Whether a container that ended with this code is started again: by its own rules, its policy, the pod's."""
    for rule in spec.get("restartPolicyRules", []):
        codes = rule.get("exitCodes") or {}
        matches = exit_code in codes.get("values", [])
        if matches if codes.get("operator") == "In" else not matches:
            return bool(rule.get("action") == "Restart")
    policy = spec.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always")
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def plan(pod: Obj, runtime: Runtime) -> Plan:
    """What to do now."""
    result = Plan()
    init = pod["spec"].get("initContainers", [])
    regular_begun = any(runtime.latest(spec["name"]) for spec in pod["spec"]["containers"])
    if not regular_begun and not _initialise(pod, init, runtime, result):
        return result
    if regular_begun:
        _keep_sidecars(pod, init, runtime, result)
    kept = _regular(pod, runtime, result)
    _ephemeral(pod, runtime, result)
    if not kept and not result.start:
        result.finish = True
    return result


def _initialise(pod: Obj, init: Sequence[Obj], runtime: Runtime, result: Plan) -> bool:
    """Init containers one after the other; True once all have done their part."""
    for spec in init:
        name = spec["name"]
        last = runtime.latest(name)
        if last is None:
            result.start.append(name)
            return False
        if last.state == "running":
            if last.probe_failure:
                result.kill.append((last, _condemned(last, restarts=True)))
                result.start.append(name)
            if not is_sidecar(spec) or not last.started:
                return False
            continue
        if last.state == "exited" and last.exit_code == 0 and not is_sidecar(spec):
            continue
        if should_restart(spec, pod, last.exit_code) or is_sidecar(spec):
            result.start.append(name)
        else:
            result.finish = True
        return False
    return True


def _keep_sidecars(pod: Obj, init: Sequence[Obj], runtime: Runtime, result: Plan) -> None:
    if _all_regular_done(pod, runtime):
        return
    for spec in init:
        last = runtime.latest(spec["name"])
        if not is_sidecar(spec):
            continue
        if last is not None and last.state == "running" and last.probe_failure:
            result.kill.append((last, _condemned(last, restarts=True)))
            result.start.append(spec["name"])
        elif last is None or last.state == "exited":
            result.start.append(spec["name"])


def _all_regular_done(pod: Obj, runtime: Runtime) -> bool:
    for spec in pod["spec"]["containers"]:
        last = runtime.latest(spec["name"])
        if last is None or last.state != "exited" or should_restart(spec, pod, last.exit_code):
            return False
    return True


def _regular(pod: Obj, runtime: Runtime, result: Plan) -> int:
    """The regular containers; gives how many go on running."""
    kept = 0
    for spec in pod["spec"]["containers"]:
        last = runtime.latest(spec["name"])
        if last is None or last.state == "created":
            result.start.append(spec["name"])
        elif last.state == "exited":
            if should_restart(spec, pod, last.exit_code):
                result.start.append(spec["name"])
        elif last.probe_failure:
            restarts = pod["spec"].get("restartPolicy", "Always") != "Never"
            result.kill.append((last, _condemned(last, restarts=restarts)))
            if restarts:
                result.start.append(spec["name"])
        else:
            kept += 1
    return kept


def _ephemeral(pod: Obj, runtime: Runtime, result: Plan) -> None:
    names = [spec["name"] for spec in pod["spec"].get("ephemeralContainers", [])]
    result.start += [name for name in names if runtime.latest(name) is None]


def _condemned(container: Container, *, restarts: bool) -> str:
    words = f"Container {container.name} failed {container.probe_failure} probe"
    return f"{words}, will be restarted" if restarts else words


# ---- Exponential back-off by key, as client-go's `flowcontrol.Backoff` counts it


@dataclass(slots=True)
class _Entry:
    delay: float
    updated: float


class Backoff:
    """Delays that double from `first` to `most` seconds and are forgotten after twice `most` without a failure."""

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._entries: dict[str, _Entry] = {}

    def is_waiting(self, key: str, since: float, now: float) -> bool:
        """Whether the key's delay, counted from `since`, has not passed yet."""
        entry = self._entries.get(key)
        if entry is None or self._forgotten(entry, since):
            return False
        return now - since < entry.delay

    def is_waiting_since_update(self, key: str, now: float) -> bool:
        """The same, counted from the last failure noted."""
        entry = self._entries.get(key)
        return entry is not None and not self._forgotten(entry, now) and now - entry.updated < entry.delay

    def delay(self, key: str) -> float:
        """The key's delay in seconds, 0 where it has none."""
        entry = self._entries.get(key)
        return entry.delay if entry else 0.0

    def fail(self, key: str, since: float, now: float) -> None:
        """Notes at `now` a failure of the moment `since`: the delay starts, or doubles."""
        entry = self._entries.get(key)
        if entry is None or self._forgotten(entry, since):
            self._entries[key] = _Entry(self._first, now)
        else:
            entry.delay = min(entry.delay * 2, self._most)
            entry.updated = now

    def forget(self, prefix: str) -> None:
        """Drops every key that begins so."""
        for key in [key for key in self._entries if key.startswith(prefix)]:
            del self._entries[key]

    def _forgotten(self, entry: _Entry, when: float) -> bool:
        return when - entry.updated > 2 * self._most


def words(seconds: float) -> str:
    """A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `412ms`, `1.2s`."""
    if seconds == 0:
        return "0s"
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    seconds_text = f"{rest:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds_text}"
    return f"{minutes}m{seconds_text}" if minutes else seconds_text
