"""What pods write to volumes, and who finds it there; what kubelets say when they cannot mount one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.behaviour.storage import Shelf, claim, pod

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment


def read(env: Environment, pod: str) -> str:
    env.wait("pod", pod, lambda obj: obj["status"].get("phase") == "Succeeded")
    return env.client.logs(pod, env.namespace)


ONCE = "restartPolicy: Never"


def test_what_a_pod_wrote_others_find_then_and_later(env: Environment) -> None:
    env.apply(claim("data", "standard") + "---" + pod("writer", "data", "echo hello > /data/f; sleep 1000"))
    env.wait("pod", "writer", lambda obj: obj["status"].get("phase") == "Running")
    neighbour = pod("neighbour", "data", "cat /data/f; touch /data/x 2>&1; true", ONCE)
    env.apply(neighbour.replace("claimName: data", "claimName: data, readOnly: true"))
    assert read(env, "neighbour") == "hello\ntouch: /data/x: Read-only file system\n"
    env.delete("pod", "writer")
    env.wait_gone("pod", "writer")
    env.apply(pod("successor", "data", "cat /data/f", ONCE))
    assert read(env, "successor") == "hello\n"


def test_what_a_volume_of_the_same_directory_held_is_there_again(env: Environment, shelf: Shelf) -> None:
    rule = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
    nodes = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")
    on_one = {"key": "kubernetes.io/hostname", "operator": "In", "values": [nodes[0]["metadata"]["name"]]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [rule, on_one]}]}}
    path = {"path": f"/tmp/{env.namespace}"}
    for number in ("one", "two"):
        shelf.put(number, hostPath=path, nodeAffinity=affinity)
        env.apply(claim(number, shelf.class_, more=f", volumeName: {env.namespace}-{number}"))
        env.apply(pod(number, number, f"echo {number} >> /data/f; cat /data/f", ONCE))
        seen = read(env, number)
    assert seen == "one\ntwo\n"


def test_pods_meet_in_a_directory_of_their_node(env: Environment) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    for name, path, command in (
        ("one", "", "mkdir -p /data/x; echo hello > /data/x/f"),
        ("two", "/x", "cat /data/f; rm /data/f"),
    ):
        text = pod(name, "none", command, f"{ONCE}\n  nodeName: {node}")
        source = f"hostPath: {{path: /tmp/{env.namespace}{path}}}"
        env.apply(text.replace("persistentVolumeClaim: {claimName: none}", source))
        seen = read(env, name)
    assert seen == "hello\n"


def said(env: Environment, message: str) -> None:
    """Waits for an event with these words; a real kubelet may first say that it has not heard of the claim yet."""
    env.wait("events", "", lambda event: event.get("message") == message)


def test_a_kubelet_says_that_a_claim_is_not_bound(env: Environment) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    env.apply(claim("data", "standard") + "---" + pod("early", "data", more=f"nodeName: {node}"))
    said(
        env,
        "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process "
        f"volumes=[v]: error processing PVC {env.namespace}/data: PVC is not bound",
    )


def test_a_local_volume_needs_its_directory(env: Environment, shelf: Shelf) -> None:
    node = env.client.list("nodes", labels="!node-role.kubernetes.io/control-plane")[0]["metadata"]["name"]
    rule = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [rule]}]}}
    name = shelf.put("disk", local={"path": "/mnt/nowhere"}, nodeAffinity=affinity)
    env.apply(claim("data", shelf.class_) + "---" + pod("keeper", "data"))
    said(env, f'MountVolume.NewMounter initialization failed for volume "{name}" : path "/mnt/nowhere" does not exist')
