"""`nodes/proxy`: the part of the kubelet's own HTTP API that there is something to say about."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.subresources.proxy import moved, target_of
from k8s_tutor.embedded.apiserver.subresources.streams import log
from k8s_tutor.embedded.core import Answer
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["to_node"]

_KUBELET = "10250"
_PLAIN = "text/plain; charset=utf-8"
_REAL = ("attach", "configz", "debug", "exec", "logs", "metrics", "portForward", "run", "runningpods", "stats")


def to_node(call: Call) -> Answer:
    """A request to a node's kubelet: `healthz`, `pods`, `containerLogs/NAMESPACE/POD/CONTAINER`.

    Raises:
        StatusError: 400, 404, 501 for what is not simulated, 503 for other ports.
    """
    target = target_of(call, "node")
    node = call.ground.get(call.kind, "", target.name)
    if target.port not in ("", _KUBELET):
        address = f"{_address(node)}:{target.port}"
        words = f"error trying to reach service: dial tcp {address}: connect: connection refused"
        raise errors.service_unavailable(words)
    return moved(call) or _answer(call, target.name, call.route.rest.rstrip("/").split("/"))


def _answer(call: Call, node: str, path: list[str]) -> Answer:
    match path:
        case ["healthz"]:
            return Response(200, "ok", _PLAIN)
        case ["pods"]:
            return Response(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": _pods(call, node)})
        case ["containerLogs", namespace, pod, container]:
            pods = builtin_kinds().of("v1", "Pod")
            assert pods is not None
            request = replace(call.request, query=(*call.request.query, ("container", container)))
            route = replace(call.route, kind=pods, namespace=namespace, name=pod)
            return log(replace(call, request=request, route=route))
    if path[0] in _REAL:
        raise errors.not_implemented(f"/{path[0]} of the kubelet's HTTP API")
    return Response(404, "404 page not found\n", _PLAIN)


def _pods(call: Call, node: str) -> list[Obj]:
    return [pod for pod in call.ground.store.list("pods") if pod["spec"].get("nodeName") == node]


def _address(node: Obj) -> str:
    rows = node.get("status", {}).get("addresses", [])
    return next((str(row["address"]) for row in rows if row["type"] == "InternalIP"), "")
