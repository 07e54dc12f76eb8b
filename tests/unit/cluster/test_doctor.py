"""What the doctor says of machines: nothing of healthy ones; of others what is so, and what mends it there.

Words of programs marked "recorded" are theirs, from this project's machines; those with an address stand there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from k8s_tutor.cluster.doctor import CHECKS, TITLES, Report, judge
from k8s_tutor.cluster.engine import EngineFacts, read_info
from k8s_tutor.cluster.findings import Finding, State
from k8s_tutor.cluster.machine import Candidate, Machine, Node, NodeImage, Route
from k8s_tutor.language.choice import use_language

GB = 1 << 30
DOCKER = EngineFacts(
    "docker", architecture="amd64", cgroups=2, memory=16 * GB, title="Debian", runtime="runc", folder="/var/lib/docker"
)
DEBIAN = Machine(
    ("debian", "linux"),
    architecture="amd64",
    engines=(Candidate("docker", "/usr/bin/docker"),),
    engine=DOCKER,
    local=True,
    kind=(0, 33, 0),
    has_kind=True,
    kubectl=(1, 37, 2),
    cluster="k8s-tutor",
    image=NodeImage("kindest/node:v1.37.0", (1, 37, 0), local=True, architecture="amd64"),
    instances=128,
    watches=65536,
    capabilities=(1 << 41) - 1,
    free=80 * GB,
    available=8 * GB,
    routes=(Route(IPv4Network("192.168.1.0/24"), "eth0"), Route(IPv4Network("172.17.0.0/16"), "docker0")),
)
BARE = Machine(("debian", "linux"), cluster="k8s-tutor")
MAC = replace(
    DEBIAN,
    systems=("darwin",),
    architecture="arm64",
    engine=EngineFacts(
        "docker", architecture="arm64", cgroups=2, memory=8 * GB, title="Docker Desktop", runtime="runc"
    ),
    local=False,
    image=NodeImage(),
    kubectl=(1, 34, 0),
    instances=0,
    watches=0,
    capabilities=None,
    free=None,
    available=None,
    routes=(),
)
PODMAN = replace(
    DEBIAN,
    systems=("fedora", "linux"),
    engines=(Candidate("podman", "/usr/bin/podman"),),
    engine=replace(DOCKER, name="podman", rootless=True, proxied=True, runtime="crun"),
    capabilities=(1 << 41) - 1,
    environment={"HTTPS_PROXY": "http://proxy.example.org:3128", "NO_PROXY": "localhost,127.0.0.0/8"},
)
OUR_NODES = tuple(
    Node(f"k8s-tutor-{role}", "kindest/node:v1.37.0", running=True) for role in ("control-plane", "worker")
)
NINE_NODES = tuple(Node(f"other-{number}", "kindest/node:v1.37.0", running=True) for number in range(9))
OWN_IMAGE = NodeImage("kindest/node:v1.37.2", (1, 37, 2), local=True, pulled=False, architecture="amd64")


def of(check: str, machine: Machine) -> Finding:
    return next(finding for finding in judge(machine) if finding.check == check)


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(DEBIAN, id="docker on Debian, with the usual limit of 128 watchers"),
        pytest.param(replace(DEBIAN, nodes=OUR_NODES, free=GB, available=GB // 2), id="our cluster runs, and fills it"),
        pytest.param(replace(DEBIAN, nodes=NINE_NODES[:6]), id="two other clusters run"),
        pytest.param(replace(DEBIAN, kubectl=(), image=NodeImage()), id="no kubectl, no image yet"),
        pytest.param(replace(DEBIAN, subnets=(IPv4Network("172.18.0.0/16"),)), id="a network of kind's"),
        pytest.param(replace(DEBIAN, routes=(Route(IPv4Network("10.0.0.0/8"), "tun0"),)), id="a VPN elsewhere"),
        pytest.param(
            replace(DEBIAN, engine=replace(DOCKER, cgroups=1), image=replace(OWN_IMAGE, on_cgroup_1=True)),
            id="cgroup v1, and an image that allows it",
        ),
        pytest.param(
            replace(
                DEBIAN,
                engine=replace(DOCKER, cgroups=1),
                image=replace(OWN_IMAGE, version=(1, 34, 11)),
                kubectl=(1, 34, 0),
            ),
            id="cgroup v1, and a Kubernetes that takes it",
        ),
        pytest.param(
            replace(DEBIAN, engine=replace(DOCKER, runtime="bounded"), capabilities=0x1FFFEFFFFFF),
            id="one capability missing, and a runtime that knows",
        ),
        pytest.param(MAC, id="Docker Desktop on a Mac"),
        pytest.param(replace(MAC, systems=("win32",)), id="Docker Desktop on Windows"),
        pytest.param(replace(DEBIAN, systems=("wsl", "debian", "linux")), id="WSL"),
        pytest.param(PODMAN, id="rootless podman on Fedora, behind a proxy"),
    ],
)
def test_a_healthy_machine_hears_no_alarm(machine: Machine) -> None:
    assert [finding for finding in judge(machine) if finding.state is not State.FINE] == []


SILENT = {
    # recorded: docker 28.2.2
    "docker: stopped": (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    ),
    # recorded: docker 28.2.2, as another user
    "docker: not permitted": (
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "
        '"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied'
    ),
    # github.com/docker/for-win/issues/13088
    "docker: no integration": "The command 'docker' could not be found in this WSL 2 distro.",
    # github.com/docker/docs/issues/11099
    "docker: WSL 1": "The command 'docker' could not be found in this WSL 1 distro.",
    # github.com/docker/for-win/issues/14098
    "docker: stopped on Windows": (
        "error during connect: this error may indicate that the docker daemon is not running: Get "
        '"http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.45/version": open //./pipe/docker_engine: The system cannot find '
        "the file specified."
    ),
    # github.com/docker/for-win/issues/1732
    "docker: not permitted on Windows": (
        "error during connect: Get http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.35/version: open //./pipe/docker_engine: "
        "Access is denied. In the default daemon configuration on Windows, the docker client must be run elevated"
    ),
}


@pytest.mark.parametrize(
    ("said", "systems", "what", "mends"),
    [
        ("docker: stopped", ("debian", "linux"), "does not answer", "`sudo systemctl start docker`"),
        ("docker: stopped", ("alpine", "linux"), "does not answer", "`sudo service docker start`"),
        ("docker: stopped", ("darwin",), "does not answer", "start Docker Desktop"),
        ("docker: stopped", ("wsl", "debian", "linux"), "does not answer", "`sudo service docker start`"),
        ("docker: stopped on Windows", ("win32",), "does not answer", "start Docker Desktop"),
        ("docker: not permitted", ("debian", "linux"), "may not talk", "usermod -aG docker"),
        ("docker: not permitted", ("wsl", "debian", "linux"), "may not talk", "`wsl --shutdown`"),
        ("docker: not permitted on Windows", ("win32",), "may not talk", "net localgroup docker-users"),
        ("docker: no integration", ("wsl", "debian", "linux"), "does not answer", "WSL integration"),
        ("docker: WSL 1", ("wsl", "debian", "linux"), "does not answer", "wsl --set-version"),
    ],
)
def test_an_engine_that_does_not_answer_stops_kind(said: str, systems: tuple[str, ...], what: str, mends: str) -> None:
    machine = replace(BARE, systems=systems, engines=(Candidate("docker", "/usr/bin/docker", SILENT[said]),))
    found = of("engine", machine)
    assert (found.state, what in str(found.what), mends in str(found.next_step)) == (State.STOPS, True, True)
    assert SILENT[said] in str(found.why)


@pytest.mark.parametrize(
    ("systems", "mends"),
    [
        (("debian", "linux"), "apt-get install -y docker.io"),
        (("fedora", "linux"), "dnf install -y moby-engine"),
        (("rhel", "fedora", "linux"), "dnf install -y podman"),
        (("suse", "linux"), "zypper install -y docker"),
        (("arch", "linux"), "pacman -S"),
        (("alpine", "linux"), "apk add docker"),
        (("linux",), "docs.docker.com/engine/install"),
        (("darwin",), "brew install"),
        (("win32",), "winget install Docker.DockerDesktop"),
        (("wsl", "debian", "linux"), "integration with this WSL"),
    ],
)
def test_how_to_get_an_engine_is_said_for_this_system(systems: tuple[str, ...], mends: str) -> None:
    found = of("engine", replace(BARE, systems=systems))
    assert (found.state, mends in str(found.next_step)) == (State.STOPS, True)


def test_without_anything_there_are_two_findings_and_no_guesses() -> None:
    stops = [finding.check for finding in judge(BARE) if finding.state is not State.FINE]
    assert stops == ["engine", "kind"]


DELEGATED = {"CgroupVersion": "2", "CgroupDriver": "systemd", "MemoryLimit": True, "PidsLimit": True}
ROOTLESS = {"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]}
INFOS = {
    # the fields of `docker info` that kind reads: its pkg/cluster/internal/providers/docker
    "rootless docker": read_info("docker", {**DELEGATED, **ROOTLESS, "CPUShares": False}),
    "rootless docker without systemd": read_info("docker", {**ROOTLESS, "CgroupVersion": "2", "CgroupDriver": "none"}),
    "rootless docker, cgroup v1": read_info("docker", {**ROOTLESS, "CgroupVersion": "1", "CgroupDriver": "none"}),
    # github.com/kubernetes-sigs/kind/issues/3936
    "rootless podman": read_info(
        "podman",
        {
            "host": {
                "arch": "amd64",
                "cgroupControllers": ["memory", "pids"],
                "cgroupManager": "systemd",
                "cgroupVersion": "v2",
                "security": {"rootless": True},
            }
        },
    ),
    # github.com/moby/moby/issues/38306
    "Windows containers": read_info("docker", {"OSType": "windows", "Architecture": "x86_64", "SecurityOptions": None}),
    "another processor": read_info("docker", {"OSType": "linux", "Architecture": "riscv64"}),
}


@pytest.mark.parametrize(
    ("info", "check", "what", "mends"),
    [
        ("rootless docker", "rootless", "may not limit CPU", "Delegate=yes"),
        ("rootless docker without systemd", "rootless", "may not limit CPU", "Delegate=yes"),
        ("rootless docker, cgroup v1", "rootless", "cgroup v1", "systemd.unified_cgroup_hierarchy=1"),
        ("rootless podman", "rootless", "podman runs rootless", "Delegate=yes"),
        ("Windows containers", "containers", "Windows containers", "-SwitchLinuxEngine"),
        ("another processor", "architecture", "no node image for riscv64", "building-images"),
    ],
)
def test_what_an_engine_says_of_itself_may_stop_kind(info: str, check: str, what: str, mends: str) -> None:
    found = of(check, replace(DEBIAN, engine=INFOS[info], image=NodeImage()))
    assert (found.state, what in str(found.what), mends in str(found.next_step)) == (State.STOPS, True, True)


ON_1 = replace(DEBIAN, engine=replace(DOCKER, cgroups=1))
BEHIND = {"HTTPS_PROXY": "http://proxy.example.org:3128", "NO_PROXY": "127.0.0.1"}
VPN = (Route(IPv4Network("172.16.0.0/12"), "tun0"),)
NO_ROOM = tuple(Route(IPv4Network(net), "tun0") for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
KINDS_NET = (IPv4Network("172.18.0.0/16"),)
SNAP = (Candidate("docker", "/snap/bin/docker"),)


@pytest.mark.parametrize(
    ("machine", "check", "state", "what", "mends"),
    [
        (ON_1, "cgroups", State.STOPS, "cgroup v1", "systemd.unified_cgroup_hierarchy=1"),
        (replace(ON_1, image=NodeImage()), "cgroups", State.STOPS, "Kubernetes 1.37", "K8S_TUTOR_KIND_IMAGE"),
        (replace(ON_1, systems=("fedora",)), "cgroups", State.STOPS, "cgroup v1", "grubby"),
        (replace(ON_1, systems=("wsl", "debian")), "cgroups", State.STOPS, "cgroup v1", "cgroup_no_v1=all"),
        (replace(ON_1, image=OWN_IMAGE), "cgroups", State.UNCLEAR, "cgroup v1", "sudo"),
        (replace(ON_1, image=replace(OWN_IMAGE, on_cgroup_1=False)), "cgroups", State.STOPS, "cgroup v1", "sudo"),
        (replace(DEBIAN, has_kind=False), "kind", State.STOPS, "`kind` was not found", "kind.sigs.k8s.io"),
        (replace(MAC, has_kind=False), "kind", State.STOPS, "not found", "brew install kind"),
        (replace(DEBIAN, kind=(0, 20, 0), image=NodeImage()), "kind", State.WARNING, "Kubernetes 1.27", "sudo install"),
        (replace(DEBIAN, cluster=""), "name", State.STOPS, "no name", "unset K8S_TUTOR_KIND_NAME"),
        (replace(DEBIAN, capabilities=0), "capabilities", State.STOPS, "SYS_ADMIN", "--privileged"),
        (replace(DEBIAN, capabilities=0x1FFFEFFFFFF), "capabilities", State.WARNING, "SYS_RESOURCE", "--privileged"),
        (replace(DEBIAN, nodes=NINE_NODES), "inotify", State.STOPS, "with 9 nodes", "max_user_instances=512"),
        (replace(DEBIAN, watches=4096), "inotify", State.WARNING, "4096", "max_user_watches=524288"),
        (replace(DEBIAN, free=GB), "disk", State.STOPS, "1.0 GB", "docker system prune"),
        (replace(DEBIAN, free=3 * GB), "disk", State.WARNING, "3.0 GB", "docker system df"),
        (replace(DEBIAN, engine=replace(DOCKER, memory=GB)), "memory", State.STOPS, "1.0 GB", "more memory"),
        (replace(DEBIAN, available=GB), "memory", State.WARNING, "1.0 GB of memory are free", "close something"),
        (replace(MAC, engine=replace(DOCKER, memory=2 * GB)), "memory", State.WARNING, "2.0 GB", "Settings"),
        (replace(DEBIAN, deaf="Operation not permitted"), "ports", State.STOPS, "Operation not permitted", "sandbox"),
        (replace(DEBIAN, taken=(41234,)), "ports", State.STOPS, "port 41234", "sport = :41234"),
        (replace(MAC, taken=(41234,)), "ports", State.STOPS, "port 41234", "lsof -nP -iTCP:41234"),
        (
            replace(DEBIAN, environment={**BEHIND, "HTTP_PROXY": "127.0.0.1:8080"}),
            "proxy",
            State.WARNING,
            "127.0.0.1",
            "own",
        ),
        (
            replace(DEBIAN, environment=BEHIND, image=NodeImage()),
            "proxy",
            State.WARNING,
            "no proxy",
            "docker.service.d",
        ),
        (replace(MAC, environment=BEHIND), "proxy", State.WARNING, "no proxy", "Resources → Proxies"),
        (replace(DEBIAN, environment={"HTTP_PROXY": "x"}), "NO_PROXY", State.WARNING, "127.0.0.1", "export NO_PROXY="),
        (replace(DEBIAN, routes=VPN, subnets=KINDS_NET), "subnets", State.WARNING, "behind tun0", "10.222.0.0/16"),
        (replace(DEBIAN, routes=NO_ROOM), "subnets", State.STOPS, "every address", "docker network create"),
        (
            replace(DEBIAN, routes=(Route(IPv4Network("10.244.8.0/24"), "wg0"),)),
            "subnets",
            State.WARNING,
            "Pods and Services",
            "nothing to do",
        ),
        (replace(DEBIAN, engines=SNAP), "snap", State.WARNING, "snap", "export TMPDIR=~/kind-files"),
        (replace(DEBIAN, engines=SNAP, environment={"TMPDIR": "/tmp"}), "snap", State.WARNING, "snap", "TMPDIR"),
        (
            replace(DEBIAN, image=replace(OWN_IMAGE, architecture="arm64")),
            "architecture",
            State.WARNING,
            "arm64",
            "pull",
        ),
        (replace(DEBIAN, kubectl=(1, 34, 1)), "kubectl", State.WARNING, "1.34.1", "v1.37.0/bin/linux/amd64/kubectl"),
        (replace(MAC, kubectl=(1, 34, 1), image=OWN_IMAGE), "kubectl", State.WARNING, "1.34.1", "brew"),
        (replace(DEBIAN, kind=(0, 31, 0)), "image", State.WARNING, "kind 0.31.0", "kind-linux"),
        (replace(DEBIAN, image=replace(OWN_IMAGE, version=(1, 28, 0))), "image", State.WARNING, "1.28.0", "newer"),
        (
            replace(DEBIAN, environment={"DOCKER_HOST": "ssh://me@big.example.org"}),
            "engine",
            State.STOPS,
            "big.example.org",
            "unset DOCKER_HOST",
        ),
        (
            replace(BARE, systems=("win32",), environment={"KIND_EXPERIMENTAL_PROVIDER": "podmann"}),
            "engine",
            State.STOPS,
            '"podmann"',
            "Remove-Item Env:KIND_EXPERIMENTAL_PROVIDER",
        ),
    ],
)
def test_a_machine_with_one_fault_hears_of_it(
    machine: Machine, check: str, state: State, what: str, mends: str
) -> None:
    found = of(check, machine)
    assert (found.state, what in str(found.what), mends in str(found.next_step)) == (state, True, True), found


def test_every_check_has_been_seen_to_find_something_and_has_a_title() -> None:
    cases = test_a_machine_with_one_fault_hears_of_it.pytestmark[0].args[1]
    seen = {case[1] for case in cases} | {"rootless", "containers"}
    assert (seen, set(TITLES)) == (set(CHECKS), set(CHECKS))


def test_a_snap_that_has_its_folder_is_fine() -> None:
    machine = replace(DEBIAN, engines=SNAP, environment={"TMPDIR": "/home/anna/kind-files"})
    assert of("snap", machine).state is State.FINE


@pytest.mark.parametrize("address", ["http://[::1", "://", "http://"])
def test_an_address_that_is_none_is_no_error(address: str) -> None:
    environment = {"HTTPS_PROXY": address, "DOCKER_HOST": address, "NO_PROXY": "127.0.0.1"}
    assert judge(replace(DEBIAN, environment=environment))


def test_a_proxy_s_password_is_not_repeated() -> None:
    environment = {"HTTPS_PROXY": "http://anna:secret@localhost:3128"}
    report = Report(tuple(judge(replace(DEBIAN, environment=environment))))
    assert "secret" not in str(report) + report.to_json()


def test_a_report_tells_what_stops_kind_first_and_what_is_fine_in_one_line() -> None:
    machine = replace(DEBIAN, has_kind=False, watches=4096)
    told = str(Report(tuple(sorted(judge(machine), key=lambda one: list(State).index(one.state))))).splitlines()
    assert told[0] == "✗ stops kind: the program `kind` was not found"
    assert told[1].startswith("  Why:  kind creates")
    assert told[3] == "! warning: few files may be watched (max_user_watches is 4096)"
    assert told[6].startswith("✓ fine: container engine, the cluster's name,")
    assert told[8].startswith("kind cannot run here yet: 1 finding stops it.")


def test_warnings_do_not_keep_kind_from_running() -> None:
    report = Report(tuple(judge(replace(DEBIAN, watches=4096))))
    assert (report.can_run, json.loads(report.to_json())["kind_can_run"]) == (True, True)


def test_a_report_is_in_the_reader_s_language_and_its_json_keeps_its_keys() -> None:
    report = Report(tuple(judge(replace(BARE, cluster=""))))
    use_language("zh")
    try:
        told, parsed = str(report), json.loads(report.to_json())
    finally:
        use_language("")
    assert told.startswith("✗ kind 无法运行：")
    assert {row["state"] for row in parsed["findings"]} <= {state.value for state in State}
