"""Pictures byte for byte, twins line by line. `UPDATE_GOLDEN=1 pytest …` writes them anew: then look at them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.api.runs import Act, Fact, Run
from k8s_tutor.graph.build import build
from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import Failure, Reply, Traffic, Via
from k8s_tutor.render.flow import traffic_picture
from k8s_tutor.render.picture import Picture, picture
from k8s_tutor.render.steps import run_picture
from k8s_tutor.render.timeline import draw_timeline
from tests.unit.graph.test_placement import node as machine
from tests.unit.graph.test_placement import pending
from tests.unit.graph.test_placement import pod as small

GOLDEN = Path(__file__).parent / "golden"


def compare(found: Picture, name: str) -> None:
    for suffix, text in ((".svg", found.svg), (".txt", found.alt_text + "\n")):
        path = GOLDEN / f"{name}{suffix}"
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs"


@pytest.mark.parametrize(
    ("name", "focus", "lens"),
    [
        ("pod", "pod/web", "default"),
        ("pod-two-containers", "pod/pair", "default"),
        ("pod-crashing", "pod/crash", "default"),
        ("pod-too-large", "pod/big", "default"),
        ("pod-missing", "pod/nobody", "default"),
        ("deployment", "deploy/shop", "default"),
        ("service", "service/shop", "default"),
        ("service-lonely", "service/lonely", "default"),
        ("namespace", "", "default"),
        ("traffic", "service/front", "traffic"),
        ("placement", "", "placement"),
    ],
)
def test_a_picture_is_the_same_to_the_byte(unready: Snapshot, name: str, focus: str, lens: str) -> None:
    compare(picture(build(unready, focus, lens)), name)


def test_where_pods_are_and_who_is_on_no_node() -> None:
    message = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."
    objects = [
        machine("control-plane", {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}),
        machine("worker", labels={"disk": "ssd"}),
        machine("worker2", unschedulable=True),
        *(small(f"web-{number}", on="worker") for number in range(2)),
        small("dns", on="worker2", namespace="kube-system"),
        pending("big", message),
    ]
    compare(picture(build(Snapshot(objects, namespace="shop"), lens="placement")), "placement-pending")


def test_a_rollout_is_the_same_to_the_byte(moving: Snapshot, stuck: Snapshot) -> None:
    compare(picture(build(moving, "deploy/web", "rollout")), "rollout-moving")
    compare(picture(build(stuck, "deploy/web", "rollout")), "rollout-stuck")


def test_seven_pods_make_one_card(seven: Snapshot) -> None:
    compare(picture(build(seven, "service/shop")), "service-folded")


def test_an_empty_namespace_has_a_picture_too() -> None:
    compare(picture(build(Snapshot(namespace="demo"))), "empty")


@pytest.mark.parametrize("name", ["web", "pair", "once", "crash"])
def test_a_life_is_the_same_to_the_byte(recorded: Callable[[str], Recording], name: str) -> None:
    compare(draw_timeline(recorded(name), f"pod/{name}"), f"life-{name}")


@pytest.mark.parametrize("name", ["pair", "big"])
def test_an_anatomy_is_the_same_to_the_byte(unready: Snapshot, name: str) -> None:
    compare(picture(build(unready, f"pod/{name}", "anatomy")), f"anatomy-{name}")


def spread(focus: str, pods: list[str], failures: list[Failure] | None = None) -> Traffic:
    answers = [Reply(number, pod=pod) for number, pod in enumerate(pods, 1)]
    answers += [
        Reply(number, failure=failure, code=0) for number, failure in enumerate(failures or [], len(answers) + 1)
    ]
    return Traffic(focus, "http://shop.demo:80/", Via.SERVICE, 80, tuple(answers), len(answers))


def test_requests_as_bars_and_dots(unready: Snapshot) -> None:
    pods = ["shop-758964bfdc-d77pv"] * 31 + ["shop-758964bfdc-pff6n"] * 29
    compare(traffic_picture(unready, spread("service/shop", pods)), "requests")


def test_requests_to_a_port_where_nobody_listens(unready: Snapshot) -> None:
    compare(traffic_picture(unready, spread("service/shop", [], [Failure.REFUSED] * 6)), "requests-refused")


def test_requests_to_nobody(unready: Snapshot) -> None:
    compare(traffic_picture(unready, spread("service/lonely", [], [Failure.REFUSED] * 6)), "requests-lonely")


def test_a_run_of_a_controller_is_the_same_to_the_byte() -> None:
    observed = (Fact("wanted", "3 members"), Fact("running", "db-0, db-2"))
    analysis = ("− db-1 is missing", "= db-0, db-2 stay")
    acts = (Act("etcd: remove member db-1"), Act("Kubernetes: create Pod db-1"))
    runs = [
        Run(1, "EtcdCluster db created", acts=(Act("create Pod db-0", "forbidden"),)),
        Run(2, "Pod db-0 changed", times=2),
        Run(4, "Pod db-1 deleted", observed, "spec.size · member list", analysis, "2 of 3: quorum holds", acts),
        Run(5),
    ]
    compare(run_picture("EtcdCluster db", runs), "run")
