"""Commands in a running container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import CommandResult, StatusError, exec_request

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

BOX = """
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: IMAGE, command: [sleep, "1000"]}]
"""


@pytest.fixture
def box(env: Environment) -> Environment:
    env.apply(BOX.replace("IMAGE", "busybox:1.35"))
    env.wait("pods", "box", lambda pod: pod.get("status", {}).get("phase") == "Running")
    return env


def run(env: Environment, *command: str, stdin: bytes = b"") -> CommandResult:
    path = env.client.kind("pods").path(env.namespace, "box", "exec")
    request = exec_request(path, list(command), "main", stdin=bool(stdin))
    return env.client.api.run(request, stdin=stdin)


def test_a_command_prints(box: Environment) -> None:
    ran = run(box, "sh", "-c", "echo out; echo err >&2")

    assert (ran.stdout, ran.stderr) == ("out\n", "err\n")
    assert ran.status["status"] == "Success"


def test_a_command_that_fails_tells_its_code(box: Environment) -> None:
    ran = run(box, "sh", "-c", "exit 3")

    assert ran.status["status"] == "Failure"
    assert ran.status["reason"] == "NonZeroExitCode"
    assert ran.status["message"] == "command terminated with non-zero exit code: command terminated with exit code 3"
    assert ran.status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


def test_a_command_that_is_not_there(box: Environment) -> None:
    ran = run(box, "nosuch")

    assert ran.status["status"] == "Failure"
    assert ran.status["reason"] == "InternalError"
    assert ran.status["message"].endswith('exec: "nosuch": executable file not found in $PATH: unknown')
    assert (
        "error executing command in container: failed to exec in container: failed to start exec"
        in ran.status["message"]
    )


def test_input_reaches_a_command(box: Environment) -> None:
    assert run(box, "wc", "-c", stdin=b"hello").stdout == "5\n"


def test_what_one_command_writes_the_next_one_reads(box: Environment) -> None:
    run(box, "sh", "-c", "echo kept > /tmp/x")

    assert run(box, "cat", "/tmp/x").stdout == "kept\n"


def test_a_pod_knows_its_own_name_and_address(box: Environment) -> None:
    address = box.get("pods", "box")["status"]["podIP"]

    assert run(box, "hostname").stdout == "box\n"
    assert f"{address}\tbox\n" in run(box, "cat", "/etc/hosts").stdout
    assert run(box, "sh", "-c", "echo $KUBERNETES_SERVICE_HOST").stdout == "10.96.0.1\n"
    search = f"search {box.namespace}.svc.cluster.local svc.cluster.local cluster.local\n"
    assert run(box, "cat", "/etc/resolv.conf").stdout.startswith(search)


def test_a_container_that_does_not_run_cannot_be_entered(env: Environment) -> None:
    env.apply(BOX.replace("IMAGE", "Nginx:1.22"))
    env.wait_event("pods", "box", "InspectFailed")

    with pytest.raises(StatusError) as refused:
        run(env, "ls")

    assert refused.value.code == 500
    assert 'container not found ("main")' in refused.value.what


NAMED = """
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 1
  hostname: mail
  subdomain: post
  hostAliases:
    - {ip: 192.0.2.3, hostnames: [left, right]}
    - {ip: 192.0.2.4, hostnames: [far]}
  dnsConfig:
    nameservers: [192.0.2.1]
    searches: [example.com, cluster.local]
    options: [{name: ndots, value: "2"}, {name: debug}]
  containers: [{name: main, image: "busybox:1.35", command: [sleep, "1000"]}]
"""


def test_a_pod_says_itself_how_it_finds_names(env: Environment) -> None:
    env.apply(NAMED)
    env.wait("pods", "box", lambda pod: pod.get("status", {}).get("phase") == "Running")
    own = f"{env.namespace}.svc.cluster.local"

    written = run(env, "cat", "/etc/hosts", "/etc/resolv.conf").stdout

    assert f"\tmail.post.{own}\tmail\n\n# Entries added by HostAliases.\n192.0.2.3\tleft\tright\n" in written
    assert written.endswith(
        f"192.0.2.4\tfar\nsearch {own} svc.cluster.local cluster.local example.com\n"
        "nameserver 10.96.0.10\nnameserver 192.0.2.1\noptions ndots:2 debug\n"
    )


def test_a_pod_may_ask_nobody_in_the_cluster(env: Environment) -> None:
    nobody = "dnsPolicy: None\n  dnsConfig: {nameservers: [192.0.2.1]}\n  containers:"
    env.apply(BOX.replace("IMAGE", "busybox:1.35").replace("containers:", nobody))
    env.wait("pods", "box", lambda pod: pod.get("status", {}).get("phase") == "Running")

    assert run(env, "cat", "/etc/resolv.conf").stdout == "nameserver 192.0.2.1\n"
