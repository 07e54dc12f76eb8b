"""Real kubectl on the embedded cluster."""

from __future__ import annotations

import json
import threading

import pytest
import yaml

pytestmark = pytest.mark.kubectl


@pytest.fixture
def up(k, web):
    """A Deployment of two, rolled out."""
    k("apply", "-f", "-", stdin=web)
    k("rollout", "status", "deployment/web", "--timeout=60s")
    return k


@pytest.fixture
def shell_up(k, shell):
    k("apply", "-f", "-", stdin=shell)
    k("wait", "pod/shell", "--for=condition=Ready", "--timeout=60s")
    return k


def names(k, *arguments: str) -> list[str]:
    return k("get", *arguments, "-o", "name").split()


def test_version(k):
    assert "Server Version: v1.37" in k("version")


def test_get_nodes(k):
    lines = k("get", "nodes").splitlines()
    assert lines[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["k8s-tutor-control-plane", "Ready", "control-plane"],
        ["k8s-tutor-worker", "Ready", "<none>"],
        ["k8s-tutor-worker2", "Ready", "<none>"],
    ]


def test_get_nothing(k):
    assert k("get", "pods").startswith("No resources found in interop-")


def test_apply_says_what_it_did(k, web):
    assert k("apply", "-f", "-", stdin=web) == "deployment.apps/web created\n"
    assert k("apply", "-f", "-", stdin=web) == "deployment.apps/web unchanged\n"
    assert k("apply", "-f", "-", stdin=web.replace("6.9.2", "6.9.1")) == "deployment.apps/web configured\n"


def test_apply_on_the_server(k, web):
    assert k("apply", "--server-side", "-f", "-", stdin=web) == "deployment.apps/web serverside-applied\n"
    assert k("apply", "--server-side", "-f", "-", stdin=web) == "deployment.apps/web serverside-applied\n"


def test_apply_on_the_server_takes_over_from_the_client(up, web):
    newer = web.replace("6.9.2", "6.9.1")
    assert up("apply", "--server-side", "-f", "-", stdin=newer) == "deployment.apps/web serverside-applied\n"


def test_apply_on_the_server_meets_another_owner(k, web):
    k("apply", "--server-side", "-f", "-", stdin=web)
    other = web.replace("6.9.2", "6.9.1")
    said = k("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=other, code=1)
    assert said.startswith(
        'error: Apply failed with 1 conflict: conflict with "kubectl": '
        '.spec.template.spec.containers[name="podinfo"].image\n'
    )
    k("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-", stdin=other)


def test_diff(up, web):
    assert up("diff", "-f", "-", stdin=web) == ""
    said = up("diff", "-f", "-", stdin=web.replace("replicas: 2", "replicas: 4"), code=1)
    assert "-  replicas: 2\n+  replicas: 4\n" in said


def test_unknown_fields_are_refused(k, web):
    said = k("apply", "-f", "-", stdin=web.replace("replicas", "replica"), code=1)
    assert 'unknown field "spec.replica"' in said


def test_create_refuses_a_taken_name(up, web):
    said = up("create", "-f", "-", stdin=web, code=1)
    assert said == (
        'Error from server (AlreadyExists): error when creating "STDIN": deployments.apps "web" already exists\n'
    )


@pytest.mark.parametrize("output", ["yaml", "json"])
def test_get_whole_objects(up, output):
    found = yaml.safe_load(up("get", "deployment", "web", "-o", output))
    assert found["spec"]["replicas"] == 2
    assert found["status"]["readyReplicas"] == 2


def test_get_wide(up):
    head, *pods = up("get", "pods", "-o", "wide").splitlines()
    assert head.split()[5:7] == ["IP", "NODE"]
    assert len(pods) == 2
    assert all("k8s-tutor-worker" in line and "Running" in line for line in pods)


def test_get_by_label_and_several_kinds(up):
    assert len(names(up, "pods", "-l", "app=web")) == 2
    assert names(up, "pods", "-l", "app!=web") == []
    kinds = {name.partition("/")[0] for name in names(up, "deploy,rs,po")}
    assert kinds == {"deployment.apps", "replicaset.apps", "pod"}


def test_jsonpath_and_columns(up):
    assert up("get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}") == "2"
    assert up("get", "deploy", "-o", "custom-columns=N:.metadata.name").splitlines() == ["N", "web"]


def test_get_missing(k):
    assert k("get", "pod", "nope", code=1) == 'Error from server (NotFound): pods "nope" not found\n'


def test_watching(up):
    process = up.start("get", "pods", "-w", "-o", "name")
    killer = threading.Timer(30, process.kill)
    killer.start()
    with process:
        first = {process.stdout.readline().strip() for _ in range(2)}
        up("scale", "deployment/web", "--replicas=3")
        while (line := process.stdout.readline().strip()) in first:
            pass
        assert line.startswith("pod/web-")
        process.kill()
    killer.cancel()


def test_describe(up):
    said = up("describe", "deployment", "web")
    assert "Replicas:               2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in said
    assert "ScalingReplicaSet" in said
    pod = up("describe", names(up, "pods")[0])  # by name: for a selector kubectl shows no events
    assert "Successfully assigned" in pod
    assert "Container started" in pod


def test_scale_and_rollout(up):
    assert up("scale", "deployment/web", "--replicas=3") == "deployment.apps/web scaled\n"
    assert "successfully rolled out" in up("rollout", "status", "deployment/web", "--timeout=60s")
    assert len(names(up, "pods")) == 3


def test_set_image_history_and_undo(up):
    up("set", "image", "deployment/web", "podinfo=ghcr.io/stefanprodan/podinfo:6.9.1")
    up("rollout", "status", "deployment/web", "--timeout=60s")
    assert up("rollout", "history", "deployment/web").count("<none>") == 2
    up("rollout", "undo", "deployment/web")
    image = up("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    assert image.endswith(":6.9.2")


def test_rollout_restart(up):
    before = set(names(up, "pods"))
    up("rollout", "restart", "deployment/web")
    up("rollout", "status", "deployment/web", "--timeout=60s")
    after = set(names(up, "pods"))
    assert len(after - before) == 2
    for leaving in sorted(before & after):
        up("wait", "--for=delete", leaving, "--timeout=60s")
    assert set(names(up, "pods")) == after - before


def test_label_and_annotate(up):
    assert up("label", "deployment", "web", "tier=front") == "deployment.apps/web labeled\n"
    assert "already has a value" in up("label", "deployment", "web", "tier=back", code=1)
    assert up("annotate", "deployment", "web", "note=hello") == "deployment.apps/web annotated\n"
    found = json.loads(up("get", "deployment", "web", "-o", "json"))["metadata"]
    assert (found["labels"]["tier"], found["annotations"]["note"]) == ("front", "hello")


def test_patch(up):
    up("patch", "deployment", "web", "-p", '{"spec":{"replicas":1}}')
    up("patch", "deployment", "web", "--type=json", "-p", '[{"op":"add","path":"/metadata/labels/x","value":"y"}]')
    found = json.loads(up("get", "deployment", "web", "-o", "json"))
    assert (found["spec"]["replicas"], found["metadata"]["labels"]["x"]) == (1, "y")


def test_logs(shell_up):
    assert shell_up("logs", "shell") == "line 1\nline 2\nline 3\n"
    assert shell_up("logs", "shell", "--tail=1") == "line 3\n"


def test_followed_logs(k):
    counting = """
apiVersion: v1
kind: Pod
metadata: {name: counting}
spec:
  restartPolicy: Never
  containers:
    - {name: c, image: "busybox:1.35", command: [sh, -c, "for i in 1 2 3 4; do echo $i; sleep 2; done"]}
"""
    k("apply", "-f", "-", stdin=counting)
    k("wait", "pod/counting", "--for=jsonpath={.status.phase}=Running", "--timeout=60s")
    assert k("logs", "-f", "counting") == "1\n2\n3\n4\n"


def test_exec(shell_up):
    assert shell_up("exec", "shell", "--", "echo", "hello") == "hello\n"
    assert shell_up("exec", "-i", "shell", "--", "cat", stdin="from here\n") == "from here\n"
    assert "exit code 3" in shell_up("exec", "shell", "--", "sh", "-c", "exit 3", code=3)


def test_wait_for_deletion(shell_up):
    assert shell_up("delete", "pod", "shell") == 'pod "shell" deleted from ' + shell_up.namespace + " namespace\n"
    assert names(shell_up, "pods") == []


def test_delete_takes_what_belongs_to_it(up):
    up("delete", "deployment", "web")
    up("wait", "pods", "-l", "app=web", "--for=delete", "--timeout=60s")
    assert names(up, "deploy,rs,pods") == []


def test_force_delete(shell_up):
    shell_up("delete", "pod", "shell", "--grace-period=0", "--force")
    assert names(shell_up, "pods") == []


def test_events(shell_up):
    said = shell_up("events", "--for", "pod/shell")
    assert [line.split()[2] for line in said.splitlines()[1:]] == ["Scheduled", "Pulled", "Created", "Started"]


def test_api_resources(k):
    lines = [line.split() for line in k("api-resources").splitlines()]
    assert ["pods", "po", "v1", "true", "Pod"] in lines
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in lines


def test_api_versions(k):
    assert {"v1", "apps/v1", "batch/v1"} <= set(k("api-versions").split())


def test_explain(k):
    said = k("explain", "pod.spec.restartPolicy")
    assert "FIELD: restartPolicy <string>" in said
    assert "ENUM:" in said or "Always" in said


def test_expose_by_manifest_and_endpoints(up):
    service = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9898}]}
"""
    up("apply", "-f", "-", stdin=service)
    up(
        "wait",
        "endpointslices",
        "-l",
        "kubernetes.io/service-name=web",
        "--for=jsonpath={.endpoints[1]}",
        "--timeout=60s",
    )
    assert up("describe", "service", "web").count(":9898") >= 2


def test_edit(up):
    edited = up.with_editor("sed -i 's/replicas: 2/replicas: 1/'")
    assert edited("edit", "deployment", "web") == "deployment.apps/web edited\n"
    assert up("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "1"
