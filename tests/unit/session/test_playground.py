"""The playground without a page: what each control does, the line it stands for, and what is undone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from k8s_tutor.api.cluster import Feature
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.control import PaceClock
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.language.choice import use_language
from k8s_tutor.observe.traffic import Failure, Reply, Tally, Traffic, Via
from k8s_tutor.session import Session
from k8s_tutor.session.deeds import SHELF, Aim, aim, command
from k8s_tutor.session.playground import Playground
from k8s_tutor.session.traffic_routes import Stream

pytest.importorskip("anywidget")

WORKER = "k8s-tutor-worker"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def t(said: list[str]) -> Iterator[Session]:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=said.append)
    yield session
    session.close()


@pytest.fixture
def player(t: Session) -> Playground:
    return open_playground(t)


@pytest.fixture
def web(t: Session, player: Playground) -> Playground:
    """The web application runs."""
    assert player.act("put", "web").state == "done"
    t.wait("deploy/web", "rolled out")
    return player


def open_playground(t: Session, seed: int = 0) -> Playground:
    return cast("Playground", t.playground(seed)._player)


def uid(t: Session, ref: str) -> str:
    return str(t.get(ref)["metadata"]["uid"])


def ready(t: Session) -> list[str]:
    pods = t.objects("pods", labels="app=web")
    states = {pod["metadata"]["name"]: pod["status"].get("conditions", []) for pod in pods}
    return [
        name
        for name, rows in states.items()
        if {"Ready": "True"}.items() <= {r["type"]: r["status"] for r in rows}.items()
    ]


def look(t: Session) -> dict[str, Any]:
    """What one sees of the cluster in few words."""
    deployment: Any = next(iter(t.objects("deployments")), {})
    spec = deployment.get("spec", {})
    images = [one["image"] for one in spec.get("template", {}).get("spec", {}).get("containers", ())]
    closed = [one["metadata"]["name"] for one in t.objects("nodes") if one["spec"].get("unschedulable")]
    return {"replicas": spec.get("replicas"), "images": images, "closed": closed}


# ---- the controls


def test_it_has_a_namespace_of_its_own_and_leads_back_to_the_lesson(t: Session, said: list[str]) -> None:
    t.lesson("pods")
    t.playground()
    assert t.namespace == "lesson-playground"
    t.leave()
    assert t.namespace == "lesson-pods"
    assert "Namespace lesson-playground and everything in it is gone." in said


@pytest.mark.parametrize("name", SHELF)
def test_an_example_of_the_shelf_is_put_on_the_cluster(t: Session, player: Playground, name: str) -> None:
    line = player.act("put", name)
    assert (line.said, line.state) == ("kubectl apply -f -", "done")
    assert f"{name} created" in line.answer
    again = t.kubectl("apply -f -", stdin=line.stdin)  # the very line, typed
    assert "created" not in again


@pytest.mark.parametrize(
    ("name", "trouble"),
    [("misprint", "ImagePullBackOff"), ("giant", "Pending"), ("crash", "Error"), ("everywhere", "Running")],
)
def test_each_example_shows_what_its_title_says(t: Session, player: Playground, name: str, trouble: str) -> None:
    player.act("put", name)
    assert any(trouble in words_of(t, name) for _ in range(30))


def words_of(t: Session, app: str) -> set[str]:
    """What the Pods of an application say a second later: their phases, and why their containers do not run."""
    let_pass(t, 1)
    pods = t.objects("pods", labels=f"app={app}")
    rows = [row for pod in pods for row in pod["status"].get("containerStatuses", [])]
    states = [state for row in rows for state in row["state"].values()]
    return {state.get("reason", "") for state in states} | {pod["status"]["phase"] for pod in pods}


def let_pass(t: Session, seconds: float) -> None:
    cast("PaceClock", t.cluster.clock).advance(seconds)


@pytest.mark.parametrize(
    ("deed", "value", "changed"),
    [
        ("scale", 1, {"replicas": 4}),
        ("scale", -1, {"replicas": 2}),
        ("scale", 100, {"replicas": 12}),
        ("scale", -100, {"replicas": 0}),
        ("roll", None, {"images": ["ghcr.io/stefanprodan/podinfo:6.9.2"]}),
        ("cordon", None, {"closed": [WORKER]}),
        ("drain", None, {"closed": [WORKER]}),
    ],
)
def test_a_control_does_what_its_line_does(
    t: Session, web: Playground, deed: str, value: int | None, changed: dict[str, Any]
) -> None:
    before = look(t)
    line = web.act(deed, value)
    assert line.state == "done", line.answer
    assert look(t) == before | changed
    undo(t, before)
    t.kubectl(line.said.removeprefix("kubectl "))
    assert look(t) == before | changed


def undo(t: Session, before: dict[str, Any]) -> None:
    t.kubectl(f"scale deployment/web --replicas={before['replicas']}")
    t.kubectl(f"set image deployment/web podinfo={before['images'][0]}")
    t.kubectl(f"uncordon {WORKER}")
    assert look(t) == before


def test_a_pod_is_killed_and_another_takes_its_place(t: Session, web: Playground) -> None:
    victim = ready(t)[1]
    line = web.act("kill", picked=uid(t, f"pod/{victim}"))
    assert line.said == f"kubectl delete pod {victim} --wait=false"
    t.wait(f"pod/{victim}", "deleted")
    t.wait("deploy/web", "rolled out")
    assert len(ready(t)) == 3


def test_readiness_is_broken_and_mended(t: Session, web: Playground) -> None:
    pod = ready(t)[0]
    picked = uid(t, f"pod/{pod}")
    broken = web.act("readiness", picked=picked)
    assert broken.said == f"kubectl exec {pod} -- wget -qO- --post-data= http://localhost:9898/readyz/disable"
    t.wait(f"pod/{pod}", "Ready=False")
    assert web.act("readiness", picked=picked).said.endswith("/readyz/enable")
    t.wait(f"pod/{pod}", "Ready")
    t.kubectl(broken.said.removeprefix("kubectl "))
    t.wait(f"pod/{pod}", "Ready=False")


def test_a_node_is_unplugged_and_plugged_in(t: Session, player: Playground) -> None:
    assert player.act("switch").said == f't.switch_node("node/{WORKER}", on=False)'
    t.wait(f"node/{WORKER}", "Ready=Unknown")
    assert player.act("switch").said == f't.switch_node("node/{WORKER}", on=True)'
    t.wait(f"node/{WORKER}", "Ready")


def test_the_picked_node_is_meant_and_the_node_of_a_picked_pod(t: Session, web: Playground) -> None:
    other = f"{WORKER}2"
    assert web.act("cordon", picked=uid(t, f"node/{other}")).said == f"kubectl cordon {other}"
    pod = next(one for one in t.objects("pods", labels="app=web") if one["spec"]["nodeName"] == other)
    assert web.act("cordon", picked=pod["metadata"]["uid"]).said == f"kubectl uncordon {other}"


def test_the_same_seed_takes_the_same_pod(t: Session, web: Playground) -> None:
    chosen = {seed: aim_of(t, f"{seed}/0").pod for seed in range(20)}
    assert chosen == {seed: aim_of(t, f"{seed}/0").pod for seed in range(20)}
    assert set(chosen.values()) == set(ready(t))


def aim_of(t: Session, chance: str) -> Aim:
    from k8s_tutor.observe.snapshot import take_snapshot  # noqa: PLC0415

    return aim(take_snapshot(t.client, t.namespace), chance=chance)


def test_time_stands_still_steps_goes_on_and_is_turned_back(t: Session, player: Playground) -> None:
    let_pass(t, 5)
    player.act("put", "web")
    assert [player.act(deed).said for deed in ("pause", "step")] == ["t.pause()", "t.step()"]
    assert player.act("play", 2).said == "t.play(speed=2)"
    back = player.act("rewind")
    assert back.said.startswith('t.rewind("')
    assert t.objects("deployments") == []
    assert player.act("play", 1).said == "t.play()"


def test_time_is_not_turned_back_to_before_the_playground(player: Playground) -> None:
    assert player.act("rewind").answer == "Nothing has happened here yet that could be turned back."


def test_emptied_it_is_as_at_the_beginning(t: Session, web: Playground) -> None:
    assert web.act("clear").said == "t.reset()"
    assert t.objects("deployments") == []
    assert t.objects("services") == []


# ---- what it refuses


@pytest.mark.parametrize("deed", ["scale", "roll", "readiness", "kill"])
def test_where_there_is_nothing_a_control_says_what_to_do_first(player: Playground, deed: str) -> None:
    line = player.act(deed)
    assert line.state == "failed"
    assert line.answer.endswith("Put an example on the cluster first.")


def test_what_the_cluster_refuses_it_says_in_its_own_words(t: Session, web: Playground) -> None:
    node = t.get(f"node/{WORKER}")
    t.kubectl(f"delete node {WORKER} {WORKER}2")
    line = web.act("cordon", picked=node["metadata"]["uid"])
    assert line.state in ("failed", "done")
    t.leave()
    web.act("put", "web")
    assert 'namespaces "lesson-playground" not found' in web.lines[-1].answer


def test_a_control_that_there_is_not_is_no_traceback(player: Playground) -> None:
    assert player.act("put", "cake").answer == "The playground has no control 'put cake'."


def test_nodes_of_others_are_left_alone(t: Session, player: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    features = t.cluster.features - {Feature.SWITCHES_NODES, Feature.MOVES_TIME}
    monkeypatch.setattr(type(t.cluster), "features", property(lambda _: features))
    alone = "The nodes of this cluster are left alone: others may need them."
    assert {player.act(deed).answer for deed in ("cordon", "drain", "switch")} == {alone}
    assert player.act("pause").answer.startswith("The time of this cluster cannot be paused")
    state = player.describe(player._look())
    assert (state["node"]["why"], bool(state["time"]["why"])) == (alone, True)


def test_an_image_without_another_version_is_not_rolled_out() -> None:
    from k8s_tutor.errors import UsageError  # noqa: PLC0415

    with pytest.raises(UsageError, match="no other version of redis:7"):
        command("roll", None, Aim(deployment="db", image="redis:7", container="redis"))


# ---- the end


def test_closing_puts_the_nodes_right_and_says_so(t: Session, player: Playground, said: list[str]) -> None:
    player.act("cordon")
    player.act("switch", picked=uid(t, f"node/{WORKER}2"))
    player.close()
    player.close()
    assert look(t)["closed"] == []
    right = f't.switch_node("node/{WORKER}2", on=True), kubectl uncordon {WORKER}'
    assert said.count(f"The playground has put the nodes right again: {right}") == 1


@pytest.mark.parametrize("way", ["leave", "lesson", "playground", "close"])
def test_whoever_goes_on_leaves_no_node_cordoned(t: Session, player: Playground, said: list[str], way: str) -> None:
    player.act("cordon")
    getattr(t, way)(*(["pods"] if way == "lesson" else []))
    assert any(f"kubectl uncordon {WORKER}" in line for line in said)
    assert not player.stream.is_alive()


# ---- requests


def traffic(*pods: str) -> Traffic:
    replies = tuple(
        Reply(number, pod=pod, failure=None if pod else Failure.REFUSED) for number, pod in enumerate(pods, 1)
    )
    return Traffic("service/web", "http://web/", Via.SERVICE, 80, replies, len(pods))


def test_a_burst_counts_who_answered_and_what_was_lost(t: Session, web: Playground) -> None:
    assert web.stream.burst(20)
    tally = web.stream.tally
    assert tally.answered == 20
    assert set(tally.by_pod) == set(ready(t))
    t.kubectl("scale deployment/web --replicas=0")
    t.wait("deploy/web", "0 of 0 pods ready")
    web.stream.burst(3)
    assert tally.lost["refused"] > 0


def test_where_no_request_can_be_sent_it_says_why(player: Playground) -> None:
    assert not player.stream.burst(5)
    assert player.stream.trouble == "There is no service called 'web' in namespace lesson-playground."


def test_the_tally_does_not_grow_with_the_pods_that_come_and_go() -> None:
    tally = Tally()
    for number in range(1000):
        tally.add(traffic(*[f"web-{number}"] * 50))
    assert tally.answered == 50_000
    assert len(tally.by_pod) == 16
    assert len(tally.latest) <= 12


def test_requests_leave_next_to_nothing_behind(t: Session, web: Playground) -> None:
    import tracemalloc  # noqa: PLC0415

    def grown_by(bursts: int) -> int:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(bursts):
            web.stream.burst(25)
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        grown_by(5)
        assert grown_by(20) < 2_500_000  # 500 requests: the journal of 20 bursts, and what caches hold
    finally:
        tracemalloc.stop()


def test_a_stream_sends_until_it_is_told_to_stop() -> None:
    import threading  # noqa: PLC0415

    enough = threading.Event()
    sizes: list[int] = []

    def send(size: int) -> Traffic:
        sizes.append(size)
        if len(sizes) == 3:
            enough.set()
        return traffic(*["web"] * size)

    stream = Stream(send, lambda: None, lambda: False)
    stream.start()
    stream.set_rate(50)
    assert enough.wait(20)
    stream.stop()
    assert not stream.is_alive()
    assert set(sizes) == {25}


# ---- what is shown


def test_a_saved_notebook_shows_the_picture_and_the_lines(t: Session) -> None:
    widget = t.playground()
    cast("Playground", widget._player).act("put", "web")
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"].endswith("What you did, as one types it\n  kubectl apply -f -")
    assert "<img" in data["text/html"]
    assert "kubectl apply -f -" in data["text/html"]


def test_it_speaks_the_readers_language(t: Session) -> None:
    use_language("zh")
    try:
        widget = t.playground()
        assert (widget.words["drain"], widget.words["roll"]) == ("腾空", "上线 {image}")
        assert widget.state["traffic"]["why"] == "还没有 Service：先把网页应用放到集群上。"
    finally:
        use_language("")


def test_what_the_page_asks_for_is_done_in_another_thread_and_shown(t: Session) -> None:
    import threading  # noqa: PLC0415

    widget = t.playground()
    done = threading.Event()

    def seen(change: Any) -> None:
        if [line["state"] for line in change["new"]["log"]] == ["done"]:
            done.set()

    widget.observe(seen, "state")
    widget.deed = {"name": "put", "value": "web", "number": 1}
    assert done.wait(20)
    assert widget.state["log"][-1]["answer"] == "deployment.apps/web created\nservice/web created"
