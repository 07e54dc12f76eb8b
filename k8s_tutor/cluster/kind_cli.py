"""The `kind` program: creating, deleting, loading images; its step lines told as progress; what it left unfinished."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, follow
from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster.engine import Container, Engine, run
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.tls import Silent
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.types import Obj

__all__ = [
    "CREATE_STEPS",
    "LABEL",
    "MADE_BY",
    "NODES_RUN",
    "VERSION_REQUEST",
    "KindCli",
    "count_watchers",
    "explain",
    "find_silence",
    "find_unready",
    "is_made_by_us",
    "make_config",
    "wait_for_nodes",
]


# ---- Whether a cluster's nodes are ready, and waiting until they are

VERSION_REQUEST = Request("GET", "/version", timeout=5)
MADE_BY = "k8s-tutor/made-by"
"""The label of nodes that we made."""
_LOOK_AGAIN_AFTER = 0.5  # seconds between knocks at an API server that is starting


def find_unready(client: Client, count: int) -> Wording:
    """What keeps `count` nodes from being there and ready; empty for nothing."""
    try:
        return _problem(client.list("nodes"), count)
    except (ClusterUnavailable, StatusError) as error:
        return error.why or error.what


def is_made_by_us(api: HttpAPI) -> bool:
    """Whether the nodes carry our label."""
    nodes = Client(api).list("nodes")
    return bool(nodes) and all(MADE_BY in node["metadata"].get("labels", {}) for node in nodes)


def wait_for_nodes(api: HttpAPI, count: int, seconds: float, say: Callable[[Wording], None] = lambda _: None) -> None:
    """Returns once `count` nodes are ready; knocks while the API server starts, then watches.

    Args:
        api: The cluster's.
        count: How many there are to be.
        seconds: How long to wait.
        say: Told what is waited for, whenever that changes.

    Raises:
        ClusterUnavailable: they are not in `seconds`; says which node and why.
    """
    clock = RealClock()
    deadline = clock.now() + seconds
    client = Client(api).within(seconds)
    problem: Wording = msg("its API server did not answer")
    step: Wording = ""
    while clock.now() < deadline:
        try:
            for nodes in follow(client, clock, Selection("nodes"), deadline):
                problem, step = _problem(nodes, count), ""
                if not problem:
                    return
                say(problem)
        except Silent:
            raise
        except (ClusterUnavailable, StatusError) as error:
            problem, step = error.why or error.what, error.next_step
            clock.pause(_LOOK_AGAIN_AFTER)
    again = msg('try again, as it goes on meanwhile; `k8s-tutor down` removes it; or connect("embedded")')
    raise ClusterUnavailable(
        msg("the cluster's nodes were not ready within {seconds:.0f} s", seconds=seconds),
        why=problem,
        next_step=step or again,
    )


def _problem(nodes: Sequence[Obj], count: int) -> Wording:
    """What keeps the nodes from being ready; `""` when they are."""
    for node in nodes:
        conditions = node.get("status", {}).get("conditions", [])
        ready: Obj = next((condition for condition in conditions if condition["type"] == "Ready"), {})
        if ready.get("status") != "True":
            return msg(
                "node {name} is not ready: {why}",
                name=node["metadata"]["name"],
                why=ready.get("message") or msg("it has not said why"),
            )
    return "" if len(nodes) >= count else msg("{joined} of {count} nodes have joined", joined=len(nodes), count=count)


# ---- The `kind` program: creating, deleting, loading images; its step lines told as progress

CREATE_STEPS = 7  # that kind reports for a control plane with workers
NODES_RUN = "Starting control-plane"
"""The step of kind's at whose beginning the nodes' containers run, with containerd in them."""
_WAITS_FOR = {
    "Ensuring node image": msg("the engine, which downloads the node image (some 400 MB) unless it holds it"),
    "Preparing nodes": msg("the nodes' containers, and systemd in them"),
    NODES_RUN: msg("etcd, the API server, the scheduler and the controllers of the new cluster"),
    "Installing CNI": msg("the API server, which is given the network of Pods"),
    "Installing StorageClass": msg("the API server, which is given a class of storage"),
    "Joining worker nodes": msg("the kubelets of the workers, which report to the control plane"),
}
_STEP = re.compile(r"^\s*•\s+(?P<name>.+?)\s*\.\.\.\s*$")
_NAP = 0.2  # seconds; a longer wait on a queue cannot be interrupted on Windows
LABEL = "io.x-k8s.kind.cluster"


class KindCli:
    """kind, for one cluster on one engine."""

    def __init__(self, path: str, engine: Engine, name: str) -> None:
        self._path = path
        self._engine = engine
        self._name = name

    @property
    def label(self) -> str:
        """The label of the containers of this cluster."""
        return f"{LABEL}={self._name}"

    def create(
        self, image: str, kubeconfig: Path, *, on_step: Callable[[str, Wording], None], on_start: Callable[[int], None]
    ) -> tuple[int, str]:
        """Creates the cluster; returns kind's exit code and all it said.

        Nodes of a creation that fails stay (`--retain`): who called cleans up, so that nobody deletes later ones.
        Ctrl-C ends kind and comes through.

        Args:
            image: Node image, `""` for kind's own.
            kubeconfig: Where kind writes the kubeconfig.
            on_step: Gets the name of each step as it begins, and what that waits for.
            on_start: Gets the number of kind's process.
        """
        command = ["create", "cluster", "--name", self._name, "--kubeconfig", str(kubeconfig), "--retain"]
        command += ["--config", "-"] + (["--image", image] if image else [])
        process = self._popen(command)
        try:
            on_start(process.pid)
            assert process.stdin is not None
            with suppress(OSError):  # it gave up before it read that, and says why
                process.stdin.write(make_config(self._name))
                process.stdin.close()
            said = []
            for line in _Lines(process):
                said.append(line)
                if match := _STEP.match(line):
                    name = _without_pictures(match["name"])
                    on_step(name, next((what for step, what in _WAITS_FOR.items() if name.startswith(step)), ""))
            return process.wait(), "".join(said)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def delete(self) -> subprocess.CompletedProcess[str]:
        """Removes the cluster's containers."""
        # its own KUBECONFIG, as kind would take the cluster's context out of the user's file otherwise
        return self._run("delete", "cluster", "--name", self._name, "--kubeconfig", os.devnull)

    def load(self, images: Sequence[str], nodes: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Copies images of the engine onto those of these nodes that lack them, one after the other."""
        chosen = ["--nodes", ",".join(nodes)]
        return self._run("load", "docker-image", "--name", self._name, *chosen, *images)

    def kubeconfig(self) -> str:
        """The cluster's kubeconfig.

        Raises:
            ClusterUnavailable: kind does not give it.
        """
        printed = self._run("get", "kubeconfig", "--name", self._name)
        if printed.returncode:
            raise ClusterUnavailable(msg("kind does not give the cluster's kubeconfig"), why=printed.stderr.strip())
        return printed.stdout

    def list_containers(self) -> list[Container]:
        """The cluster's containers, running or not, by name.

        Raises:
            ClusterUnavailable: the engine does not list them.
        """
        return self._engine.containers(self.label)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run([self._path, *arguments], env=self._engine.environment)

    def _popen(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        # In a process group of its own: Ctrl-C is for us, and we end kind ourselves. Its output is a pipe, so that
        # it ends by itself at its next line if we are killed.
        group: dict[str, int | bool] = {"start_new_session": True}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [self._path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=self._engine.environment,
            **group,
        )


def find_silence(engine: Engine, label: str) -> tuple[Wording, Wording] | None:
    """Why the API server of a cluster is silent, where its engine knows, and what to type; None where it does not.

    Args:
        engine: What runs its nodes.
        label: That of their containers.
    """
    with suppress(ClusterUnavailable):
        for container in engine.containers(label):
            if not container.name.endswith("-control-plane"):
                continue
            if container.paused:
                why = msg("its control plane, the container {name}, is frozen (paused)", name=container.name)
                return why, msg("`{command}`", command=f"{engine.name} unpause {container.name}")
            if not container.running:
                why = msg("its control plane, the container {name}, is stopped", name=container.name)
                return why, msg("`{command}`", command=f"{engine.name} start {container.name}")
    return None


def make_config(name: str) -> str:
    """One control plane and two workers, with a label that says who made them."""
    labels = {MADE_BY: "k8s-tutor"}
    nodes = [{"role": role, "labels": labels} for role in ("control-plane", "worker", "worker")]
    document = {"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": name, "nodes": nodes}
    return json.dumps(document)  # JSON is YAML


class _Lines:
    """Lines of a process's output, read by a thread so that Ctrl-C gets through on every system."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="k8s-tutor-kind", daemon=True).start()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while True:
            try:
                line = self._queue.get(timeout=_NAP)
            except queue.Empty:
                continue
            if not line:
                raise StopIteration
            return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._queue.put(line)
        self._queue.put("")


def _without_pictures(name: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", "", name).strip()


# ---- Why kind failed, from what it said, in words for a learner

_EMBEDDED = msg('connect("embedded") needs no containers')


@dataclass(frozen=True, slots=True)
class _Cause:
    pattern: str
    why: Wording
    next_step: Wording


_FEW_WATCHERS = 256
_WATCHERS = _Cause(
    r"too many open files|inotify",
    msg("the system's limit of watched files is too low for so many nodes"),
    msg("`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`"),
)
_NODES_STOP = _Cause(
    r"cgroup v1|cgroups? v2|could not find a log line that matches|kubelet is not (running|healthy)"
    r"|failed to (init|join) node|failed to get kubernetes version from node",
    msg("the nodes' containers do not start as they should (often cgroups, too little memory, or an old engine)"),
    msg("update the container engine and kind, then connect again"),
)
# In order: the first that matches is the cause; what follows from it may match below.
_CAUSES = (
    _Cause(
        r"permission denied.*(docker|podman)[^\n]*sock",
        msg("this user may not talk to the container engine"),
        msg("`sudo usermod -aG docker $USER`, then log out and in again"),
    ),
    _Cause(
        r"no space left on device",
        msg("the container engine's disk is full"),
        msg("make room (`docker system df` shows what takes it), then connect again"),
    ),
    _Cause(
        r"(port is already allocated|address already in use|bind: Only one usage of each socket address)",
        msg("another program has a port that the cluster needs"),
        msg("connect again: kind takes another free port"),
    ),
    _Cause(
        r"(cannot allocate memory|out of memory|OOMKilled|oom-kill)",
        msg("there is not enough memory for three nodes (they need about 2 GB)"),
        msg("close something big, or give the container engine more memory in its settings"),
    ),
    _Cause(
        r"failed to pull image|pull access denied|manifest unknown|toomanyrequests|registry.*timeout",
        msg("the node image could not be downloaded"),
        msg("check the network (proxy? registry's limit?), or load a kindest/node image from a file: `docker load -i`"),
    ),
    _WATCHERS,
    _NODES_STOP,
    _Cause(
        r"unknown flag|unknown command|is not supported by|unsupported",
        msg("this kind is too old"),
        msg("install a newer kind (kind.sigs.k8s.io)"),
    ),
)


def count_watchers() -> int:
    """How many places a user of this Linux may watch files from; 0 where that is not limited, or not known."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/sys/fs/inotify/max_user_instances").read_text(encoding="ascii"))
    return 0


def explain(said: str, log: Path, limit: int = 0) -> ClusterUnavailable:
    """The error for a failed creation.

    Args:
        said: All that kind printed.
        log: Where it is kept.
        limit: Of `count_watchers`. A node whose systemd meets it stops without a word that kind would print; with the
            usual 128 the fourth cluster of three nodes does.
    """
    cause = next((cause for cause in _CAUSES if re.search(cause.pattern, said, re.IGNORECASE)), None)
    if cause is _NODES_STOP and 0 < limit < _FEW_WATCHERS:
        cause = replace(
            _WATCHERS,
            why=msg("probably {why} (fs.inotify.max_user_instances is {limit})", why=_WATCHERS.why, limit=limit),
        )
    error = re.findall(r"^ERROR: (.+)", said, re.MULTILINE)
    first = error[0] if error else next(iter(reversed(said.strip().splitlines())), msg("kind said nothing"))
    why = (
        msg("{why} (kind says: {first})", why=cause.why, first=first)
        if cause
        else msg("kind says: {first}", first=first)
    )
    step = cause.next_step if cause else msg("connect again; what kind said may tell more")
    return ClusterUnavailable(
        msg("the kind cluster could not be created"),
        why=why,
        next_step=msg(
            "{step}; `k8s-tutor doctor` looks at all that kind needs; or {embedded}. All that kind said: {log}",
            step=step,
            embedded=_EMBEDDED,
            log=log,
        ),
    )
