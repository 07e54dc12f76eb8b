"""Programs without measure: killed at their container's limit, on a real cluster as on the embedded one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment


def run(env: Environment, script: str) -> tuple[Obj, str]:
    """How a container with 16 MiB ended that ran a script, and its log."""
    container = {
        "name": "c",
        "image": "busybox:1.35",
        "command": ["sh", "-c", script],
        "resources": {"limits": {"memory": "16Mi"}},
    }
    spec = {"restartPolicy": "Never", "containers": [container]}
    env.client.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}, env.namespace)
    pod = env.wait("pods", "p", lambda pod: pod.get("status", {}).get("phase") in ("Succeeded", "Failed"), 120)
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    return ended, env.client.logs("p", env.namespace)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("a=x; while :; do a=$a$a; done", id="doubled"),
        pytest.param('set -- x; while :; do set -- "$@" "$@"; done', id="arguments"),
    ],
)
def test_a_script_that_takes_more_and_more_is_killed(env: Environment, script: str) -> None:
    ended, _ = run(env, script)
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")


def test_a_stack_without_end_is_a_segmentation_fault(env: Environment) -> None:
    ended, log = run(env, "(f() { f; }; f); echo status $?; g() { g; }; g")
    assert (ended["exitCode"], ended["reason"]) == (139, "Error")
    assert log == "Segmentation fault (core dumped)\nstatus 139\n"


def test_numbers_of_the_shell_have_64_bits(env: Environment) -> None:
    _, log = run(env, "echo $((9223372036854775807+1)) $((4611686018427387904*4)) $((99999999999999999999)) $((1<<64))")
    assert log == "-9223372036854775808 0 0 1\n"


def test_a_long_line_is_read_whole(env: Environment) -> None:
    _, log = run(env, "printf '%040000d\\n' 0; echo end")
    assert log == "0" * 40000 + "\nend\n"
