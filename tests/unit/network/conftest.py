"""A network without a cluster: a store with Services and EndpointSlices, and pods that say who they are."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.names import Namespace, Reply, Resolver, search_domains
from k8s_tutor.embedded.network import Network, Trace
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Store

Obj = dict[str, Any]

RESOLVER = Resolver(search=tuple(search_domains("default")), options=(("ndots", "5"),))


class World:
    """A small network.

    Attributes:
        client: Who asks.
    """

    def __init__(self, seed: int = 1) -> None:
        self.store = Store()
        self.loop = Loop(VirtualClock(0))
        self.network = Network(self.store, self.loop, Random(seed))
        self.client = Namespace("10.244.9.9", RESOLVER, "client", "node-a")
        self.network.attach(self.client)
        self.network.attach(Namespace("172.18.0.2", node="node-a"))
        self.network.attach(Namespace("172.18.0.3", node="node-b"))

    def pod(self, name: str, address: str, port: int = 80, node: str = "node-a", seconds: float = 0.0) -> Namespace:
        """A pod that answers with its name."""
        net = Namespace(
            address, Resolver(search=tuple(search_domains("default")), options=(("ndots", "5"),)), name, node
        )
        net.listen(port, name, lambda _request, _client: Reply(HttpAnswer(200, name.encode()), seconds))
        self.network.attach(net)
        return net

    def service(self, name: str, address: str, endpoints: list[Obj], **spec: Any) -> None:
        """A Service with one port 80 → 80, and its EndpointSlice."""
        meta = {"namespace": "default", "uid": name}
        ports = spec.pop("ports", [{"port": 80, "protocol": "TCP"}])
        status = {"loadBalancer": {"ingress": spec.pop("ingress", [])}}
        full = {"clusterIP": address, "ports": ports, **spec}
        self.store.put("services", {"metadata": {**meta, "name": name}, "spec": full, "status": status}, 0)
        labels = {"kubernetes.io/service-name": name}
        self.store.put(
            "endpointslices.discovery.k8s.io",
            {
                "metadata": {**meta, "name": f"{name}-abc", "labels": labels, "uid": f"{name}-abc"},
                "ports": [{"name": "", "port": 80}],
                "endpoints": endpoints,
            },
            0,
        )

    def ask(self, host: str, port: int = 80, timeout: float = 10) -> tuple[str, Trace]:
        answer, trace = self.network.request(self.client, host, port, HttpRequest(), timeout=timeout)
        return answer.body.decode(), trace


def endpoint(name: str, address: str, *, ready: bool = True, node: str = "node-a", **conditions: bool) -> Obj:
    return {
        "addresses": [address],
        "conditions": {"ready": ready, **conditions},
        "nodeName": node,
        "targetRef": {"kind": "Pod", "name": name},
    }


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_endpoint():
    return endpoint


@pytest.fixture
def make_world():
    return World
