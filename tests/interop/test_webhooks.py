"""Admission webhooks on loopback, over real HTTPS, called by the embedded cluster, and calling it back."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kopf
import pytest
import yaml

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from tests.interop.webhook_server import WebhookServer, patch, webhook_server

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj

GROUP = "admissionregistration.k8s.io/v1"


@dataclass
class Ground:
    """A cluster of its own and a server for its webhooks."""

    cluster: EmbeddedCluster
    client: Client
    hooks: WebhookServer

    def configure(self, kind: str, *hooks: dict[str, Any]) -> None:
        """Registers webhooks: `Validating` or `Mutating`."""
        body = {"apiVersion": GROUP, "kind": f"{kind}WebhookConfiguration", "metadata": {"name": kind.lower()}}
        self.client.create(body | {"webhooks": list(hooks)})

    def create(self, name: str = "c", **data: str) -> Obj:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        return self.client.create(body, "default")

    def over_http(self, method: str, path: str, body: Obj | None = None) -> Obj:
        """A request as another program sends it."""
        entry = yaml.safe_load(self.cluster.kubeconfig.read_text(encoding="utf-8"))
        server, user = entry["clusters"][0]["cluster"], entry["users"][0]["user"]
        headers = {"Authorization": f"Bearer {user['token']}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        context = ssl._create_unverified_context()  # what is trusted is not the point here
        request = urllib.request.Request(server["server"] + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            found: Obj = json.load(answer)
            return found


@pytest.fixture(params=[PaceMode.AWAITED, PaceMode.REALTIME], ids=str)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    cluster = EmbeddedCluster(request.param)
    client = Client(cluster.api)
    with client.watch("serviceaccounts", "default") as watch:
        assert watch.next(30) is not None
    with webhook_server(tmp_path) as hooks:
        yield Ground(cluster, client, hooks)
    cluster.close()


@pytest.fixture
def calls_back(ground: Ground) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A webhook that reads and writes in the very cluster that waits for its answer."""

    def respond(request: dict[str, Any]) -> dict[str, Any]:
        if request["object"]["metadata"].get("name") != "notes":
            ground.over_http("GET", "/api/v1/namespaces/default")
            note = {"metadata": {"generateName": "note-"}}
            ground.over_http("POST", "/api/v1/namespaces/default/secrets", note)
        return {"allowed": True, "warnings": ["seen"]}

    return respond


def test_a_refusal_comes_in_the_webhooks_words(ground: Ground) -> None:
    status = {"message": "not on a Monday", "code": 418, "reason": "Teapot"}
    ground.configure("Validating", ground.hooks.hook("/no", lambda _: {"allowed": False, "status": status}))
    with pytest.raises(StatusError) as error:
        ground.create()
    assert error.value.what == 'admission webhook "no.tests.example" denied the request: not on a Monday'
    assert (error.value.code, error.value.reason) == (418, "Teapot")


def test_an_object_is_changed_on_its_way(ground: Ground) -> None:
    label = {"op": "add", "path": "/metadata/labels", "value": {"hooked": "yes"}}
    ground.configure("Mutating", ground.hooks.hook("/label", lambda _: patch(label)))
    assert ground.create()["metadata"]["labels"] == {"hooked": "yes"}


def test_a_webhook_that_calls_back_is_answered(ground: Ground, calls_back: Any) -> None:
    ground.configure("Validating", ground.hooks.hook("/back", calls_back))
    ground.create("one")
    made = ground.over_http("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "two"}})
    assert made["metadata"]["name"] == "two"
    assert {"one", "two"} <= {request["name"] for request in ground.hooks.asked}
    assert len(ground.client.list("secrets", "default")) == len(ground.hooks.asked)


def test_a_controllers_pods_are_admitted_too(ground: Ground, calls_back: Any) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    ground.configure("Validating", ground.hooks.hook("/pods", calls_back, rules=[rule]))
    container = {"name": "a", "image": "busybox:1.35", "command": ["sleep", "3600"]}
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "a"}}, "template": template}
    ground.client.create(
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "a"}, "spec": spec}, "default"
    )
    with ground.client.watch("replicasets", "default") as watch:
        while (event := watch.next(60)) is not None and event.object.get("status", {}).get("readyReplicas") != 2:
            pass
    assert event is not None
    assert [request["userInfo"]["username"] for request in ground.hooks.asked] == [
        "system:serviceaccount:kube-system:replicaset-controller"
    ] * 2


def test_a_write_that_was_overtaken_meanwhile_begins_again(ground: Ground) -> None:
    ground.create("raced", count="0")

    def overtake(request: dict[str, Any]) -> dict[str, Any]:
        if len(ground.hooks.asked) == 1:
            ground.client.patch("configmaps", "raced", {"data": {"other": "1"}}, "default")
        return {"allowed": True}

    ground.configure("Validating", ground.hooks.hook("/slow", overtake))
    changed = ground.client.patch("configmaps", "raced", {"data": {"count": "1"}}, "default")
    assert changed["data"] == {"count": "1", "other": "1"}
    assert len(ground.hooks.asked) == 3


def test_a_webhook_that_cannot_be_reached_fails_or_is_passed_over(ground: Ground) -> None:
    nowhere = {"clientConfig": {"service": {"name": "nosuch", "namespace": "default"}}}
    ground.configure("Validating", ground.hooks.hook("/gone", **nowhere))
    words = 'failed calling webhook "gone.tests.example": failed to call webhook: Post '
    words += '"https://nosuch.default.svc:443/?timeout=10s": service "nosuch" not found'
    with pytest.raises(StatusError) as error:
        ground.create()
    assert error.value.what == f"Internal error occurred: {words}"
    ground.client.delete("validatingwebhookconfigurations", "validating")
    ground.configure("Validating", ground.hooks.hook("/gone", failurePolicy="Ignore", **nowhere))
    ground.create()


@pytest.fixture
def operator(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """kopf with an admission server of its own, which it registers itself."""
    monkeypatch.setenv("KUBECONFIG", str(ground.cluster.kubeconfig))
    certificate = str(tmp_path / "webhooks.pem")
    registry, stop = kopf.OperatorRegistry(), threading.Event()
    kopf.on.login(registry=registry)(kopf.login_with_kubeconfig)

    @kopf.on.startup(registry=registry)
    def configure(settings: Any, **_: Any) -> None:
        files = {"cafile": certificate, "certfile": certificate, "pkeyfile": certificate}
        settings.admission.server = kopf.WebhookServer(addr="127.0.0.1", host="127.0.0.1", **files)
        settings.admission.managed = "tests.kopf.example"

    @kopf.on.mutate("configmaps", registry=registry, id="label")
    def label(patch: Any, **_: Any) -> None:
        patch.metadata.labels["by"] = "kopf"

    @kopf.on.validate("configmaps", registry=registry, id="judge")
    def judge(name: str, warnings: list[str], **_: Any) -> None:
        warnings.append(f"kopf saw {name}")
        if name == "bad":
            raise kopf.AdmissionError("a bad name", code=499)

    options = {"standalone": True, "namespaces": ["default"], "stop_flag": stop, "registry": registry}
    thread = threading.Thread(target=kopf.run, kwargs=options, daemon=True)
    thread.start()
    for kind in ("mutating", "validating"):
        with ground.client.watch(f"{kind}webhookconfigurations", passive=True) as watch:
            while (event := watch.next(30)) is not None and not event.object.get("webhooks"):
                pass
        assert event is not None
    yield
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("operator")
def test_an_operator_with_kopf_changes_and_judges(ground: Ground) -> None:
    body = {"metadata": {"name": "good"}}
    answer: Any = ground.cluster.api.send(Request("POST", "/api/v1/namespaces/default/configmaps", body=body))
    assert (answer.body["metadata"]["labels"], answer.warnings) == ({"by": "kopf"}, ("kopf saw good",))
    with pytest.raises(StatusError) as error:
        ground.create("bad")
    assert (error.value.code, error.value.what.rpartition(": ")[2]) == (499, "a bad name")


def test_conditions_decide_whether_a_webhook_is_asked(ground: Ground) -> None:
    named = {"name": "named", "expression": "object.metadata.name == 'asked'"}
    deny = ground.hooks.hook("/no", lambda _: {"allowed": False}, matchConditions=[named])
    broken = {"name": "broken", "expression": "object.data.nope == 'x' && object.metadata.name == 'c'"}
    ground.configure("Validating", deny)
    ground.create("left-alone")
    with pytest.raises(StatusError):
        ground.create("asked")
    ground.client.delete("validatingwebhookconfigurations", "validating")
    ground.configure("Validating", ground.hooks.hook("/no", matchConditions=[broken]))
    with pytest.raises(StatusError) as error:
        ground.create(a="b")
    words = f"expression '{broken['expression']}' resulted in error: no such key: nope"
    assert error.value.what == f'configmaps "c" is forbidden: {words}'


def test_a_scale_is_reviewed_as_a_scale(ground: Ground) -> None:
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["deployments/scale"]}
    container = {"name": "a", "image": "busybox:1.35"}
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "a"}}, "template": template}
    ground.client.create(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": spec}, "default"
    )
    more = {"op": "replace", "path": "/spec/replicas", "value": 0}
    ground.configure("Mutating", ground.hooks.hook("/scale", lambda _: patch(more), rules=[rule]))
    scaled = ground.client.patch("deployments", "a", {"spec": {"replicas": 3}}, "default", subresource="scale")
    assert scaled["spec"].get("replicas", 0) == 0
    asked = ground.hooks.asked[0]
    assert (asked["kind"]["kind"], asked["subResource"], asked["object"]["spec"]) == ("Scale", "scale", {"replicas": 3})
