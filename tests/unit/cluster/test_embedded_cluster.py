"""The embedded cluster through its two doors, in this process and over HTTPS: one API, one behaviour."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError, WatchClosed
from k8s_tutor.cluster import connect
from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.embedded.runner import files
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.objects.kinds import builtin_kinds

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.22"}]},
}
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}}


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "theirs"))
    for name in ("K8S_TUTOR_CLUSTER", "K8S_TUTOR_USER_KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def embedded(home):
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    yield cluster
    cluster.close()


@pytest.fixture(params=["in process", "over https"])
def client(request, embedded, monkeypatch):
    """A client on either door."""
    if request.param == "in process":
        yield Client(embedded.api)
        return
    cluster = ContextCluster(embedded.context, [embedded.kubeconfig])
    yield Client(cluster.api)
    cluster.close()


def until_running(watch) -> None:
    """Reads a watch of pods until one runs."""
    for _ in range(30):
        event = watch.next(60)
        assert event is not None, "nothing happened"
        if event.object.get("status", {}).get("phase") == "Running":
            return
    pytest.fail("never ran")


def test_objects_come_back(client):
    client.create(MAP)
    assert client.get("cm", "m")["data"] == {"a": "1"}
    client.delete("cm", "m")
    with pytest.raises(StatusError, match='configmaps "m" not found'):
        client.get("cm", "m")


def test_what_a_caller_does_to_an_answer_does_not_reach_the_cluster(client):
    made = client.create(MAP)
    made["data"]["a"] = "changed"
    listed = client.list("cm", "default")
    listed[0]["data"]["a"] = "changed"
    assert client.get("cm", "m")["data"] == {"a": "1"}


def test_what_a_caller_does_to_its_own_object_later_does_not_reach_the_cluster(client):
    mine = {**MAP, "data": {"a": "1"}}
    client.create(mine)
    mine["data"]["a"] = "changed"
    assert client.get("cm", "m")["data"] == {"a": "1"}


def test_a_watch_brings_a_pod_to_life(client):
    client.create(POD)
    with client.watch("pods", "default") as watch:
        until_running(watch)


def test_a_watch_of_nothing_ends_at_its_deadline(client, embedded):
    with client.watch("secrets", "default") as watch:
        assert watch.next(5).type == "BOOKMARK"  # the end of what is there: nothing
        assert watch.next(0.2) is None


def test_a_refused_watch_is_a_status(client):
    with pytest.raises(StatusError):
        client.api.watch(Request("GET", "/api/v1/nonsense"))


def test_a_closed_watch_says_so(client):
    watch = client.watch("secrets", "default")
    watch.close()
    watch.close()
    with pytest.raises(WatchClosed):
        watch.next(1)


def test_followed_logs_go_on_and_end(client):
    talker = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "talker"},
        "spec": {
            "restartPolicy": "Never",
            "containers": [
                {"name": "c", "image": "busybox:1.35", "command": ["sh", "-c", "echo ü1; sleep 1; echo 2; sleep 1"]}
            ],
        },
    }
    client.create(talker)
    with client.watch("pods", "default", name="talker") as watch:
        until_running(watch)
    stream = client.follow_logs("talker", "default")
    said = []
    while chunk := stream.next(60):
        said.append(chunk)
    stream.close()
    assert "".join(said) == "ü1\n2\n"


def test_both_doors_see_one_cluster(embedded):
    other = ContextCluster(embedded.context, [embedded.kubeconfig])
    Client(embedded.api).create(MAP)
    assert Client(other.api).get("cm", "m")["data"] == {"a": "1"}
    other.close()


def test_the_same_requests_give_the_same_cluster(home):
    def history() -> list[object]:
        cluster = EmbeddedCluster(PaceMode.AWAITED)
        client = Client(cluster.api)
        client.create(POD)
        with client.watch("pods", "default") as watch:
            seen = [event for _ in range(4) if (event := watch.next(30))]
        cluster.close()
        return seen

    assert history() == history()


def test_our_kubeconfig_goes_with_the_cluster(home):
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    assert yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))["current-context"] == cluster.context
    assert cluster.alive()
    cluster.close()
    cluster.close()
    assert not cluster.alive()
    assert not cluster.kubeconfig.exists()


def test_kubeconfigs_of_killed_processes_are_swept_away(home):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left = kubeconfig.folder() / f"embedded-{ended.pid}-{port}"
    left.parent.mkdir(parents=True)
    left.write_text("left over", encoding="utf-8")
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    for thread in threading.enumerate():
        if thread.name == "k8s-tutor-sweep":
            thread.join(10)
    assert not left.exists()
    assert cluster.kubeconfig.exists()
    cluster.close()


def test_a_cluster_whose_process_lives_is_not_knocked_at(home):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        path = files.locate_file(listener.getsockname()[1])
        path.parent.mkdir(parents=True)
        path.write_text("in use", encoding="utf-8")
        files.sweep()
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert path.exists()


def test_an_unknown_pace_gets_a_did_you_mean(home, monkeypatch):
    monkeypatch.setenv("K8S_TUTOR_PACE", "waited")
    with pytest.raises(UsageError, match=r"did you mean .awaited."):
        EmbeddedCluster()


def test_connecting_twice_gives_the_same_cluster_until_it_is_closed(home):
    said: list[str] = []
    first = connect.connect_cluster("embedded", announce=said.append)
    assert connect.connect_cluster("embedded", announce=said.append) is first
    assert os.environ["KUBECONFIG"] == str(first.kubeconfig)
    first.close()
    second = connect.connect_cluster("embedded", announce=said.append)
    assert second is not first
    second.close()
    assert os.environ["KUBECONFIG"] == str(home / "theirs")
    assert said[0].startswith("Connected to embedded (in-process Kubernetes 1.37, 3 nodes), because you asked for it")
    assert 'connect("kind")' in said[0]


def test_a_named_context_is_copied_never_changed(embedded, home, monkeypatch):
    theirs = home / "theirs"
    theirs.write_bytes(embedded.kubeconfig.read_bytes())
    before = theirs.read_bytes()
    cluster = connect.connect_cluster(f"context:{embedded.context}", announce=lambda _: None)
    assert cluster.kubeconfig != theirs
    assert "Kubernetes v1.37" in cluster.title
    with pytest.raises(UsageError, match="not ours to delete"):
        cluster.delete()
    cluster.close()
    assert not cluster.kubeconfig.exists()
    assert theirs.read_bytes() == before


def test_a_context_that_does_not_let_us_in_says_so(embedded, home):
    theirs = home / "theirs"
    config = yaml.safe_load(embedded.kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": "old"}
    theirs.write_text(yaml.safe_dump(config), encoding="utf-8")
    with pytest.raises(ClusterUnavailable, match="does not let us in") as caught:
        ContextCluster(embedded.context)
    assert "401 Unauthorized" in caught.value.why


PLUGIN = """
import json, sys
print(json.dumps({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": %r}}))
"""


@pytest.mark.parametrize("right", [True, False])
def test_a_context_that_logs_in_with_a_plugin(embedded, home, right):
    config = yaml.safe_load(embedded.kubeconfig.read_text(encoding="utf-8"))
    token = config["users"][0]["user"]["token"]
    plugin = PLUGIN % token if right else "import sys; sys.exit('log in first')"
    config["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": ["-c", plugin],
            "interactiveMode": "Never",
        }
    }
    (home / "theirs").write_text(yaml.safe_dump(config), encoding="utf-8")
    if right:
        cluster = ContextCluster(embedded.context)
        assert len(Client(cluster.api).list("nodes")) == 3
        cluster.close()
    else:
        with pytest.raises(ClusterUnavailable, match="cannot log in") as caught:
            ContextCluster(embedded.context)
        assert "log in first" in str(caught.value)


@pytest.mark.parametrize("inline", [True, False])
def test_a_context_with_a_client_certificate(embedded, home, inline):
    config = yaml.safe_load(embedded.kubeconfig.read_text(encoding="utf-8"))
    user = config["users"][0]["user"]
    user.pop("token")
    credentials = embedded.credentials
    for key, pem in (("client-certificate", credentials.client), ("client-key", credentials.client_key)):
        if inline:
            user[f"{key}-data"] = kubeconfig.inline(pem)
        else:
            (home / key).write_bytes(pem)
            user[key] = key  # relative to the kubeconfig
    (home / "theirs").write_text(yaml.safe_dump(config), encoding="utf-8")
    cluster = ContextCluster(embedded.context)
    assert len(Client(cluster.api).list("nodes")) == 3
    cluster.close()


def test_a_context_whose_cluster_is_gone_says_so(home):
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    (home / "theirs").write_bytes(cluster.kubeconfig.read_bytes())
    cluster.close()
    with pytest.raises(ClusterUnavailable, match="does not answer") as caught:
        ContextCluster(cluster.context)
    assert "refused" in caught.value.why
    assert list(kubeconfig.folder().iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_killed_process_leaves_its_port_free(home):
    code = "import sys; from k8s_tutor.embedded.runner.cluster import EmbeddedCluster; c = EmbeddedCluster()\n"
    code += "print(c._server.port, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        socket.create_connection(("127.0.0.1", port)).close()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_closed_cluster_says_so_instead_of_standing_still(home):
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    cluster.close()
    with pytest.raises(ClusterUnavailable, match="was closed"):
        Client(cluster.api).list(builtin_kinds().find("pods"), "default")


def test_what_kubectl_remembers_of_a_cluster_goes_with_it(home):
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    cache = kubeconfig.cache_for(cluster.kubeconfig)
    cache.mkdir(parents=True)
    cluster.close()
    assert not cache.exists()


def test_a_folder_of_ours_that_cannot_be_is_said(home, monkeypatch):
    (home / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("K8S_TUTOR_HOME", str(home / "file" / "below"))
    with pytest.raises(UsageError, match="our own folder cannot be used"):
        EmbeddedCluster(PaceMode.AWAITED)


def test_a_choice_that_is_no_text_is_no_cluster():
    with pytest.raises(UsageError, match="no cluster I know"):
        connect.choose(5)
