"""The two API servers that are compared: the embedded cluster's in a process of its own, and a real kind cluster's."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from benchmarks.measurement import ROOT
from k8s_tutor import kubeconfig
from k8s_tutor.cluster.connect import connect_cluster
from k8s_tutor.cluster.engine import find_engine, find_kind
from k8s_tutor.cluster.login import read_login
from k8s_tutor.cluster.tls import make_tls_context

GIVEN = "K8S_TUTOR_TEST_KUBECONFIG"
EMBEDDED = """
import sys
from k8s_tutor.cluster.connect import connect_cluster
print(connect_cluster("embedded", announce=lambda _: None).kubeconfig, flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Server:
    """How to reach an API server.

    Attributes:
        name: `embedded` or `kind`.
        kubeconfig: The file it was read from.
        url: `https://127.0.0.1:PORT`.
        tls: Its authority, and our certificate where that is the login.
        headers: Our token where that is.
        pid: Its process, where it is one of this machine and ours; else 0.
    """

    name: str
    kubeconfig: Path
    url: str
    tls: ssl.SSLContext = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    pid: int = 0


@contextmanager
def embedded() -> Iterator[Server]:
    """The embedded cluster as a learner's kernel runs it: in real time, with its nodes and controllers."""
    process = subprocess.Popen(
        [sys.executable, "-c", EMBEDDED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "K8S_TUTOR_PACE": "realtime"},
    )
    try:
        assert process.stdout is not None
        yield _server("embedded", Path(process.stdout.readline().strip()), process.pid)
    finally:
        process.communicate()


@contextmanager
def kind() -> Iterator[Server | None]:
    """The API server of the cluster named by K8S_TUTOR_TEST_KUBECONFIG, else of one made now; None where neither."""
    given = os.environ.get(GIVEN)
    if given:
        yield _server("kind", Path(given))
    elif find_kind() is None or find_engine() is None:
        print(f"  NO REAL CLUSTER to compare with: kind or a container engine is missing, and {GIVEN} names none")
        yield None
    else:
        cluster = connect_cluster("kind", announce=print)
        try:
            yield _server("kind", cluster.kubeconfig)
        finally:
            cluster.delete()


def _server(name: str, path: Path, pid: int = 0) -> Server:
    current = str(yaml.safe_load(path.read_text(encoding="utf-8"))["current-context"])
    entry = kubeconfig.entry(current, [path])
    who = read_login(entry, path)
    tls = make_tls_context(entry.cluster, who.certificate)
    return Server(name, path, str(entry.cluster["server"]), tls, who.headers(), pid)
