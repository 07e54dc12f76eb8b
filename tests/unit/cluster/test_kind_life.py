"""A kind cluster's bad days, with programs that stand for kind and its engine: killed, refused, half there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from k8s_tutor import kubeconfig
from k8s_tutor.cluster import connect, engine, kind
from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.kind_cli import LABEL, find_silence
from k8s_tutor.cluster.ownership import Note, lock_cluster
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.state import state_dir, write_private

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are written for sh")

NAME = "class"
IDS = {f"{NAME}-{node}": f"id-{node}" for node in ("control-plane", "worker", "worker2")}
KIND = """\
echo "$@" >> "$HERE/asked"
case "$1 $2" in
"get kubeconfig") cat "$HERE/kubeconfig" ;;
"delete cluster") rm -f "$HERE/containers" ;;
"create cluster") echo 'ERROR: failed to create cluster: no space left on device'; exit 1 ;;
esac
"""
DOCKER = """\
case "$1" in
version) echo 28.0 ;;
ps) cat "$HERE/containers" 2>/dev/null ;;
images) printf 'kindest/node:v1.37.2\\tsha256:1\\n' ;;
esac
exit 0
"""
THEIRS = {
    "clusters": [{"name": "kind-class", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "kind-class", "user": {"token": "the key of somebody else's cluster"}}],
    "contexts": [{"name": "kind-class", "context": {"cluster": "kind-class", "user": "kind-class"}}],
}


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Path:
    """A machine with a kind and a docker, and a home of ours."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("kind", KIND), ("docker", DOCKER)):
        (programs / name).write_text(f"#!/bin/sh\nHERE={tmp_path}\n{text}", encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "kubeconfig").write_text(json.dumps(THEIRS), encoding="utf-8")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("K8S_TUTOR_KIND_NAME", NAME)
    monkeypatch.delenv("KIND_EXPERIMENTAL_PROVIDER", raising=False)
    return tmp_path


def run_containers(machine: Path, **states: str) -> None:
    rows = [f"{id_}\t{name}\t{states.get(id_.removeprefix('id-'), 'Up 2 minutes')}" for name, id_ in IDS.items()]
    (machine / "containers").write_text("".join(f"{row}\n" for row in rows if "gone" not in row), encoding="utf-8")


def files() -> list[str]:
    return sorted(path.name for path in state_dir().rglob("*") if path.is_file())


def status() -> str:
    return str(connect.read_kind_status())


def test_the_key_of_a_cluster_that_is_not_ours_is_never_written_into_our_state(machine):
    run_containers(machine)
    with pytest.raises(UsageError, match="did not make"):
        kind.KindCluster()
    assert files() == []
    assert "get kubeconfig" in (machine / "asked").read_text(encoding="utf-8")


def test_a_cluster_of_others_is_not_taken_down_nor_called_ours(machine):
    run_containers(machine)
    with pytest.raises(UsageError, match="did not make"):
        connect.remove_kind_cluster()
    assert (machine / "containers").exists()
    assert "k8s-tutor did not make it" in status()


def test_a_cluster_that_could_not_be_made_leaves_what_kind_said_and_down_takes_that_too(machine):
    with pytest.raises(ClusterUnavailable, match="could not be created") as caught:
        kind.KindCluster()
    assert "disk is full" in caught.value.why
    assert files() == [f"{NAME}.log"]
    assert not connect.remove_kind_cluster()
    assert files() == []


def test_half_a_cluster_is_not_said_to_run(machine):
    run_containers(machine)
    Note(NAME).begin()
    assert "half-made" in status()
    assert "runs" not in status()


def test_a_cluster_that_another_process_is_making_is_said_to_be_made(machine):
    run_containers(machine)
    with lock_cluster(NAME, lambda: None):
        assert "another process is making it" in status()


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"control-plane": "Up 2 minutes (Paused)"}, "frozen (paused): class-control-plane; `docker unpause class-"),
        ({"worker": "Exited (0) 1 minute ago"}, "2 of 3 nodes run"),
        ({"worker": "gone"}, "2 of 3 nodes"),
        ({}, "Connection refused"),
    ],
    ids=["frozen", "stopped", "gone", "no API server"],
)
def test_a_cluster_that_is_no_use_is_not_said_to_run(machine, states, words):
    run_containers(machine, **states)
    Note(NAME).end(IDS.values(), {})
    write_private(Note(NAME).kubeconfig, json.dumps(THEIRS))
    assert words in status()
    assert '"class" runs' not in status()


def test_down_leaves_nothing_of_what_a_killed_process_had_begun(machine):
    run_containers(machine, worker2="gone")
    note = Note(NAME)
    note.begin()
    for path in (note.fresh_kubeconfig, note.log, state_dir() / "kind" / f".{NAME}.json.half"):
        write_private(path, "")
    write_private(note.fresh_kubeconfig.with_name("kind-class.new.lock"), "")
    write_private(kubeconfig.cache_for(note.kubeconfig) / "served.json", "")
    gone = int(subprocess.run(["sh", "-c", "echo $$"], capture_output=True, check=True).stdout)
    write_private(state_dir() / "kind" / f"{NAME}.lock", json.dumps([gone, 1.0]))
    write_private(state_dir() / "kind" / f"{NAME}.{gone}", "a lock that it was about to take")
    assert connect.remove_kind_cluster()
    assert files() == []
    assert not (machine / "containers").exists()


@pytest.fixture
def leftover(machine):
    """A kind whose own maker was killed, and a program of the engine that it had begun: one process group."""
    fresh = Note(NAME).fresh_kubeconfig
    script = "sh -c 'exec sleep 60' & exec sleep 60"
    process = subprocess.Popen(["sh", "-c", script, str(fresh)], start_new_session=True)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def group(leader: int) -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter():
        try:
            if os.getpgid(each.pid) == leader and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
        except (OSError, psutil.Error):
            continue
    return found


def until(met, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not met() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(met())


def test_what_a_killed_process_had_begun_is_ended_with_all_that_it_began(leftover):
    assert until(lambda: len(group(leftover.pid)) == 2)
    note = Note(NAME)
    note.begin()
    note.process(leftover.pid)
    note.end_leftover()
    assert until(lambda: not group(leftover.pid))


def test_programs_that_outlive_the_kind_that_began_them_are_ended_too(leftover):
    assert until(lambda: len(group(leftover.pid)) == 2)
    note = Note(NAME)
    note.process(leftover.pid)
    leftover.kill()
    leftover.wait()
    note.end_leftover()
    assert until(lambda: not group(leftover.pid))


def test_no_process_is_ended_for_a_cluster_that_is_whole(leftover):
    assert until(lambda: len(group(leftover.pid)) == 2)
    note = Note(NAME)
    note.process(leftover.pid)
    note.end(IDS.values(), {})
    note.end_leftover()
    assert len(group(leftover.pid)) == 2


def test_a_process_that_has_the_number_of_an_ended_one_is_left_alone_with_its_group(leftover):
    assert until(lambda: len(group(leftover.pid)) == 2)
    note = Note(NAME)
    write_private(state_dir() / "kind" / f"{NAME}.json", json.dumps({"process": [leftover.pid, 1.0]}))
    note.end_leftover()
    assert len(group(leftover.pid)) == 2


def test_the_engine_s_program_is_asked_for_frozen_control_planes(machine):
    run_containers(machine, **{"control-plane": "Exited (137) 2 minutes ago"})
    why, step = find_silence(Engine("docker", str(machine / "bin" / "docker")), f"{LABEL}={NAME}") or ("", "")
    assert "class-control-plane, is stopped" in str(why)
    assert "docker start class-control-plane" in str(step)


def test_an_engine_that_hangs_keeps_nobody_from_hearing_that_a_cluster_is_silent(machine, monkeypatch):
    (machine / "bin" / "docker").write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    monkeypatch.setattr(engine, "_LISTED", 0.2)
    assert find_silence(Engine("docker", str(machine / "bin" / "docker")), f"{LABEL}={NAME}") is None
