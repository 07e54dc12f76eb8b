"""The official Python client."""

from __future__ import annotations

import gc

import pytest
import yaml
from kubernetes import client, config, watch
from kubernetes.stream import portforward, stream

from k8s_tutor import kubeconfig

# The official client leaves the sockets of its streams to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def collected():
    """Here, and not during the next test of another file."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def api(embedded_cluster):
    made = config.new_client_from_config(config_file=str(embedded_cluster.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def core(api):
    return client.CoreV1Api(api)


@pytest.fixture
def apps(api):
    return client.AppsV1Api(api)


def wait_for(call, predicate, *arguments, seconds=30):
    """The first object of a watch that satisfies `predicate`."""
    watcher = watch.Watch()
    for event in watcher.stream(call, *arguments, timeout_seconds=seconds):
        if predicate(event["object"]):
            watcher.stop()
            return event["object"]
    pytest.fail("the watch ended without it")


@pytest.fixture
def running(core, namespace, shell):
    core.create_namespaced_pod(namespace, yaml.safe_load(shell))
    return wait_for(core.list_namespaced_pod, lambda pod: pod.status.phase == "Running", namespace)


def test_the_default_kubeconfig_leads_here(embedded_cluster):
    kubeconfig.adopt(embedded_cluster.kubeconfig)
    try:
        config.load_kube_config()
    finally:
        kubeconfig.forget(embedded_cluster.kubeconfig)
    with client.ApiClient() as default:
        assert len(client.CoreV1Api(default).list_node().items) == 3


def test_version_and_nodes(api, core):
    assert client.VersionApi(api).get_code().git_version.startswith("v1.37")
    assert [node.metadata.name for node in core.list_node().items] == [
        "k8s-tutor-control-plane",
        "k8s-tutor-worker",
        "k8s-tutor-worker2",
    ]


def test_a_pod_comes_to_life_in_a_watch(running):
    assert running.status.container_statuses[0].ready
    assert running.status.pod_ip


def test_logs(core, namespace, running):
    assert core.read_namespaced_pod_log("shell", namespace) == "line 1\nline 2\nline 3\n"
    assert core.read_namespaced_pod_log("shell", namespace, tail_lines=1) == "line 3\n"


def test_followed_logs(core, namespace, running):
    answer = core.read_namespaced_pod_log("shell", namespace, follow=True, _preload_content=False)
    assert next(answer.stream()) == b"line 1\nline 2\nline 3\n"
    answer.close()


def test_exec(core, namespace, running):
    said = stream(
        core.connect_get_namespaced_pod_exec,
        "shell",
        namespace,
        command=["sh", "-c", "echo out; echo err >&2; exit 3"],
        stdout=True,
        stderr=True,
        _preload_content=False,
    )
    said.run_forever(timeout=20)
    assert (said.read_stdout(), said.read_stderr(), said.returncode) == ("out\n", "err\n", 3)


def test_exec_with_input(core, namespace, running):
    shell = stream(
        core.connect_get_namespaced_pod_exec,
        "shell",
        namespace,
        command=["sh"],
        stdin=True,
        stdout=True,
        _preload_content=False,
    )
    shell.write_stdin("echo hello $((40+2))\n")
    assert shell.readline_stdout(timeout=20) == "hello 42"
    shell.write_stdin("exit\n")
    shell.run_forever(timeout=20)
    assert shell.returncode == 0
    shell.close()


def test_port_forward(core, apps, namespace, web):
    apps.create_namespaced_deployment(namespace, yaml.safe_load(web))
    pod = wait_for(core.list_namespaced_pod, lambda it: it.status.phase == "Running", namespace)
    forward = portforward(core.connect_get_namespaced_pod_portforward, pod.metadata.name, namespace, ports="9898,1")
    socket = forward.socket(9898)
    socket.setblocking(True)
    socket.settimeout(20)
    for path in (b"/version", b"/healthz"):
        socket.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert socket.recv(65536).startswith(b"HTTP/1.1 200 ")
    nothing = forward.socket(1)
    nothing.setblocking(True)
    nothing.settimeout(20)
    assert nothing.recv(1) == b""
    assert forward.error(1).startswith("error forwarding port 1 to pod ")
    assert "dial tcp4 127.0.0.1:1: connect: connection refused" in forward.error(1)
    socket.close()
    nothing.close()


def test_a_deployment_scales(apps, namespace, web):
    apps.create_namespaced_deployment(namespace, yaml.safe_load(web))
    wait_for(apps.list_namespaced_deployment, lambda it: it.status.ready_replicas == 2, namespace)
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 3}})
    wait_for(apps.list_namespaced_deployment, lambda it: it.status.ready_replicas == 3, namespace)
    assert apps.read_namespaced_deployment_scale("web", namespace).spec.replicas == 3


def test_server_side_apply_through_the_dynamic_client(api, namespace, web):
    from kubernetes.dynamic import DynamicClient  # noqa: PLC0415

    deployments = DynamicClient(api).resources.get(api_version="apps/v1", kind="Deployment")
    body = yaml.safe_load(web)
    first = deployments.server_side_apply(body, namespace=namespace, field_manager="interop")
    again = deployments.server_side_apply(body, namespace=namespace, field_manager="interop")
    assert first.metadata.generation == again.metadata.generation == 1
    assert first.metadata.managedFields[0].manager == "interop"


def test_refusals_carry_kubernetes_words(core, namespace, running, shell):
    with pytest.raises(client.ApiException) as caught:
        core.create_namespaced_pod(namespace, yaml.safe_load(shell))
    assert caught.value.status == 409
    assert 'pods \\"shell\\" already exists' in caught.value.body


def test_delete_and_a_watch_that_sees_it(core, namespace, running):
    core.delete_namespaced_pod("shell", namespace, grace_period_seconds=0)
    watcher = watch.Watch()
    version = running.metadata.resource_version
    events = watcher.stream(core.list_namespaced_pod, namespace, resource_version=version, timeout_seconds=20)
    assert next(event for event in events if event["type"] == "DELETED")["object"].metadata.name == "shell"
    watcher.stop()
