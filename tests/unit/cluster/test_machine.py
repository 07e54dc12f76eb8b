"""The facts the doctor judges by: gathered from a played machine, whose programs say what was recorded, and ours."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from k8s_tutor.cluster import engine
from k8s_tutor.cluster.doctor import doctor, judge
from k8s_tutor.cluster.findings import State
from k8s_tutor.cluster.machine import Machine, Node, Route, gather_machine, read_routes, read_tag, read_version

posix = pytest.mark.skipif(os.name == "nt", reason="plays programs with a POSIX shell")
INFO = {  # recorded: `docker info` of docker 20.10 on Debian 12, what is read of it; but another kernel
    "MemoryLimit": True,
    "CPUShares": True,
    "PidsLimit": True,
    "CgroupDriver": "cgroupfs",
    "CgroupVersion": "1",
    "KernelVersion": "6.1.0-18-amd64",
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "OSType": "linux",
    "Architecture": "x86_64",
    "MemTotal": 25276510208,
    "DockerRootDir": "/var/lib/docker",
    "HttpProxy": "",
    "HttpsProxy": "",
    "SecurityOptions": ["name=seccomp,profile=default"],
    "DefaultRuntime": "runc",
}
PROGRAM = """#!/bin/sh
case "$1 $2" in
  "version --format") echo 20.10.24+dfsg1 ;;
  "info --format") cat "$0.info" ;;
  "images --format") echo kindest/node:v1.37.2 ;;
  "image inspect") cat "$0.image" ;;
  "ps -a") printf 'k8s-tutor-control-plane\\tkindest/node:v1.37.2\\tExited (137) 2 days ago\\n' ;;
  "network inspect") echo '[{"IPAM": {"Config": [{"Subnet": "172.18.0.0/16"}, {"Subnet": "fc00::/64"}]}}]' ;;
  "inspect --format") cat "$0.ports" ;;
  "version --client") echo '{"clientVersion": {"gitVersion": "v1.34.1"}}' ;;
  "version ") echo 'kind v0.33.0 go1.26.8 linux/amd64' ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def door() -> Iterator[int]:
    """A port of this machine that somebody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, door: int) -> Path:
    """A folder of programs, the only one on the PATH; its docker has a stopped cluster of ours."""
    units = tmp_path / "layer" / "etc" / "systemd" / "system" / "kubelet.service.d"
    units.mkdir(parents=True)
    units.joinpath("10-kubeadm.conf").write_text("ExecStart=/usr/bin/kubelet --config=x\n", encoding="utf-8")
    layers = {"UpperDir": str(tmp_path / "layer"), "LowerDir": f"{tmp_path}/none:{tmp_path}/nothing"}
    image = {"Architecture": "amd64", "RepoDigests": [], "GraphDriver": {"Data": layers}}
    ports = {"6443/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(door)}]}
    for name in ("docker", "kind", "kubectl"):
        (tmp_path / name).write_text(PROGRAM, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for ending, content in (("info", INFO), ("image", image), ("ports", ports)):
        (tmp_path / f"docker.{ending}").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "cat").symlink_to(shutil.which("cat") or "/bin/cat")
    bare(monkeypatch, tmp_path)
    return tmp_path


def bare(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv("PATH", str(path))
    for name in ("KIND_EXPERIMENTAL_PROVIDER", "DOCKER_HOST", "K8S_TUTOR_KIND_IMAGE", "K8S_TUTOR_KIND_NAME"):
        monkeypatch.delenv(name, raising=False)


def stops(machine: Machine) -> list[str]:
    return [finding.check for finding in judge(machine) if finding.state is State.STOPS]


@posix
@pytest.mark.usefixtures("played")
def test_what_programs_say_becomes_facts(door: int) -> None:
    machine = gather_machine()
    assert (machine.kind, machine.kubectl, machine.taken) == ((0, 33, 0), (1, 34, 1), (door,))
    assert machine.nodes == (Node("k8s-tutor-control-plane", "kindest/node:v1.37.2", running=False),)
    assert machine.engine is not None
    assert (machine.engine.cgroups, machine.engine.architecture, machine.local) == (1, "amd64", False)
    assert (machine.image.version, machine.image.pulled, machine.image.on_cgroup_1) == ((1, 37, 2), False, False)
    assert machine.subnets == (IPv4Network("172.18.0.0/16"),)
    assert stops(machine) == ["cgroups", "ports"]


@posix
def test_an_image_whose_kubelet_is_told_to_take_cgroup_v1_is_seen(played: Path) -> None:
    unit = played / "layer" / "etc" / "systemd" / "system" / "kubelet.service"
    unit.write_text("ExecStart=/usr/bin/kubelet --fail-cgroupv1=false\n", encoding="utf-8")
    assert stops(gather_machine()) == ["ports"]


@posix
def test_programs_that_fail_or_say_nonsense_leave_facts_empty(played: Path) -> None:
    (played / "docker.info").write_text("{", encoding="utf-8")
    (played / "kind").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    (played / "kubectl").write_text("not a program", encoding="utf-8")
    machine = gather_machine()
    assert (machine.kind, machine.has_kind, machine.kubectl) == ((), True, ())
    assert machine.engine is not None
    assert machine.engine.cgroups == 0
    assert stops(machine) == ["ports"]


def test_a_machine_without_programs_lacks_an_engine_and_kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare(monkeypatch, tmp_path)
    assert stops(gather_machine()) == ["engine", "kind"]


@posix
@pytest.mark.usefixtures("played")
def test_an_engine_that_was_asked_for_and_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "podmann")
    found = next(one for one in doctor().findings if one.check == "engine")
    assert str(found.what) == 'KIND_EXPERIMENTAL_PROVIDER is "podmann", and no such container engine is on your PATH'


@posix
@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("name", ["My Cluster", "../x", "-x", "x" * 51, "a\nb"])
def test_a_name_that_is_none_is_a_finding(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("K8S_TUTOR_KIND_NAME", name)
    assert "name" in stops(gather_machine())


def test_a_version_is_read_from_whatever_stands_around_it() -> None:
    said = ("kind v0.33.0 go1.26.8 linux/amd64", "kindest/node:v1.37.0", "none")
    assert [read_version(text) for text in said] == [(0, 33, 0), (1, 37, 0), ()]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("kindest/node:v1.37.0", (1, 37, 0)),
        ("10.0.0.5:5000/kindest/node:v1.37.2@sha256:1.2.3", (1, 37, 2)),
        ("10.0.0.5:5000/kindest/node", ()),
        ("67179faa4f8e", ()),
    ],
)
def test_a_node_image_s_version_is_its_tag_s(image: str, version: tuple[int, ...]) -> None:
    assert read_tag(image) == version


def test_routes_are_read_as_the_kernel_writes_them() -> None:
    table = (  # recorded, but for the line of a VPN
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0\n"
    )
    assert list(read_routes(table)) == [
        Route(IPv4Network("172.17.0.0/16"), "docker0"),
        Route(IPv4Network("172.16.0.0/12"), "tun0"),
    ]


# ---- The real programs, where they are


@pytest.mark.skipif(not shutil.which("docker"), reason="docker is not installed")
def test_a_real_docker_without_its_daemon_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "docker")
    found = next(one for one in doctor().findings if one.check == "engine")
    assert (found.state, "does not answer" in str(found.what)) == (State.STOPS, True)
    assert str(tmp_path) in str(found.why)


def test_a_real_docker_that_does_not_let_somebody_in_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = Path("/var/run/docker.sock")
    if not shutil.which("docker") or os.name == "nt" or os.geteuid() != 0 or not path.is_socket():
        pytest.skip("needs a docker, and to be root so as to be somebody else")
    as_nobody = {**os.environ, "HOME": str(tmp_path), "DOCKER_HOST": f"unix://{path}"}
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "docker")
    monkeypatch.setattr(engine, "run", partial(engine.run, user=65534, group=65534, extra_groups=[], env=as_nobody))
    found = next(one for one in doctor().findings if one.check == "engine")
    assert (found.state, str(found.what)) == (State.STOPS, "this user may not talk to the container engine")
