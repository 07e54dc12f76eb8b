"""Why kind failed, from what it said, in words for a learner."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from k8s_tutor.errors import ClusterUnavailable

__all__ = ["explain", "watchers"]

_EMBEDDED = 'connect("embedded") needs no containers'


@dataclass(frozen=True, slots=True)
class _Cause:
    pattern: str
    why: str
    next_step: str


_FEW_WATCHERS = 256
_WATCHERS = _Cause(
    r"too many open files|inotify",
    "the system's limit of watched files is too low for so many nodes",
    "`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`",
)
_NODES_STOP = _Cause(
    r"cgroup v1|cgroups? v2|could not find a log line that matches|kubelet is not (running|healthy)"
    r"|failed to (init|join) node|failed to get kubernetes version from node",
    "the nodes' containers do not start as they should (often cgroups, too little memory, or an old engine)",
    "update the container engine and kind, then connect again",
)
# In order: the first that matches is the cause; what follows from it may match below.
_CAUSES = (
    _Cause(
        r"permission denied.*(docker|podman)[^\n]*sock",
        "this user may not talk to the container engine",
        "`sudo usermod -aG docker $USER`, then log out and in again",
    ),
    _Cause(
        r"no space left on device",
        "the container engine's disk is full",
        "make room (`docker system df` shows what takes it), then connect again",
    ),
    _Cause(
        r"(port is already allocated|address already in use|bind: Only one usage of each socket address)",
        "another program has a port that the cluster needs",
        "connect again: kind takes another free port",
    ),
    _Cause(
        r"(cannot allocate memory|out of memory|OOMKilled|oom-kill)",
        "there is not enough memory for three nodes (they need about 2 GB)",
        "close something big, or give the container engine more memory in its settings",
    ),
    _Cause(
        r"failed to pull image|pull access denied|manifest unknown|toomanyrequests|registry.*timeout",
        "the node image could not be downloaded",
        "check the network (proxy? registry's limit?), or load a kindest/node image from a file: `docker load -i`",
    ),
    _WATCHERS,
    _NODES_STOP,
    _Cause(
        r"unknown flag|unknown command|is not supported by|unsupported",
        "this kind is too old",
        "install a newer kind (kind.sigs.k8s.io)",
    ),
)


def watchers() -> int:
    """How many places a user of this Linux may watch files from; 0 where that is not limited, or not known."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys/fs/inotify/max_user_instances").read_text(encoding="ascii"))
    return 0


def explain(said: str, log: Path, limit: int = 0) -> ClusterUnavailable:
    """The error for a failed creation.

    Args:
        said: All that kind printed.
        log: Where it is kept.
        limit: Of `watchers`. A node whose systemd meets it stops without a word that kind would print; with the usual
            128 the fourth cluster of three nodes does.
    """
    cause = next((cause for cause in _CAUSES if re.search(cause.pattern, said, re.IGNORECASE)), None)
    if cause is _NODES_STOP and 0 < limit < _FEW_WATCHERS:
        cause = replace(_WATCHERS, why=f"probably {_WATCHERS.why} (fs.inotify.max_user_instances is {limit})")
    error = re.findall(r"^ERROR: (.+)", said, re.MULTILINE)
    first = error[0] if error else next(iter(reversed(said.strip().splitlines())), "kind said nothing")
    why = f"{cause.why} (kind says: {first})" if cause else f"kind says: {first}"
    step = cause.next_step if cause else "connect again; what kind said may tell more"
    return ClusterUnavailable(
        "the kind cluster could not be created",
        why=why,
        next_step=f"{step}; or {_EMBEDDED}. All that kind said: {log}",
    )
