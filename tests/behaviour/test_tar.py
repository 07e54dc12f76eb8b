"""`tar` in a container, which `kubectl cp` runs at the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import exec_request

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

BOX = """
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: busybox:1.35, command: [sleep, "1000"]}]
"""
SCRIPT = """
cd /tmp; mkdir -p t/s; echo one > t/a; echo two > t/s/b
tar cf x.tar t; tar tf x.tar | sort; mkdir o; tar xf x.tar -C o; cat o/t/s/b
tar xf x.tar -O t/a; tar czf y.tgz -C t s; tar tzf y.tgz
tar cf z.tar /tmp/t/a; tar tf z.tar
tar cf - nope >/dev/null; echo $?; tar xf nope.tar; echo $?; tar xf x.tar t/nope; echo $?
tar xf x.tar -C /nope; echo $?; tar xf /etc/passwd; echo $?
"""
OUT = "t/\nt/a\nt/s/\nt/s/b\ntwo\none\ns/\ns/b\ntmp/t/a\n" + "1\n" * 5
ERR = """\
tar: removing leading '/' from member names
tar: nope: No such file or directory
tar: error exit delayed from previous errors
tar: can't open 'nope.tar': No such file or directory
tar: t/nope: not found in archive
tar: can't change directory to '/nope': No such file or directory
tar: short read
"""


def test_archives_and_what_goes_wrong_with_them(env: Environment) -> None:
    env.apply(BOX)
    env.wait("pods", "box", lambda pod: pod.get("status", {}).get("phase") == "Running")
    path = env.client.kind("pods").path(env.namespace, "box", "exec")

    ran = env.client.api.run(exec_request(path, ["sh", "-c", SCRIPT], "main"))

    assert (ran.stdout, ran.stderr) == (OUT, ERR)
