"""What a learner reads when kind cannot work here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from k8s_tutor.cluster import engine, kind, kind_cli
from k8s_tutor.errors import ClusterUnavailable, UsageError


def machine(monkeypatch, programs: dict[str, subprocess.CompletedProcess[str] | Exception]) -> None:
    """A machine with these programs on its PATH, each giving the same answer to everything."""

    def run(command, **_):
        answer = programs[Path(command[0]).name]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.delenv("KIND_EXPERIMENTAL_PROVIDER", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in programs else None)
    monkeypatch.setattr(engine, "run", run)


def says(stderr: str = "", stdout: str = "", code: int = 1) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, stdout, stderr)


def test_no_kind_program(monkeypatch):
    machine(monkeypatch, {})
    with pytest.raises(ClusterUnavailable, match="`kind` was not found") as caught:
        engine.require_kind()
    assert 'connect("embedded")' in caught.value.next_step


@pytest.mark.parametrize(
    ("system", "advice"), [("darwin", "brew install kind"), ("win32", "winget"), ("linux", "kind.sigs.k8s.io")]
)
def test_how_to_install_kind_here(monkeypatch, system, advice):
    machine(monkeypatch, {})
    monkeypatch.setattr("sys.platform", system)
    with pytest.raises(ClusterUnavailable, match=advice):
        engine.require_kind()


def test_no_container_engine(monkeypatch):
    machine(monkeypatch, {})
    with pytest.raises(ClusterUnavailable, match="no container engine was found"):
        engine.require_engine()


def test_engine_that_is_not_running(monkeypatch):
    machine(monkeypatch, {"docker": says("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")})
    with pytest.raises(ClusterUnavailable, match="does not answer") as caught:
        engine.require_engine()
    assert "docker: Cannot connect" in caught.value.why
    assert "start" in caught.value.next_step


def test_engine_that_lets_this_user_not_in(monkeypatch):
    machine(monkeypatch, {"docker": says("permission denied while trying to connect to the Docker daemon socket")})
    with pytest.raises(ClusterUnavailable, match="may not talk") as caught:
        engine.require_engine()
    assert "usermod -aG docker" in caught.value.next_step


def test_engine_that_hangs(monkeypatch):
    machine(monkeypatch, {"docker": subprocess.TimeoutExpired("docker", 5)})
    with pytest.raises(ClusterUnavailable, match="no answer within 5 s"):
        engine.require_engine()


def test_the_next_engine_is_tried(monkeypatch):
    machine(monkeypatch, {"docker": says("not running"), "podman": says(stdout="5.2\n", code=0)})
    found = engine.require_engine()
    assert (found.name, found.environment["KIND_EXPERIMENTAL_PROVIDER"]) == ("podman", "podman")


def test_the_engine_kind_was_told_to_use_is_used(monkeypatch):
    machine(monkeypatch, {"docker": says(stdout="28", code=0), "podman": says(stdout="5.2\n", code=0)})
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "podman")
    assert engine.require_engine().name == "podman"


@pytest.mark.parametrize(
    ("said", "why", "step"),
    [
        (
            'ERROR: failed to create cluster: failed to pull image "kindest/node:v9": command "docker pull" failed',
            "could not be downloaded",
            "docker load",
        ),
        ("ERROR: failed to create cluster: write /x: no space left on device", "disk is full", "docker system df"),
        (
            (
                "ERROR: failed to create cluster: docker: Error response from daemon: driver failed programming "
                "external connectivity: Bind for 127.0.0.1:6443 failed: port is already allocated."
            ),
            "another program has a port",
            "connect again",
        ),
        ("ERROR: failed to create cluster: fork/exec: cannot allocate memory", "not enough memory", "more memory"),
        ("ERROR: could not find a log line that matches multi-user.target", "do not start", "update"),
        ("ERROR: something new", "something new", "connect again"),
        ("", "said nothing", "connect again"),
    ],
)
def test_why_kind_failed(said, why, step):
    error = kind_cli.explain(said, Path("kind.log"))
    assert why in error.why
    assert step in error.next_step
    assert "kind.log" in error.next_step


def test_nodes_that_stop_without_a_word_on_a_system_with_few_watchers():
    said = "ERROR: failed to create cluster: failed to join node with kubeadm: command failed: exit status 1"
    assert "watched files" in kind_cli.explain(said, Path("kind.log"), limit=128).why
    assert "do not start" in kind_cli.explain(said, Path("kind.log"), limit=1024).why


def test_an_engine_that_kind_was_told_to_use_and_is_not_there_is_named(monkeypatch):
    machine(monkeypatch, {"docker": says(stdout="28", code=0)})
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "podmann")
    with pytest.raises(ClusterUnavailable, match='KIND_EXPERIMENTAL_PROVIDER is "podmann"') as caught:
        engine.require_engine()
    assert "k8s-tutor doctor" in caught.value.next_step


@pytest.mark.parametrize(("name", "near"), [("My Cluster", "my-cluster"), ("../x", "x"), ("-", "k8s-tutor")])
def test_a_cluster_s_name_that_is_none_is_refused_with_one_that_is(monkeypatch, name, near):
    monkeypatch.setenv(kind.NAME, name)
    with pytest.raises(UsageError, match="no name for a cluster") as caught:
        kind.choose_cluster_name()
    assert f'"{near}"' in caught.value.next_step


@pytest.mark.parametrize("name", ["k8s-tutor", "a", "class.2-b", "x" * 50])
def test_a_cluster_s_name_that_is_one_is_taken(monkeypatch, name):
    monkeypatch.setenv(kind.NAME, name)
    assert kind.choose_cluster_name() == name


def test_errors_that_tell_of_a_missing_engine_name_the_doctor(monkeypatch):
    machine(monkeypatch, {})
    for require in (engine.require_engine, engine.require_kind):
        with pytest.raises(ClusterUnavailable) as caught:
            require()
        assert "k8s-tutor doctor" in caught.value.next_step
