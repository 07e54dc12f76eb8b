"""What a machine offers its containers: devices, shared memory, its ports; and what it refuses. On both clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


@dataclass(frozen=True)
class Programs:
    """Runs a shell's commands in a pod of its own."""

    env: Environment

    def run(self, command: str, spec: str = "") -> str:
        """What they print."""
        self.env.apply(f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  restartPolicy: Never
  {spec}
  containers:
  - name: c
    image: busybox:1.35
    command:
    - sh
    - -c
    - |
      {command}
""")
        self.env.wait("pod", "p", lambda pod: pod.get("status", {}).get("phase") in ("Succeeded", "Failed"))
        return self.env.client.logs("p", self.env.namespace)


@pytest.fixture
def programs(env: Environment) -> Programs:
    return Programs(env)


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("head -c 1k /dev/urandom | wc -c", "1024"),
        ("head -c 2b /dev/zero | wc -c", "1024"),
        ("cat /dev/urandom | head -c 5 | wc -c", "5"),
        ("tr -dc a-z < /dev/urandom | head -c 8 | grep -c '^[a-z]*$'", "1"),
        ("base64 /dev/urandom | head -n 1 | wc -c", "77"),
        ("head -c 1K /dev/zero 2>&1", "head: invalid number '1K'"),
        ("echo kept > /dev/shm/x; cat /dev/shm/x", "kept"),
        ("head -c 3 /dev/random > /tmp/r; wc -c < /tmp/r", "3"),
        ("echo gone > /dev/null; wc -c < /dev/null", "0"),
    ],
)
def test_devices_give_what_is_asked_of_them(programs: Programs, command: str, printed: str) -> None:
    assert programs.run(command).strip() == printed


def test_the_containers_of_a_pod_share_memory(env: Environment) -> None:
    env.apply("""
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  restartPolicy: Never
  initContainers: [{name: first, image: "busybox:1.35", command: [sh, -c, "echo left > /dev/shm/x"]}]
  containers: [{name: second, image: "busybox:1.35", command: [cat, /dev/shm/x]}]
""")
    env.wait("pod", "two", lambda pod: pod.get("status", {}).get("phase") == "Succeeded")
    assert env.client.logs("two", env.namespace) == "left\n"


def web(name: str, spec: str = "") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  terminationGracePeriodSeconds: 1
  {spec}
  containers: [{{name: c, image: "nginx:1.22", ports: [{{containerPort: 80, hostPort: 8095}}]}}]
"""


def is_running(pod: Obj) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")


def test_a_second_pod_for_a_taken_port_is_refused_by_the_machine(env: Environment) -> None:
    env.apply(web("one"))
    node = env.wait("pod", "one", is_running)["spec"]["nodeName"]
    env.apply(web("two", f"nodeName: {node}"))
    status = env.wait("pod", "two", lambda pod: pod.get("status", {}).get("phase") == "Failed")["status"]
    words = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
    assert (status["reason"], status["message"]) == ("NodePorts", f"Pod was rejected: {words}")
    assert env.wait_event("pod", "two", "NodePorts")["message"] == words


def test_a_pod_that_asks_for_more_than_the_machine_has_is_refused_by_it(env: Environment) -> None:
    node = next(one for one in env.client.list("nodes") if not one["spec"].get("taints"))["metadata"]["name"]
    env.apply(web("big", f"nodeName: {node}").replace("ports:", "resources: {requests: {cpu: 1k}}, ports:"))
    status = env.wait("pod", "big", lambda pod: pod.get("status", {}).get("phase") == "Failed")["status"]
    assert status["reason"] == "OutOfcpu"
    assert status["message"].startswith("Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, ")


def test_ports_of_a_machine_are_on_its_loopback_too(env: Environment, programs: Programs) -> None:
    env.apply(web("one"))
    node = env.wait("pod", "one", is_running)["spec"]["nodeName"]
    env.apply("""
apiVersion: v1
kind: Service
metadata: {name: one}
spec: {type: NodePort, selector: {app: one}, ports: [{port: 80}]}
""")
    port = env.get("services", "one")["spec"]["ports"][0]["nodePort"]
    asked = " && ".join(f"wget -qO- http://{host} | grep -c title" for host in (f"127.0.0.1:{port}", "127.0.0.1:8095"))
    env.wait("endpointslices", "", lambda piece: bool(piece.get("endpoints")))
    assert programs.run(f"sleep 3; {asked}", f"hostNetwork: true\n  nodeName: {node}").split() == ["1", "1"]


def test_a_service_may_be_another_name(env: Environment, programs: Programs) -> None:
    other = f"one.{env.namespace}.svc.cluster.local"
    env.apply(web("one"))
    env.wait("pod", "one", is_running)
    env.apply(f"""
apiVersion: v1
kind: Service
metadata: {{name: one}}
spec: {{selector: {{app: one}}, ports: [{{port: 80}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: alias}}
spec: {{type: ExternalName, externalName: {other}}}
""")
    printed = programs.run("sleep 3; nslookup -type=a alias | grep canonical; wget -qO- http://alias | grep -c title")
    alias = f"alias.{env.namespace}.svc.cluster.local"
    assert printed.splitlines()[0] == f"{alias}\tcanonical name = {other}"
    assert printed.splitlines()[-1] == "1"


def test_what_is_deleted_by_force_is_stopped_all_the_same(env: Environment) -> None:
    env.apply(web("one"))
    env.wait("pod", "one", is_running)
    env.delete("pod", "one", grace_seconds=0)
    assert env.wait_event("pod", "one", "Killing")["message"] == "Stopping container c"
