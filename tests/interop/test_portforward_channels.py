"""Port forwarding as the Python clients speak it, in each form that real Kubernetes takes."""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING

import pytest
import websocket
import yaml

from k8s_tutor.api.client import Client

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

SERVE = "dd if=/dev/zero of=/usr/share/nginx/html/big bs=1M count=1; exec nginx -g 'daemon off;'"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "nginx", "image": "nginx:1.22", "command": ["sh", "-c", SERVE]}],
    },
}


def opened(cluster: Cluster, namespace: str, protocols: list[str]) -> websocket.WebSocket:
    config = yaml.safe_load(cluster.kubeconfig.read_text(encoding="utf-8"))
    server = config["clusters"][0]["cluster"]
    trusted = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())
    url = f"{server['server']}/api/v1/namespaces/{namespace}/pods/web/portforward?ports=80".replace("https", "wss")
    header = [f"Authorization: Bearer {config['users'][0]['user']['token']}"]
    return websocket.create_connection(url, header=header, subprotocols=protocols, sslopt={"context": trusted})


@pytest.fixture
def web(embedded_cluster: Cluster, namespace: str) -> None:
    """A Pod that answers on port 80."""
    client = Client(embedded_cluster.api)
    client.create(POD, namespace)
    with client.watch("pods", namespace) as watch:
        while (event := watch.next(60)) and event.object.get("status", {}).get("phase") != "Running":
            pass


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("protocols", [[], ["v4.channel.k8s.io"]])
def test_bytes_in_channels(embedded_cluster: Cluster, namespace: str, protocols: list[str]) -> None:
    socket = opened(embedded_cluster, namespace, protocols)
    assert [socket.recv(), socket.recv()] == [b"\x00\x50\x00", b"\x01\x50\x00"]
    socket.send_binary(b"\x00GET / HTTP/1.0\r\n\r\n")
    assert socket.recv().startswith(b"\x00HTTP/1.1 200 OK")
    socket.shutdown()


@pytest.mark.usefixtures("web")
def test_base64_in_channels(embedded_cluster: Cluster, namespace: str) -> None:
    socket = opened(embedded_cluster, namespace, ["v4.base64.channel.k8s.io"])
    assert [socket.recv(), socket.recv()] == ["0UAA=", "1UAA="]
    socket.send("0" + base64.b64encode(b"GET / HTTP/1.0\r\n\r\n").decode())
    assert base64.b64decode(socket.recv()[1:]).startswith(b"HTTP/1.1 200 OK")
    socket.shutdown()


@pytest.mark.usefixtures("web")
def test_much_comes_in_small_messages(embedded_cluster: Cluster, namespace: str) -> None:
    socket = opened(embedded_cluster, namespace, [])
    assert [socket.recv(), socket.recv()] == [b"\x00\x50\x00", b"\x01\x50\x00"]
    socket.send_binary(b"\x00GET /big HTTP/1.0\r\n\r\n")
    sizes = [len(socket.recv()) - 1 for _ in range(2 + 32)]
    assert max(sizes) == 32 << 10
    assert sum(sizes) > 1 << 20
    socket.shutdown()


def test_another_form_is_refused(embedded_cluster: Cluster, namespace: str, web: None) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        opened(embedded_cluster, namespace, ["channel.k8s.io"])
