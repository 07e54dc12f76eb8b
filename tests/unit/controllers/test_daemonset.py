"""DaemonSets: one on each node that takes it."""

from __future__ import annotations

from typing import Any

from k8s_tutor.objects.types import Obj

EVERYWHERE: Obj = {"tolerations": [{"operator": "Exists"}]}


def daemon_set(image: str = "nginx", pod: Obj | None = None, **rolling: Any) -> Obj:
    spec = {"containers": [{"name": "c", "image": image}], **(pod or {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent", "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": {"metadata": {"labels": {"app": "agent"}}, "spec": spec},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        },
    }


def put(play: Any, obj: Obj) -> None:
    """Creates it, or gives it another spec."""
    there = play.get("ds", obj["metadata"]["name"])
    if there is None:
        play.apply(obj)
    else:
        play.local.patch(there, {"spec": obj["spec"]})


def where(play: Any) -> list[tuple[str, str]]:
    return sorted((pod["spec"].get("nodeName", ""), pod["spec"]["containers"][0]["image"]) for pod in play.list("pods"))


def test_one_on_each_node_whose_taints_it_tolerates(play: Any) -> None:
    put(play, daemon_set())
    play.run(5)
    assert where(play) == [("worker", "nginx"), ("worker2", "nginx")]
    assert play.get("ds", "agent")["status"] == {
        "currentNumberScheduled": 2,
        "desiredNumberScheduled": 2,
        "numberAvailable": 2,
        "numberMisscheduled": 0,
        "numberReady": 2,
        "observedGeneration": 1,
        "updatedNumberScheduled": 2,
    }


def test_everywhere(play: Any) -> None:
    put(play, daemon_set(pod=EVERYWHERE))
    play.run(5)
    assert [node for node, _ in where(play)] == ["control-plane", "worker", "worker2"]


def test_a_new_node_gets_one_and_a_label_decides(play: Any) -> None:
    put(play, daemon_set(pod={"nodeSelector": {"disk": "fast"}}))
    play.run(5)
    assert where(play) == []
    play.local.patch(play.get("nodes", "worker2", ""), {"metadata": {"labels": {"disk": "fast"}}})
    play.run(5)
    assert [node for node, _ in where(play)] == ["worker2"]
    play.local.patch(play.get("nodes", "worker2", ""), {"metadata": {"labels": {"disk": None}}})
    play.run(5)
    assert where(play) == []


def test_a_cordon_does_not_send_it_away(play: Any) -> None:
    put(play, daemon_set())
    play.run(5)
    play.local.patch(play.get("nodes", "worker", ""), {"spec": {"unschedulable": True}})
    play.run(5)
    assert len(where(play)) == 2


def test_a_new_template_goes_node_by_node(play: Any) -> None:
    put(play, daemon_set())
    play.run(5)
    play.ready = lambda pod: False
    put(play, daemon_set("busybox"))
    play.run(30)
    assert sorted(image for _, image in where(play)) == ["busybox", "nginx"]
    play.ready = lambda pod: True
    assert play.get("ds", "agent")["status"]["numberUnavailable"] == 1


def test_with_surge_the_old_one_stays_until_the_new_one_is_there(play: Any) -> None:
    surge = {"maxSurge": 1, "maxUnavailable": 0}
    put(play, daemon_set(**surge))
    play.run(5)
    play.ready = lambda pod: False
    put(play, daemon_set("busybox", **surge))
    play.run(30)
    assert [image for _, image in where(play)].count("nginx") == 2
    assert len(where(play)) == 3


def test_the_template_is_counted(play: Any) -> None:
    for image in ("one", "two"):
        put(play, daemon_set(image))
        play.run(30)
    notes = play.get("ds", "agent")["metadata"]["annotations"]
    assert notes == {"deprecated.daemonset.template.generation": "2"}
    assert sorted(row["revision"] for row in play.list("controllerrevisions")) == [1, 2]
