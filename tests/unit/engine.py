"""The engine as tests build it: handed what its runner hands it, with keys that follow from the seed."""

from __future__ import annotations

from random import Random
from typing import Any

from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.apiserver.server import ApiServer, bootstrap
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.runner.cluster import make_providers
from k8s_tutor.embedded.store import Store


def new_kubernetes(seed: int = 0, **options: Any) -> EmbeddedKubernetes:
    """A whole cluster, moved by hand; what goes wrong inside is raised."""
    options = {"strict": True, "providers": make_providers(str(seed).encode()), **options}
    return EmbeddedKubernetes(seed=seed, **options)


def new_api_server(loop: Loop | None = None, store: Store | None = None, *, strict: bool = True) -> ApiServer:
    """An API server alone, with what every cluster begins with; if strict, what goes wrong inside is raised."""
    loop, store = loop or Loop(VirtualClock(EPOCH)), store or Store()
    server = ApiServer(loop, store, Random(0), strict=strict, providers=make_providers(b"0"))
    bootstrap(server)
    return server
