"""`metrics.k8s.io`: what nodes and pods use, as a cluster with metrics-server installed answers (`kubectl top`).

Nothing of it is stored: each answer is read off the kubelets, which measure in windows. Source: metrics-server 0.8,
`pkg/api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.listing import Page, selection
from k8s_tutor.embedded.apiserver.output import object_answer, page_answer
from k8s_tutor.embedded.core import ServerAnswer
from k8s_tutor.embedded.nodeservices import NodeServices, Usage
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds
from k8s_tutor.objects.quantity import Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["GROUP", "answer", "metric_kinds"]

GROUP = "metrics.k8s.io"
_VERBS = ("get", "list")
_KINDS = (
    Kind(GROUP, "v1beta1", "NodeMetrics", "nodes", "", False, verbs=_VERBS),
    Kind(GROUP, "v1beta1", "PodMetrics", "pods", "", True, verbs=_VERBS),
)
_WINDOW = 15  # seconds


@cache
def metric_kinds() -> KindTable:
    """The built-in kinds and those of this group."""
    return builtin_kinds().with_kinds(_KINDS)


def answer(call: Call) -> ServerAnswer:
    """A GET of one or many.

    Raises:
        StatusError: 404 for what has not been measured (yet), 405 for a watch.
    """
    route = call.route
    if route.verb == "watch":
        raise errors.not_watchable(call.kind)
    subject = builtin_kinds().of("v1", "Pod" if call.kind.namespaced else "Node")
    assert subject is not None
    about = replace(call, route=replace(route, kind=subject))
    if route.verb == "get":
        return _one(call, call.context.get(subject, route.namespace, route.name))
    chosen = selection(about)
    subjects = call.context.store.list(subject.group_resource, route.namespace)  # whole: metrics-server knows no pages
    measured = [found for obj in subjects if chosen.covers(obj) for found in _measured(call, obj)]
    return page_answer(call, Page(measured, {}), call.kind)


def _one(call: Call, obj: Obj) -> ServerAnswer:
    for found in _measured(call, obj):
        return object_answer(call, found, call.kind)
    route = call.route
    raise errors.not_found(call.kind, f"{route.namespace}/{route.name}" if route.namespace else route.name)


def _measured(call: Call, obj: Obj) -> Iterator[Obj]:
    """The metrics of a pod or node; none before it has been measured."""
    nodes, name = call.context.nodes, obj["metadata"]["name"]
    if nodes is None:
        return
    if not call.kind.namespaced:
        used = nodes.node_usage(name)
        if used is not None:
            yield _metrics(call, obj) | {"usage": _amounts(used)}
    elif containers := _containers(nodes, obj):
        yield _metrics(call, obj) | {"containers": containers}


def _containers(nodes: NodeServices, pod: Obj) -> list[Obj]:
    return [{"name": name, "usage": _amounts(used)} for name, used in nodes.pod_usage(pod).items()]


def _metrics(call: Call, obj: Obj) -> Obj:
    now, meta = call.context.now(), obj["metadata"]
    kept = {key: meta[key] for key in ("name", "namespace", "labels") if meta.get(key)}
    return {
        "kind": call.kind.kind,
        "apiVersion": call.kind.api_version,
        "metadata": {**kept, "creationTimestamp": rfc3339(now)},
        "timestamp": rfc3339(now // _WINDOW * _WINDOW),
        "window": f"{_WINDOW}s",
    }


def _amounts(used: Usage) -> Obj:
    memory = Quantity((used.memory >> 10 << 10) * 10**9, "binary")
    return {"cpu": str(Quantity(round(used.cpu * 10**9))), "memory": str(memory)}
