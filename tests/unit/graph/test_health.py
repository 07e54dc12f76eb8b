from __future__ import annotations

import pytest

from k8s_tutor.graph.build import build
from k8s_tutor.graph.model import LOOKS, Node, State
from k8s_tutor.language import say
from k8s_tutor.observe.snapshot import Snapshot


def card(snapshot: Snapshot, kind: str, name: str) -> Node:
    return next(node for node in build(snapshot).nodes if (node.kind, node.name) == (kind, name))


@pytest.mark.parametrize(
    ("name", "state", "word", "cause"),
    [
        ("web", State.GOOD, "Ready", None),
        ("pair", State.GOOD, "Running", None),
        ("once", State.DONE, "Completed", None),
        ("failing", State.FAILING, "Error", "exit code 7"),
        ("crash", State.FAILING, "Error", "exit code 1"),
        ("typo", State.FAILING, "ErrImagePull", "cannot pull ghcr.io/stefanprodan/podinfoo:6.9.2"),
        ("big", State.UNREADY, "Pending", "no node fits: 2 Insufficient cpu, 1 node(s) had untolerated taint(s)"),
        ("shop-758964bfdc-2cnhd", State.UNREADY, "Not ready", "readiness probe 503"),
    ],
)
def test_a_pod_says_how_it_is_and_why(unready: Snapshot, name: str, state: State, word: str, cause: str | None) -> None:
    health = card(unready, "Pod", name).health
    assert health.state is state
    assert say(health.word) == word
    assert (say(health.cause) if health.cause else None) == cause


def test_a_container_killed_by_its_liveness_probe_says_what_the_probe_got(seven: Snapshot) -> None:
    health = card(seven, "Pod", "sleepy").health
    assert say(health.word) == "CrashLoopBackOff"
    assert health.cause is not None
    assert say(health.cause) == "liveness probe 404"


@pytest.mark.parametrize(
    ("kind", "name", "state", "word"),
    [
        ("Deployment", "shop", State.UNREADY, "2 of 3 ready"),
        ("ReplicaSet", "shop-758964bfdc", State.UNREADY, "2 of 3 ready"),
        ("Service", "shop", State.UNREADY, "2 of 3 ready"),
        ("Service", "lonely", State.FAILING, "no endpoints"),
    ],
)
def test_what_stands_for_several_pods_counts_them(
    unready: Snapshot, kind: str, name: str, state: State, word: str
) -> None:
    health = card(unready, kind, name).health
    assert (health.state, say(health.word)) == (state, word)


def test_no_two_states_share_a_glyph_or_a_shape() -> None:
    assert len({look.glyph for look in LOOKS.values()}) == len(LOOKS) == len(State)
    assert len({look.shape for look in LOOKS.values()}) == len(LOOKS)


@pytest.mark.parametrize(("answer", "said"), [
    ("HTTP probe failed with statuscode: 500", "readiness probe 500"),
    ('Get "http://10.0.0.1:80/": dial tcp 10.0.0.1:80: connect: connection refused',
     "readiness probe: connection refused"),
    ('Get "http://10.0.0.1:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
     "readiness probe: no answer in time"),
    ("cat: can't open '/tmp/healthy': No such file or directory\n",
     "readiness probe: cat: can't open '/tmp/healthy': No such file or directory"),
])  # fmt: skip
def test_what_a_probe_answered_is_said_shortly(answer: str, said: str) -> None:
    container = {"name": "web", "readinessProbe": {}}
    status = {"phase": "Running", "containerStatuses": [{"name": "web", "ready": False, "state": {"running": {}}}]}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "web", "uid": "u"},
        "spec": {"containers": [container]},
        "status": status,
    }
    event = {
        "kind": "Event", "metadata": {"name": "e", "uid": "e"}, "involvedObject": {"uid": "u"}, "reason": "Unhealthy",
        "message": f"Readiness probe failed: {answer}",
    }  # fmt: skip
    (node,) = build(Snapshot([pod, event])).nodes
    assert node.health.cause is not None
    assert say(node.health.cause) == said
