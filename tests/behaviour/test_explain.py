"""Every cause that `explain` knows, made for real: the cause it names, and each field on the way to it."""

from __future__ import annotations

import os
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.explain import explain
from k8s_tutor.session.pictures import logs_of, look
from tests import sample
from tests.behaviour.causes import SCHEDULING, STARTING, Cause
from tests.behaviour.causes_of_others import OTHERS, ROLLOUTS, SERVICES
from tests.behaviour.causes_of_running import RUNNING
from tests.behaviour.field_paths import resolves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_tutor.explain import Explanation
    from k8s_tutor.observe.snapshot import Snapshot
    from tests.behaviour.conftest import Environment

CAUSES = (*SCHEDULING, *STARTING, *RUNNING, *SERVICES, *ROLLOUTS, *OTHERS)
WITHIN = 90  # seconds of the cluster's time
_ON_REAL = CAUSES if os.environ.get(sample.EXPLAIN) == "all" else CAUSES[::8]
"""Every cause was seen on real Kubernetes; each run asks it about a sample."""


@pytest.fixture(autouse=True)
def _sampled(request: pytest.FixtureRequest) -> None:
    """Before a namespace is made."""
    params = request.node.callspec.params
    if params["env"] == "kind" and params["wanted"] not in _ON_REAL:
        pytest.skip("a sample of causes is asked of real Kubernetes; K8S_TUTOR_TEST_EXPLAIN=all asks for all")


def is_as_said(found: Explanation, wanted: Cause, namespace: str) -> bool:
    chain = [f"{step.ref}: {step.field}" for step in found.steps]
    patterns = [pattern.replace("NS", namespace) for pattern in wanted.fields]
    return (
        fits(str(found.cause), wanted.cause)
        and len(chain) >= len(patterns)
        and all(fits(one, pattern) for one, pattern in zip(chain, patterns, strict=False))
    )


def fits(text: str, pattern: str) -> bool:
    """`*` is anything; brackets are themselves."""
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def explain_until_so(env: Environment, wanted: Cause) -> tuple[Explanation, Snapshot]:
    """The explanation, and what it is of, as soon as it is as wanted; the last one when time is over."""
    deadline = env.clock.now() + WITHIN
    while True:
        _, version = env.client.list_with_version("events", env.namespace)
        seen = look(env.client, env.clock, env.namespace)
        found = explain(seen, wanted.ref, wanted.other, namespace=env.namespace, log=logs_of(env.client))
        if is_as_said(found, wanted, env.namespace) or env.clock.now() > deadline:
            return found, seen
        with env.client.watch("events", env.namespace, since=version) as watch:
            watch.next(1)


@pytest.fixture
def unheld(env: Environment) -> Iterator[Environment]:
    """Takes off what tests put on, so that the namespace can go."""
    yield env
    for kind in ("configmap", "pod"):
        for obj in env.client.list(kind, env.namespace):
            if "example.com/hold" in obj["metadata"].get("finalizers", []):
                env.client.patch(kind, obj["metadata"]["name"], {"metadata": {"finalizers": None}}, env.namespace)
    for node in env.client.list("nodes"):
        if (node.get("spec") or {}).get("unschedulable"):
            env.client.patch("nodes", node["metadata"]["name"], {"spec": {"unschedulable": None}})
    for obj in env.client.list("pods", env.namespace):
        with suppress(StatusError):  # gone by itself
            env.client.delete("pods", obj["metadata"]["name"], env.namespace, grace_seconds=0)


@pytest.mark.parametrize("wanted", CAUSES, ids=lambda cause: cause.name)
def test_the_cause_is_named_with_each_field_on_the_way(
    unheld: Environment, wanted: Cause, request: pytest.FixtureRequest
) -> None:
    env = unheld
    if wanted.here_only and "kind" in request.node.callspec.id:
        pytest.skip("takes a minute of real time, or nodes that others use")
    env.apply(wanted.manifest)
    if wanted.act is not None:
        wanted.act(env)
    found, seen = explain_until_so(env, wanted)
    assert is_as_said(found, wanted, env.namespace), f"\n{found}"
    assert found.next_command.startswith("kubectl ")
    for step in found.steps:
        assert resolves(seen.by_uid[step.uid], step.field), step
