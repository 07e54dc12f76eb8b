"""Whether a cluster's nodes are ready, and waiting until they are."""

from __future__ import annotations

from contextlib import suppress

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, WatchClosed
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.objects.types import Obj

__all__ = ["MADE_BY", "VERSION", "made_by_us", "nodes_ready", "wait_for_nodes"]

VERSION = Request("GET", "/version")
MADE_BY = "k8s-tutor/made-by"
"""The label of nodes that we made."""
_NAP = 0.5  # seconds between knocks at an API server that is starting
_LOOK = 5.0  # seconds that one watch lasts without news before the list is read again


def nodes_ready(api: HttpAPI, count: int) -> bool:
    """Whether `count` nodes are there and all are ready; False, too, where nobody answers."""
    with suppress(ClusterUnavailable, StatusError):
        return not _problem(Client(api).list("nodes"), count)
    return False


def made_by_us(api: HttpAPI) -> bool:
    """Whether the nodes carry our label."""
    nodes = Client(api).list("nodes")
    return bool(nodes) and all(MADE_BY in node["metadata"].get("labels", {}) for node in nodes)


def wait_for_nodes(api: HttpAPI, count: int, seconds: float) -> None:
    """Returns once `count` nodes are ready; knocks while the API server starts, then watches.

    Raises:
        ClusterUnavailable: they are not in `seconds`; says which node and why.
    """
    clock, client = RealClock(), Client(api)
    deadline = clock.monotonic() + seconds
    problem = "its API server did not answer"
    while clock.monotonic() < deadline:
        try:
            nodes, version = client.list_with_version("nodes")
            problem = _problem(nodes, count)
            if not problem:
                return
            with suppress(WatchClosed), client.watch("nodes", since=version) as watch:
                watch.next(_LOOK)
        except (ClusterUnavailable, StatusError) as error:
            problem = error.why or error.what
            clock.pause(_NAP)
    raise ClusterUnavailable(
        f"the cluster's nodes were not ready within {seconds:.0f} s",
        why=problem,
        next_step='try again: images may still be loading; or connect("embedded")',
    )


def _problem(nodes: list[Obj], count: int) -> str:
    """What keeps the nodes from being ready; `""` when they are."""
    for node in nodes:
        conditions = node.get("status", {}).get("conditions", [])
        ready: Obj = next((condition for condition in conditions if condition["type"] == "Ready"), {})
        if ready.get("status") != "True":
            return f"node {node['metadata']['name']} is not ready: {ready.get('message', 'it has not said why')}"
    return "" if len(nodes) >= count else f"{len(nodes)} of {count} nodes have joined"
