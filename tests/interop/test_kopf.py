"""Operators written with kopf, in a thread, on the embedded cluster: awaited, and in real time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kopf
import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

DEFINITION = json.loads(Path(__file__).with_name("cake.json").read_text(encoding="utf-8"))


@dataclass
class Bakery:
    """An operator for cakes, and the cluster it works on."""

    client: Client
    told: list[str] = field(default_factory=list)
    tried: int = 0
    awake: threading.Event = field(default_factory=threading.Event)

    def registry(self) -> kopf.OperatorRegistry:
        """Its handlers: bake at creation and change (at the second try), note the end."""
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry)(kopf.login_with_kubeconfig)

        @kopf.on.create("cakes", registry=registry)
        @kopf.on.update("cakes", field="spec", registry=registry)
        def bake(spec: Any, name: str, body: Any, patch: Any, **_: Any) -> None:
            self.tried += 1
            if self.tried == 1:
                raise kopf.TemporaryError("the oven is cold", delay=0.1)
            patch.status["baked"] = spec["layers"]
            kopf.event(body, type="Normal", reason="Baked", message=f"{name} is out of the oven")

        @kopf.on.delete("cakes", registry=registry)
        def eaten(name: str, **_: Any) -> None:
            self.told.append(f"{name} eaten")

        @kopf.on.event("configmaps", registry=registry)
        def awake(**_: Any) -> None:
            self.awake.set()

        return registry

    def cake(self, layers: int | None = None) -> Obj:
        """Orders one."""
        spec = {} if layers is None else {"layers": layers}
        made = {"apiVersion": "tutor.example/v1", "kind": "Cake", "metadata": {"name": "plum"}, "spec": spec}
        return self.client.apply(made, "default")

    def until(self, predicate: Any, kind: str = "cakes") -> Obj | None:
        """The first version of the cake (or an event) that is as wanted; None where it is gone."""
        with self.client.watch(kind, "default") as watch:
            while (event := watch.next(60)) is not None:
                if predicate(event):
                    return event.object
        pytest.fail("it did not come to that")


@pytest.fixture(params=[PaceMode.AWAITED, PaceMode.REALTIME])
def bakery(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bakery]:
    """With its operator running."""
    cluster = EmbeddedCluster(request.param)
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    made = Bakery(Client(cluster.api))
    made.client.create(DEFINITION)
    stop = threading.Event()
    options = {"standalone": True, "namespaces": ["default"], "stop_flag": stop, "registry": made.registry()}
    operator = threading.Thread(target=kopf.run, kwargs=options, daemon=True)
    operator.start()
    assert made.awake.wait(30)
    yield made
    stop.set()
    operator.join(30)
    cluster.close()
    assert not operator.is_alive()


def test_an_object_is_handled_from_creation_to_deletion(bakery: Bakery) -> None:
    bakery.cake()
    baked = bakery.until(lambda event: event.object.get("status") == {"baked": 1})
    assert bakery.tried == 2
    assert baked is not None
    assert baked["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
    bakery.cake(layers=3)
    bakery.until(lambda event: event.object.get("status") == {"baked": 3})
    bakery.until(lambda event: event.object.get("reason") == "Baked", "events")
    bakery.client.delete("cakes", "plum", "default")
    bakery.until(lambda event: event.type == "DELETED")
    assert bakery.told == ["plum eaten"]
