"""Real kubectl debugs pods and nodes of the embedded cluster, and attaches to what runs."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kubectl

WEB = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: nginx, image: "nginx:1.22"}]
"""


@pytest.fixture
def up(k):
    k("apply", "-f", "-", stdin=WEB)
    k("wait", "pod/web", "--for=condition=Ready", "--timeout=60s")
    return k


def test_a_container_beside_its_target_sees_its_processes(up):
    said = up("debug", "-i", "web", "--image=busybox:1.35", "--target=nginx", "-c", "look", stdin="ps; exit\n")
    assert "1 root     nginx -g daemon off;" in said
    assert up("get", "pod", "web", "-o", "jsonpath={.spec.ephemeralContainers[0].targetContainerName}") == "nginx"
    assert up("get", "pod", "web", "-o", "jsonpath={.status.phase}") == "Running"


def test_a_container_that_reaches_the_pods_own_ports(up):
    said = up("debug", "-i", "web", "--image=busybox:1.35", "-c", "ask", stdin="wget -qO- http://localhost; exit\n")
    assert "Welcome to nginx!" in said


def test_a_copy_of_a_pod(up):
    up("debug", "web", "--copy-to=copy", "--image=busybox:1.35", "-c", "tools", "--", "sleep", "1000")
    up("wait", "pod/copy", "--for=condition=Ready", "--timeout=60s")
    assert up("get", "pod", "copy", "-o", "jsonpath={.spec.containers[*].name}") == "nginx tools"


def test_a_node(k):
    said = k("debug", "node/k8s-tutor-worker", "-i", "--image=busybox:1.35", stdin="hostname; exit\n")
    assert "k8s-tutor-worker\n" in said


def test_a_pod_for_a_moment(k):
    said = k("run", "once", "-i", "--rm", "--restart=Never", "--image=busybox:1.35", "--", "cat", stdin="through\n")
    assert "through\n" in said
    assert k("run", "fails", "--attach", "--rm", "--restart=Never", "--image=busybox:1.35", "--", "false", code=1)
