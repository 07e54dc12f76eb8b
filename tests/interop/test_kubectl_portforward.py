"""Real kubectl forwards ports of the embedded cluster: SPDY inside a WebSocket."""

from __future__ import annotations

import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import RemoteDisconnected

import pytest

pytestmark = pytest.mark.kubectl

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 9898}]}
"""


@pytest.fixture
def up(k, web):
    k("apply", "-f", "-", stdin=f"{web}\n---\n{SERVICE}")
    k("rollout", "status", "deployment/web", "--timeout=60s")
    return k


@contextmanager
def forwarded(k: Callable[..., str], *what: str, ends: bool = False) -> Iterator[tuple[str, list[str]]]:
    """The URL of a running `kubectl port-forward` on a port of the system's choice, and all it says, in the end.

    Args:
        k: kubectl.
        what: The target and its port.
        ends: kubectl ends by itself.
    """
    said: list[str] = []
    with k.start("port-forward", "--address=127.0.0.1", *what) as process:
        killer = threading.Timer(30, process.kill)
        killer.start()
        try:
            said.append(process.stdout.readline())
            found = re.match(r"Forwarding from (127\.0\.0\.1:\d+) -> \d+", said[0])
            assert found, said[0] + process.stdout.read()
            yield f"http://{found[1]}", said
        finally:
            if not ends:
                process.terminate()
            said += process.stdout
            killer.cancel()


def get(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, body, timeout=20) as response:
        return response.read()


@pytest.mark.parametrize("target", ["svc/web", "deployment/web"])
def test_a_port_of_a_service_or_deployment(up, target):
    with forwarded(up, target, ":http" if target == "svc/web" else ":9898") as (url, said):
        assert b'"version": "6.9.2"' in get(f"{url}/version")
    assert any(line.startswith("Handling connection for ") for line in said)


def test_several_connections_at_once(up):
    with forwarded(up, "svc/web", ":80") as (url, _), ThreadPoolExecutor(8) as threads:
        asked = [b"%d" % number * 9999 for number in range(16)]
        assert list(threads.map(lambda body: get(f"{url}/echo", body), asked)) == asked


def test_a_port_where_nobody_listens(up):
    with forwarded(up, "deployment/web", ":81", ends=True) as (url, said), pytest.raises((RemoteDisconnected, OSError)):
        get(url)
    words = "".join(said)
    assert "An error occurred forwarding" in words
    assert "error forwarding port 81 to pod " in words
    assert "IPv4: dial tcp4 127.0.0.1:81: connect: connection refused IPv6" in words
    assert words.endswith("error: lost connection to pod\n")


def test_a_service_without_that_port(up):
    said = up("port-forward", "svc/web", ":99", code=1)
    assert said == "error: Service web does not have a service port 99\n"


def test_a_pod_that_does_not_run(k):
    k("run", "waits", "--image=nginx:1.22", '--overrides={"spec":{"nodeSelector":{"no":"where"}}}')
    said = k("port-forward", "pod/waits", ":80", code=1)
    assert said == "error: unable to forward port because pod is not running. Current status=Pending\n"
