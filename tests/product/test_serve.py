"""A cluster for terminals: `python -m k8s_tutor.embedded` and `k8s-tutor serve`, as processes of their own."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from k8s_tutor.api.client import Client
from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.observe.informer import Informer

ENGINE, LIBRARY = ("k8s_tutor.embedded",), ("k8s_tutor", "serve")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and modes as POSIX has them")


@dataclass
class Server:
    """A process that keeps a cluster up; its lines until it was ready."""

    process: subprocess.Popen[str]
    home: Path
    lines: list[str] = field(default_factory=list)

    @property
    def kubeconfig(self) -> Path:
        return Path(next(line for line in self.lines if line.startswith("kubeconfig: ")).partition(": ")[2])

    @property
    def port(self) -> int:
        return int(self.lines[0].rpartition(":")[2])

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def files(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers, and kills those that a test leaves."""
    running: list[Server] = []

    def start_one(module: tuple[str, ...], *arguments: str) -> Server:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(tmp_path / "home"),
        )
        running.append(Server(process, tmp_path / "home"))
        assert process.stdout is not None
        for line in process.stdout:
            running[-1].lines.append(line.rstrip("\n"))
            if "Ctrl-C ends it" in line:
                break
        return running[-1]

    yield start_one
    for server in running:
        server.process.kill()
        server.process.wait(10)
        assert server.process.stdout is not None
        server.process.stdout.close()


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "K8S_TUTOR_HOME": str(home), "K8S_TUTOR_PACE": "realtime", "K8S_TUTOR_CLUSTER": "embedded"}


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment(home),
    )


@pytest.mark.kubectl
@pytest.mark.parametrize("module", [ENGINE, LIBRARY])
def test_kubectl_sees_its_nodes_by_the_line_it_prints(start: Start, kubectl: str, module: tuple[str, ...]) -> None:
    server = start(module, "--nodes", "2")
    assert server.lines[0].startswith("Ready: embedded (in-process Kubernetes 1.37, 2 nodes)")
    command = next(line for line in server.lines if line.startswith("kubectl for it: ")).partition(": ")[2].split()
    output = subprocess.run(
        [kubectl, *command[1:], "-o", "name", "--cache-dir", str(server.home / "cache")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.split() == ["node/k8s-tutor-control-plane", "node/k8s-tutor-worker"]


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_told_to_end_it_leaves_nothing(start: Start, tmp_path: Path, number: int, code: int) -> None:
    mine = tmp_path / "mine"
    server = start(ENGINE, "--kubeconfig", str(mine))
    assert mine.exists()
    assert server.end(number) == code
    assert not mine.exists()
    assert server.files() == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


@POSIX
def test_its_kubeconfig_is_its_owners_alone(start: Start, tmp_path: Path) -> None:
    server = start(ENGINE, "--kubeconfig", str(tmp_path / "mine"))
    for path in (tmp_path / "mine", *(server.home / "kubeconfigs").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_one_on_the_port_says_who_is_there(start: Start) -> None:
    first = start(ENGINE)
    second = run(first.home, *ENGINE, "--port", str(first.port))
    assert second.returncode == 1
    assert f"✗ port {first.port} of this machine cannot be used" in second.stderr
    assert f"an embedded cluster answers there already: kubectl --kubeconfig {first.kubeconfig}" in second.stderr
    assert [path.name for path in first.files()] == [first.kubeconfig.name]


def test_somebodys_file_is_not_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "config"
    mine.write_text("apiVersion: v1\n", encoding="utf-8")
    refused = run(tmp_path / "home", *ENGINE, "--kubeconfig", str(mine))
    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert mine.read_text(encoding="utf-8") == "apiVersion: v1\n"


@POSIX
def test_the_file_of_one_that_was_killed_may_be_taken_again(start: Start, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    start(ENGINE, "--kubeconfig", str(mine)).end(signal.SIGKILL)
    again = start(ENGINE, "--kubeconfig", str(mine))
    assert str(again.port) in mine.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nodes", "0"), "a cluster of 0 nodes cannot be"),
        (("--speed", "0"), "time cannot pass at speed 0"),
        (("--port", "70000"), "port 70000 of this machine cannot be used"),
        (("--port", "-1"), "port -1 of this machine cannot be used"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    refused = run(tmp_path / "home", *ENGINE, *arguments)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_status_and_check_find_it(start: Start) -> None:
    server = start(LIBRARY)
    assert str(server.kubeconfig) in run(server.home, "k8s_tutor", "status").stdout
    checked = run(server.home, "k8s_tutor", "check", "pods-1")
    assert checked.stdout.startswith("on "), checked.stderr
    assert "pods-1" in checked.stdout


def test_the_engine_serves_without_the_library() -> None:
    code = """
import json, sys
sys.argv = ["x", "--port", "70000"]
from k8s_tutor.embedded.__main__ import main
assert main() == 1
print(json.dumps(sorted(name for name in sys.modules if name.startswith("k8s_tutor."))))
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    rooms = {name.split(".")[1] for name in json.loads(output)}
    assert rooms <= {"api", "clock", "embedded", "errors", "kubeconfig", "language", "objects", "state", "version"}


@POSIX
def test_a_live_picture_says_within_five_seconds_that_its_server_is_frozen(start: Start) -> None:
    server = start(ENGINE)
    context = yaml.safe_load(server.kubeconfig.read_text(encoding="utf-8"))["current-context"]
    cluster = ContextCluster(context, [server.kubeconfig])
    informer = Informer(Client(cluster.api), "default", ("pods",)).start()
    told: queue.Queue[float | None] = queue.Queue()
    informer.subscribe(lambda _: None, on_loss=told.put)
    try:
        server.process.send_signal(signal.SIGSTOP)
        assert told.get(timeout=5.0) is not None
        server.process.send_signal(signal.SIGCONT)
        assert told.get(timeout=10.0) is None
    finally:
        server.process.send_signal(signal.SIGCONT)
        informer.stop()
        cluster.close()
