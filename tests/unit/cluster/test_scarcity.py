"""When this machine runs out of something: the cluster says so, waits, and goes on once there is some again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and forks are POSIX's")

HEAD = """
import errno, os, resource, socket, ssl, sys, time
from pathlib import Path
import yaml
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode

def asks(cluster):
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    host, _, port = config["clusters"][0]["cluster"]["server"].removeprefix("https://").partition(":")
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), timeout=20) as plain, tls.wrap_socket(plain) as connection:
        token = config["users"][0]["user"]["token"]
        lines = ("GET /version HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", "", "")
        connection.sendall("\\r\\n".join(lines).encode())
        return connection.recv(100)[:15]
"""


def run(body: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = HEAD + textwrap.dedent(body)
    env = {**os.environ, "K8S_TUTOR_HOME": str(home), **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("served", [False, True], ids=["before-anybody-asked", "after-somebody-asked"])
def test_after_file_descriptors_ran_out_the_port_answers_again(tmp_path: Path, served: bool) -> None:
    done = run(
        f"""
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
        cluster = EmbeddedCluster(PaceMode.AWAITED)
        if {served}:
            asks(cluster)
        port = cluster._server.port
        waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        taken = []
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            assert error.errno == errno.EMFILE
        os.close(taken.pop())
        knocking = socket.create_connection(("127.0.0.1", port))  # takes the last one: it cannot be accepted
        time.sleep(2.5)
        for each in taken:
            os.close(each)
        knocking.close()
        print(asks(cluster))
        cluster.close()
        """,
        tmp_path,
    )
    assert done.stdout == "b'HTTP/1.1 200 OK'\n", done.stderr
    assert "Traceback" not in done.stderr
    assert "Too many open files" in done.stderr
    assert len(done.stderr.splitlines()) < 8, done.stderr


def test_descriptors_beyond_1024_are_no_trouble(tmp_path: Path) -> None:
    done = run(
        """
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
        taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
        cluster = EmbeddedCluster(PaceMode.AWAITED)
        print(asks(cluster))
        cluster.close()
        """,
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("b'HTTP/1.1 200 OK'\n", "")


def test_a_forked_childs_end_takes_nothing_from_the_parent(tmp_path: Path) -> None:
    done = run(
        """
        cluster = EmbeddedCluster(PaceMode.REALTIME)
        asks(cluster)
        child = os.fork()
        if not child:
            sys.exit(0)  # runs what is registered for the end
        os.waitpid(child, 0)
        print(cluster.kubeconfig.exists(), asks(cluster))
        cluster.close()
        print(cluster.kubeconfig.exists())
        """,
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("True b'HTTP/1.1 200 OK'\nFalse\n", "")


def test_a_forked_child_is_told_where_the_cluster_is_and_closes_nothing(tmp_path: Path) -> None:
    done = run(
        """
        from k8s_tutor.api.client import Client
        from k8s_tutor.errors import ClusterUnavailable
        cluster = EmbeddedCluster(PaceMode.REALTIME)
        child = os.fork()
        if not child:
            try:
                Client(cluster.api).list("nodes")
            except ClusterUnavailable as error:
                print(error.what, flush=True)
            cluster.close()
            del cluster
            os._exit(0)
        os.waitpid(child, 0)
        print(cluster.kubeconfig.exists(), asks(cluster))
        """,
        tmp_path,
    )
    words = "this embedded cluster lives in the process that started this one"
    assert (done.stdout, done.stderr) == (f"{words}\nTrue b'HTTP/1.1 200 OK'\n", "")


def test_a_child_that_lives_on_does_not_hold_the_port(tmp_path: Path) -> None:
    done = run(
        """
        cluster = EmbeddedCluster(PaceMode.REALTIME)
        asks(cluster)
        ear, mouth = os.pipe()
        child = os.fork()
        if not child:
            os.close(mouth)
            os.read(ear, 1)
            os._exit(0)
        port = cluster._server.port
        cluster.close()
        try:
            socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            print("refused")
        os.write(mouth, b"x")
        os.waitpid(child, 0)
        """,
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_full_disk_is_a_message(tmp_path: Path) -> None:
    done = run(
        """
        from k8s_tutor.errors import speak_plainly
        speak_plainly()
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file may grow
        EmbeddedCluster(PaceMode.AWAITED)
        """,
        tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("✗ ")
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_descriptor_left_is_a_message(tmp_path: Path) -> None:
    done = run(
        """
        from k8s_tutor.errors import speak_plainly
        speak_plainly()
        EmbeddedCluster(PaceMode.AWAITED).close()  # everything is imported
        taken = []
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        EmbeddedCluster(PaceMode.AWAITED)
        """,
        tmp_path,
    )
    assert done.stderr.startswith("✗ ")
    assert "Traceback" not in done.stderr
