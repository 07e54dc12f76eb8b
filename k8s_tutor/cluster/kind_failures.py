"""Why kind failed, from what it said, in words for a learner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.errors import ClusterUnavailable

__all__ = ["explain"]

_EMBEDDED = 'connect("embedded") needs no containers'


@dataclass(frozen=True, slots=True)
class _Cause:
    pattern: str
    why: str
    next_step: str


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
    _Cause(
        r"too many open files|inotify",
        "the system's limit of watched files is too low for three nodes",
        "`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`",
    ),
    _Cause(
        r"cgroup v1|cgroups? v2|could not find a log line that matches|kubelet is not (running|healthy)",
        "the nodes' containers do not start as they should (often cgroups, too little memory, or an old engine)",
        "update the container engine and kind, then connect again",
    ),
    _Cause(
        r"unknown flag|unknown command|is not supported by|unsupported",
        "this kind is too old",
        "install a newer kind (kind.sigs.k8s.io)",
    ),
)


def explain(said: str, log: Path) -> ClusterUnavailable:
    """The error for a failed creation.

    Args:
        said: All that kind printed.
        log: Where it is kept.
    """
    cause = next((cause for cause in _CAUSES if re.search(cause.pattern, said, re.IGNORECASE)), None)
    error = re.findall(r"^ERROR: (.+)", said, re.MULTILINE)
    first = error[0] if error else next(iter(reversed(said.strip().splitlines())), "kind said nothing")
    why = f"{cause.why} (kind says: {first})" if cause else f"kind says: {first}"
    step = cause.next_step if cause else "connect again; what kind said may tell more"
    return ClusterUnavailable(
        "the kind cluster could not be created",
        why=why,
        next_step=f"{step}; or {_EMBEDDED}. All that kind said: {log}",
    )
