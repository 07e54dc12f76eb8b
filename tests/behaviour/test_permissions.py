"""Users, groups, modes and capabilities of containers, as the official task on security contexts shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import Request, exec_request

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

DEMO = """
apiVersion: v1
kind: Pod
metadata: {name: demo}
spec:
  terminationGracePeriodSeconds: 1
  securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000]}
  volumes:
  - {name: work, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory}}
  - {name: secret, secret: {secretName: key, defaultMode: 0400}}
  - {name: config, configMap: {name: words, items: [{key: a, path: sub/a, mode: 0600}]}}
  containers:
  - name: main
    image: busybox:1.35
    command: [sleep, "1000"]
    volumeMounts:
    - {name: work, mountPath: /data/demo}
    - {name: memory, mountPath: /memory}
    - {name: secret, mountPath: /secret}
    - {name: config, mountPath: /config}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {k: hidden}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {a: one}
"""
PLAIN = """
apiVersion: v1
kind: Pod
metadata: {name: demo}
spec:
  terminationGracePeriodSeconds: 1
  restartPolicy: Never
  SHARED
  containers: [{name: main, image: IMAGE, securityContext: {OWN}, COMMAND volumeMounts: MOUNTS}]
  volumes: VOLUMES
"""
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


def phase(*words: str):
    return lambda pod: pod.get("status", {}).get("phase") in words


def run(env: Environment, script: str) -> tuple[str, str]:
    """What a script prints in the pod's container, on both streams."""
    path = env.client.kind("pods").path(env.namespace, "demo", "exec")
    ran = env.client.api.run(exec_request(path, ["sh", "-c", script], "main"))
    return ran.stdout, ran.stderr


def plain(env: Environment, own: str = "", shared: str = "", image: str = "busybox:1.35", **more: str) -> None:
    command = 'command: [sleep, "1000"],' if image.startswith("busybox") else ""
    filled = {"OWN": own, "SHARED": shared, "IMAGE": image, "COMMAND": more.get("command", command)}
    filled |= {"MOUNTS": more.get("mounts", "[]"), "VOLUMES": more.get("volumes", "[]")}
    text = PLAIN
    for word, value in filled.items():
        text = text.replace(word, value)
    env.apply(text)


@pytest.fixture
def demo(env: Environment) -> Environment:
    secret_and_config = DEMO.split("---")
    env.apply("---".join((*secret_and_config[1:], secret_and_config[0])))
    env.wait("pods", "demo", phase("Running"))
    return env


def test_processes_run_as_the_pod_says(demo: Environment) -> None:
    assert run(demo, "id -u; id -g; id -G") == ("1000\n3000\n3000 2000 4000\n", "")
    assert run(demo, "id")[0] == "uid=1000 gid=3000 groups=2000,3000,4000\n"
    assert run(demo, "whoami")[1] == "whoami: unknown uid 1000\n"


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("stat -c '%A %u %g' /data/demo", "drwxrwsrwx 0 2000\n"),
        ("stat -c '%A %u %g' /memory", "drwxrwsrwt 0 2000\n"),
        ("cd /data/demo; echo hello > testfile; stat -c '%A %u %g' testfile", "-rw-r--r-- 1000 2000\n"),
        ("cd /data/demo; mkdir d; stat -c '%A %u %g' d", "drwxr-sr-x 1000 2000\n"),
        ("cd /data/demo; umask 027; touch f; stat -c '%a' f", "640\n"),
        ("touch /tmp/f; stat -c '%u %g' /tmp/f", "1000 3000\n"),
        ("stat -L -c '%a %u %g' /secret/k", "440 0 2000\n"),
        ("stat -L -c '%a %u %g' /config/sub/a", "640 0 2000\n"),
        (f"stat -L -c '%a %u %g' {TOKEN}", "640 1000 2000\n"),
        ("cat /secret/k", "hidden"),
        ("[ -d /data ] && echo yes; stat -c '%A %u' /data", "yes\ndrwxr-xr-x 0\n"),
        ("cd /proc/1; grep -E '^Cap(Prm|Eff)' status", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"),
        ("cd /proc/1; grep -E '^[UG]id' status", "Uid:\t1000\t1000\t1000\t1000\nGid:\t3000\t3000\t3000\t3000\n"),
    ],
)
def test_its_files_are_the_users_and_its_volumes_the_groups(demo: Environment, script: str, printed: str) -> None:
    assert run(demo, script) == (printed, "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo a > /etc/x", "sh: can't create /etc/x: Permission denied\n"),
        ("touch /etc/x", "touch: /etc/x: Permission denied\n"),
        ("mkdir /x", "mkdir: can't create directory '/x': Permission denied\n"),
        ("chown 0 /data/demo", "chown: /data/demo: Operation not permitted\n"),
        ("echo a > /config/b", "sh: can't create /config/b: Read-only file system\n"),
    ],
)
def test_what_a_user_may_not_do(demo: Environment, script: str, words: str) -> None:
    assert run(demo, script) == ("", words)


def test_a_read_only_root_leaves_volumes_as_they_are(env: Environment) -> None:
    mounts, volumes = "[{name: work, mountPath: /scratch}]", "[{name: work, emptyDir: {}}]"
    plain(env, "readOnlyRootFilesystem: true", mounts=mounts, volumes=volumes)
    env.wait("pods", "demo", phase("Running"))

    assert run(env, "echo a > /tmp/x")[1] == "sh: can't create /tmp/x: Read-only file system\n"
    assert run(env, "touch /etc/x")[1] == "touch: /etc/x: Read-only file system\n"
    assert run(env, "echo a > /scratch/x; cat /scratch/x; echo b > /dev/termination-log") == ("a\n", "")


def test_root_without_capabilities_is_a_user_like_others(env: Environment) -> None:
    plain(env, 'capabilities: {drop: ["ALL"]}')
    env.wait("pods", "demo", phase("Running"))

    assert run(env, "touch /tmp/f; chown 1000 /tmp/f")[1] == "chown: /tmp/f: Operation not permitted\n"
    assert run(env, "grep CapBnd /proc/1/status")[0] == "CapBnd:\t0000000000000000\n"


def test_capabilities_are_added_by_name(env: Environment) -> None:
    plain(env, 'capabilities: {drop: ["ALL"], add: ["NET_ADMIN", "SYS_TIME"]}, allowPrivilegeEscalation: false')
    env.wait("pods", "demo", phase("Running"))

    assert run(env, "grep -E 'CapPrm|NoNewPrivs' /proc/1/status")[0] == "CapPrm:\t0000000002001000\nNoNewPrivs:\t1\n"


def test_a_token_is_for_the_pods_user_alone(env: Environment) -> None:
    plain(env, shared="securityContext: {runAsUser: 1000}")
    env.wait("pods", "demo", phase("Running"))

    assert run(env, f"stat -L -c '%a %u %g' {TOKEN}; id -g") == ("600 1000 0\n0\n", "")


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ("runAsUser: 1000", "13: Permission denied"),
        ("readOnlyRootFilesystem: true", "30: Read-only file system"),
    ],
)
def test_nginx_needs_what_it_is_not_given(env: Environment, own: str, why: str) -> None:
    plain(env, own, image="nginx:1.22")
    pod = env.wait("pods", "demo", phase("Failed"))

    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 1
    log = env.client.api.send(Request("GET", f"/api/v1/namespaces/{env.namespace}/pods/demo/log")).body
    text = log.decode() if isinstance(log, bytes) else str(log)
    # Where it keeps what it receives differs from image to image.
    assert re.search(rf'\[emerg\] (1#1: )?mkdir\(\) "/var/\S+" failed \({re.escape(why)}\)$', text.splitlines()[-1])


@pytest.mark.parametrize(("mode", "words"), [("0755", ""), ("0644", "permission denied")])
def test_a_mounted_script_needs_the_mode_to_run(env: Environment, mode: str, words: str) -> None:
    env.apply("""
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data: {hello: "#!/bin/sh\\nexit 0\\n"}
""")
    volumes = f"[{{name: s, configMap: {{name: scripts, defaultMode: {mode}}}}}]"
    mounts = "[{name: s, mountPath: /scripts}]"
    plain(env, command="command: [/scripts/hello],", mounts=mounts, volumes=volumes)

    pod = env.wait("pods", "demo", phase("Succeeded", "Failed"))

    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == ((128, "StartError") if words else (0, "Completed"))
    assert words in ended.get("message", "")


def test_a_claims_directory_is_for_everybody(env: Environment) -> None:
    env.apply("""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
""")
    volumes = "[{name: d, persistentVolumeClaim: {claimName: data}}]"
    plain(env, "runAsUser: 1000", mounts="[{name: d, mountPath: /data}]", volumes=volumes)
    env.wait("pods", "demo", phase("Running"), timeout=120)

    assert run(env, "echo a > /data/x; stat -c '%a %u' /data/x; stat -c '%a %u' /data") == ("644 1000\n777 0\n", "")
