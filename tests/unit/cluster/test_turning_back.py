"""Turning the embedded cluster's time back: what a replay of its journal brings, and what it refuses."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.observe.informer import Informer
from k8s_tutor.session import Session

VERSION = re.compile(r'resourceVersion: "(\d+)"')
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: {image}
        readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 1}}
        livenessProbe: {{exec: {{command: [test, "!", -e, /tmp/ill]}}, periodSeconds: 2, failureThreshold: 1}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
"""


def begin() -> Session:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda _: None)
    session.apply(WEB.format(replicas=2, image="nginx:1.22"))
    session.wait("deploy/web")
    return session


@pytest.fixture
def t(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("K8S_TUTOR_KUBECTL", "builtin")
    session = begin()
    yield session
    session.close()


def look(session: Session) -> str:
    """Everything there is, and what every container printed."""
    text = str(session.kubectl("get all,endpointslices,events -o yaml"))
    for pod in session.objects("pods"):
        try:
            text += str(session.logs(f"pod/{pod['metadata']['name']}"))
        except StatusError as error:
            text += error.what
    return text


def ranked(text: str) -> str:
    """Versions by their order: after a turn they go on above all that was ever given out."""
    order = {number: rank for rank, number in enumerate(sorted({int(one) for one in VERSION.findall(text)}))}
    return VERSION.sub(lambda found: f"resourceVersion: {order[int(found[1])]}", text)


def on_first(session: Session, command: str) -> None:
    pods = [pod for pod in session.objects("pods") if (pod["status"].get("phase") == "Running")]
    if pods:
        with suppress(TutorError):  # what kills its own container is told so; what counts is what comes of it
            session.exec(f"pod/{pods[0]['metadata']['name']}", ["sh", "-c", command])


DEEDS: dict[str, Callable[[Session], object]] = {
    "scale": lambda t: t.apply(WEB.format(replicas=3, image="nginx:1.22")),
    "roll out": lambda t: t.apply(WEB.format(replicas=2, image="nginx:1.23")),
    "broken roll-out": lambda t: t.apply(WEB.format(replicas=2, image="nginx:no-such-tag")),
    "fall ill": lambda t: on_first(t, "touch /tmp/ill; echo ill > /proc/1/fd/1; date >> /tmp/seen"),
    "kill": lambda t: on_first(t, "echo $RANDOM >> /tmp/x; kill 1"),
    "delete a Pod": lambda t: t.client.delete("pod", t.objects("pods")[0]["metadata"]["name"], t.namespace),
    "a moment": lambda t: t.cluster.clock.advance(0.7),
    "a while": lambda t: t.cluster.clock.advance(11),
}
deeds = st.lists(st.sampled_from(sorted(DEEDS)), max_size=4)


@settings(max_examples=4)
@given(past=deeds, future=deeds, on=st.floats(0, 12))
def test_what_is_turned_back_and_played_on_is_what_it_was(past: list[str], future: list[str], on: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("K8S_TUTOR_KUBECTL", "builtin")
        t = begin()
        time: Any = t.cluster.time  # type: ignore[attr-defined]
        for deed in past:
            DEEDS[deed](t)
        mark, then = time.mark(), look(t)
        t.cluster.clock.advance(on)  # type: ignore[attr-defined]
        later = look(t)
        for deed in future:
            DEEDS[deed](t)
        time.rewind(mark, lambda _: None)
        assert look(t) == then
        t.cluster.clock.advance(on)  # type: ignore[attr-defined]
        assert ranked(look(t)) == ranked(later)
        t.rewind(f"{on:.6f} s") if on > 0.001 else None
        t.close()


def test_the_other_future_goes_on_and_gives_out_no_version_twice(t: Session) -> None:
    t.cluster.clock.advance(5)  # type: ignore[attr-defined]
    t.delete("deploy/web")
    highest = int(t.client.list_with_version("pods", t.namespace)[1])
    t.rewind("4 s")
    assert t.get("deploy/web")
    t.play()
    t.apply(WEB.format(replicas=1, image="nginx:1.22"))
    t.wait("deploy/web", "1 of 1 pods ready")
    assert int(t.get("deploy/web")["metadata"]["resourceVersion"]) > highest


def test_it_says_what_is_forgotten_before_it_is(t: Session) -> None:
    said: list[str] = []
    t._tell = said.append
    t.cluster.clock.advance(5)  # type: ignore[attr-defined]
    t.kubectl("scale deploy/web --replicas=3")
    t.rewind("2 s")
    assert "with 1 requests that came after it" in said[-2]
    assert said[-1].startswith("‖ The cluster's time is paused")


def test_it_turns_back_to_just_before_an_event(t: Session) -> None:
    t.cluster.clock.advance(5)  # type: ignore[attr-defined]
    t.delete("deploy/web")
    t.cluster.clock.advance(40)  # type: ignore[attr-defined]
    assert not t.objects("pods")
    t.rewind("Killing")
    assert len(t.objects("pods")) == 2
    assert str(t.events()).count("Killing") == 1  # of the other Pod, a moment earlier


def test_it_turns_back_to_what_was_before_a_cell(t: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(execution_count=7)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    t._remember_cell()
    t.cluster.clock.advance(1)  # type: ignore[attr-defined]
    shell.execution_count = 8
    t._remember_cell()
    t.delete("svc/web")
    t.rewind("cell 7")
    assert t.get("svc/web")
    with pytest.raises(UsageError, match="before cell 8 is not known"):
        t.rewind("cell 8")


def test_who_watches_sees_the_turn(t: Session) -> None:
    t.cluster.clock.advance(3)  # type: ignore[attr-defined]
    with Informer(t.client, t.namespace, ("services",)) as informer:
        t.delete("svc/web")
        informer.sync()
        assert not any(one["metadata"]["name"] == "web" for one in informer.snapshot().objects)
        t.rewind("2 s")
        assert informer.sync()
        assert any(one["metadata"]["name"] == "web" for one in informer.snapshot().objects)


@pytest.mark.parametrize("way", ["a request from outside", "a Pod of the cluster"])
def test_functions_are_not_called_again_and_remember_what_they_did(t: Session, way: str) -> None:
    calls: list[str] = []

    @t.image("counter:1")
    def counter(request: Any) -> str:
        calls.append(request.path)
        request.memory["n"] = request.memory.get("n", 0) + 1
        return str(request.memory["n"])

    def ask() -> str:
        if way == "a Pod of the cluster":
            return str(t.exec("pod/client", f"wget -qO- http://{t.get('pod/c')['status']['podIP']}:8080/"))
        path = f"/api/v1/namespaces/{t.namespace}/pods/c:8080/proxy/"
        return bytes(t.client.api.send(Request("GET", path)).body).decode()

    assert counter
    pod = "{{apiVersion: v1, kind: Pod, metadata: {{name: {}}}, spec: {{containers: [{{name: c, image: '{}'{}}}]}}}}"
    t.apply(pod.format("c", "counter:1", ""))
    t.apply(pod.format("client", "busybox:1.36", ", command: [sleep, '3600']"))
    t.wait("pod/c")
    t.wait("pod/client")
    first = ask()
    mark = t.cluster.time.mark()  # type: ignore[attr-defined]
    second = ask()
    t.cluster.time.rewind(mark, lambda _: None)  # type: ignore[attr-defined]
    t.play()
    assert (first, second, ask(), len(calls)) == ("1", "2", "2", 3)


def test_webhooks_are_not_asked_again(t: Session) -> None:
    asked: list[str] = []

    def answer(_: Any, review: dict[str, Any]) -> bytes:
        request = review["request"]
        asked.append(request["resource"]["resource"])
        response = {"uid": request["uid"], "allowed": request["name"] != "no"}
        answered = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        return json.dumps(answered).encode()

    t.cluster.door._call_webhook = answer  # type: ignore[attr-defined]
    t.apply(HOOK)
    t.cluster.clock.advance(2)  # type: ignore[attr-defined]
    config = {"apiVersion": "v1", "kind": "ConfigMap"}
    t.client.create({**config, "metadata": {"name": "yes"}}, t.namespace)
    with pytest.raises(StatusError, match="denied"):
        t.client.create({**config, "metadata": {"name": "no"}}, t.namespace)
    t.kubectl("scale deploy/web --replicas=3")  # so that a controller's request has it asked, too
    t.cluster.clock.advance(3)  # type: ignore[attr-defined]
    t.delete("configmap/yes")
    t.cluster.clock.advance(1)  # type: ignore[attr-defined]
    t.rewind("1 s")
    assert asked == ["configmaps", "configmaps", "pods"]
    assert len(t.objects("pods")) == 3


HOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks:
- name: hook.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {url: "https://127.0.0.1:1/", caBundle: ""}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps, pods]}]
"""


def test_what_came_in_past_the_door_makes_it_refuse_and_leave_the_cluster_as_it_is(t: Session) -> None:
    t.cluster.clock.advance(3)  # type: ignore[attr-defined]
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "sly", "namespace": t.namespace}}
    t.cluster.kubernetes.handle(  # type: ignore[attr-defined]
        Request("POST", f"/api/v1/namespaces/{t.namespace}/configmaps", body=body)
    )
    t.kubectl("scale deploy/web --replicas=3")
    t.cluster.clock.advance(3)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="it stays as it is"):
        t.rewind("1 s")
    assert len(t.objects("pods")) == 3


@pytest.mark.parametrize("to", ["9 h", "Nonsense", "yesterday", "cell 99"])
def test_a_moment_that_is_none_is_refused_with_what_to_type(t: Session, to: str) -> None:
    with pytest.raises(UsageError) as caught:
        t.rewind(to)
    assert caught.value.why
    assert caught.value.next_step
