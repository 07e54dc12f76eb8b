"""The provisioner on a real engine: one life of a kind cluster, accidents included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.cluster.connect import read_kind_status
from k8s_tutor.cluster.engine import Engine, find_engine, find_kind
from k8s_tutor.cluster.images import find_held, find_missing
from k8s_tutor.cluster.ownership import Note
from k8s_tutor.course.finding import list_images
from k8s_tutor.errors import ClusterUnavailable, UsageError

pytestmark = [pytest.mark.kind, pytest.mark.timeout(600)]

NAME = "k8s-tutor-test-life"
LABEL = "io.x-k8s.kind.cluster"
CONNECT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job, and all it starts, ignore it
from k8s_tutor.cluster.connect import connect_cluster
from k8s_tutor.errors import TutorError
try:
    connect_cluster("kind", announce=print)
except TutorError as error:
    print(type(error).__name__, error, flush=True)
"""


class Steps:
    """A `Progress` that remembers."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.done: bool | None = None

    def start(self, title: str, steps: int) -> None:
        self.names = []

    def step(self, name: str, waits_for: str = "") -> None:
        self.names.append(str(name))

    def wait_for(self, waits_for: str) -> None:
        pass

    def finish(self, *, done: bool) -> None:
        self.done = done


@pytest.fixture(scope="module")
def engine() -> Engine:
    if os.environ.get("K8S_TUTOR_TEST_KUBECONFIG"):
        pytest.skip("K8S_TUTOR_TEST_KUBECONFIG names a cluster: none is provisioned")
    if find_kind() is None:
        pytest.skip("kind is not installed")
    engine = find_engine()
    if engine is None:
        pytest.skip("no container engine answers")
    return engine


@pytest.fixture(scope="module")
def home(engine, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("kind-home")
        theirs = folder / "theirs"
        theirs.write_text("apiVersion: v1\nkind: Config\n", encoding="utf-8")
        patch.setenv("K8S_TUTOR_HOME", str(folder / "state"))
        patch.setenv("K8S_TUTOR_KIND_NAME", NAME)
        patch.setenv("KUBECONFIG", str(theirs))
        yield folder
        remove()
        assert theirs.read_text(encoding="utf-8") == "apiVersion: v1\nkind: Config\n"


def remove() -> None:
    subprocess.run(["kind", "delete", "cluster", "--name", NAME, "--kubeconfig", os.devnull], check=False)


@pytest.fixture
def nothing_yet(home):
    """What an attempt at a test has left is not there for the next."""
    remove()


@pytest.fixture
def containers(engine):
    return lambda: [container.name for container in engine.containers(f"{LABEL}={NAME}")]


def interrupted_at(step: str, number: int) -> tuple[int, str]:
    """Connects in a process of its own, which gets a signal when `step` begins; returns its end and its output."""
    process = subprocess.Popen(
        [sys.executable, "-c", CONNECT],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            said.append(line)
            if step in line:
                threading.Timer(0.5, process.send_signal, [number]).start()
    return process.wait(60), "".join(said)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_ctrl_c_during_creation_says_so_and_leaves_nothing(nothing_yet, containers):
    code, said = interrupted_at("Preparing nodes", signal.SIGINT)
    assert code == 0
    assert "Cancelled creating the kind cluster was interrupted" in said
    assert containers() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_killed_creation_leaves_half_a_cluster(nothing_yet, containers):
    code, _ = interrupted_at("Starting control-plane", signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert containers()


@pytest.fixture(scope="module")
def made(home):
    """The cluster, made out of whatever the tests before have left."""
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    steps = Steps()
    cluster = KindCluster(steps, list_images())
    yield cluster, steps
    cluster.close()


def test_half_a_cluster_is_made_anew(made, containers):
    _, steps = made
    if sys.platform != "win32":
        assert steps.names[0] == "Removing a half-made cluster"
    assert "Starting control-plane" in steps.names
    assert steps.done
    assert containers() == [f"{NAME}-control-plane", f"{NAME}-worker", f"{NAME}-worker2"]


def test_its_nodes_are_ready(made):
    cluster, _ = made
    nodes = Client(cluster.api).list("nodes")
    ready = [c["status"] for node in nodes for c in node["status"]["conditions"] if c["type"] == "Ready"]
    assert ready == ["True", "True", "True"]


def test_the_courses_images_are_on_every_worker(made, engine):
    images = find_held(list_images(), engine.images())
    if not images:
        pytest.skip("the engine holds none of the course's images")
    assert [find_missing(engine, f"{NAME}-{worker}", images) for worker in ("worker", "worker2")] == [[], []]


def test_a_running_cluster_is_found_without_a_step(made):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    steps = Steps()
    again = KindCluster(steps)
    assert steps.names == []
    assert again.kubeconfig == made[0].kubeconfig
    again.close()


def test_an_image_that_was_pulled_since_reaches_a_running_cluster(made, engine):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    images = find_held(list_images(), engine.images())
    if not images:
        pytest.skip("the engine holds none of the course's images")
    note = Note(NAME)
    # As after the last connection, when the engine held an older image of that name.
    note.end([container.id for container in engine.containers(f"{LABEL}={NAME}")], note.images | {images[0]: "older"})
    steps = Steps()
    KindCluster(steps, list_images()).close()
    assert steps.names == ["Loading the course's new images (1)"]
    assert note.images[images[0]] == engine.images()[images[0]]


def test_a_lost_kubeconfig_is_written_again(made):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    before = Path(made[0].kubeconfig).read_text(encoding="utf-8")
    made[0].kubeconfig.unlink()
    KindCluster(Steps()).close()
    assert made[0].kubeconfig.read_text(encoding="utf-8") == before


def test_a_cluster_made_with_another_home_is_ours_by_its_label(made, monkeypatch, tmp_path):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    KindCluster(Steps()).close()


def test_a_stopped_cluster_is_started_again(made, engine):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    engine.run("stop", "--time=1", *(f"{NAME}-{node}" for node in ("control-plane", "worker", "worker2")))
    steps = Steps()
    again = KindCluster(steps)
    assert steps.names == ["Starting its containers", "Waiting for the nodes"]
    assert len(Client(again.api).list("nodes")) == 3
    again.close()


def test_a_frozen_control_plane_is_named_within_the_time_that_was_asked(made, engine):
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    engine.pause(f"{NAME}-control-plane")
    begin = time.monotonic()
    try:
        with pytest.raises(ClusterUnavailable, match="does not answer") as caught:
            Client(made[0].api).within(5).list("nodes")
        took = time.monotonic() - begin
        assert "frozen (paused)" in str(read_kind_status())
    finally:
        KindCluster(Steps()).close()  # which lets it go on
    assert took < 15  # an engine on a busy machine takes its time to say what is frozen
    assert f"`docker unpause {NAME}-control-plane`" in caught.value.next_step.replace(engine.name, "docker")
    assert len(Client(made[0].api).list("nodes")) == 3


def test_deleting_it_leaves_nothing(made, containers, home):
    made[0].delete()
    assert containers() == []
    assert [path for path in (home / "state").rglob("*") if path.is_file() and NAME in path.name] == []
    made[0].delete()


def test_a_cluster_that_others_made_is_not_touched(home, engine):
    """A container with kind's label stands for it: what counts is that we have no note of it and no label."""
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    image = next(iter(engine.images()))
    created = engine.run("create", f"--label=io.x-k8s.kind.cluster={NAME}", f"--name={NAME}-control-plane", image, "x")
    assert created.returncode == 0, created.stderr
    try:
        with pytest.raises(UsageError, match="did not make"):
            KindCluster(Steps())
    finally:
        engine.run("rm", "-f", f"{NAME}-control-plane")
