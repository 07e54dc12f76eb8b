"""`pods/proxy` and `services/proxy`: an HTTP request through the API server into the cluster."""

from __future__ import annotations

import json

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.subresources.streams import nodes_of
from k8s_tutor.embedded.core import Answer
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["to_node", "to_pod", "to_service"]


def to_pod(call: Call) -> Answer:
    """A request to `[scheme:]pod[:port]`.

    Raises:
        StatusError: 400, 404 or 503.
    """
    name, port_text = _name_and_port(call.route.name)
    pod = call.ground.get(call.kind, call.route.namespace, name)
    port = _pod_port(pod, port_text)
    return _send(call, pod, port)


def to_service(call: Call) -> Answer:
    """A request to `[scheme:]service[:port]`, answered by one of its ready endpoints.

    Raises:
        StatusError: 404 or 503.
    """
    name, port_text = _name_and_port(call.route.name)
    namespace = call.route.namespace
    unavailable = errors.service_unavailable(f'no endpoints available for service "{call.route.name}"')
    service = call.ground.find(call.kind, namespace, name)
    if service is None:
        raise unavailable
    ports = service["spec"].get("ports", [])
    chosen = [port for port in ports if port_text in ("", port.get("name"), str(port["port"]))]
    if not chosen or (not port_text and len(ports) > 1):
        raise errors.service_unavailable(f'no service port "{port_text}" found for service "{name}"')
    targets = _endpoints(call, namespace, name, chosen[0].get("name", ""))
    if not targets:
        raise unavailable
    pod_name, port = call.ground.random.choice(targets)
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    return _send(call, call.ground.get(pods, namespace, pod_name), port)


def to_node(call: Call) -> Answer:
    """The kubelet's own HTTP API, which is not there.

    Raises:
        StatusError: 404 or 501.
    """
    call.ground.get(call.kind, "", _name_and_port(call.route.name)[0])
    raise errors.not_implemented("the kubelet's HTTP API")


def _endpoints(call: Call, namespace: str, service: str, port_name: str) -> list[tuple[str, int]]:
    found = []
    for piece in call.ground.store.list("endpointslices.discovery.k8s.io", namespace):
        if piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") != service:
            continue
        ports = [port["port"] for port in piece.get("ports") or () if port.get("name", "") == port_name]
        for endpoint in piece.get("endpoints") or ():
            target = endpoint.get("targetRef") or {}
            if ports and endpoint.get("conditions", {}).get("ready", True) and target.get("kind") == "Pod":
                found.append((target["name"], ports[0]))
    return found


def _name_and_port(text: str) -> tuple[str, str]:
    """Of `scheme:name:port`, `name:port`, `name`."""
    parts = text.split(":")
    if len(parts) == 3:
        return parts[1], parts[2]
    return parts[0], parts[1] if len(parts) == 2 else ""


def _pod_port(pod: Obj, text: str) -> int:
    ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", ())]
    if text == "":
        return int(ports[0]["containerPort"]) if ports else 80
    if text.isdigit():
        return int(text)
    for port in ports:
        if port.get("name") == text:
            return int(port["containerPort"])
    raise errors.bad_request(f'invalid pod request "{pod["metadata"]["name"]}:{text}"')


def _send(call: Call, pod: Obj, port: int) -> Response:
    if not pod.get("status", {}).get("podIP"):
        raise errors.bad_request("address not allowed")
    request = call.request
    body = (
        request.body
        if isinstance(request.body, bytes)
        else b""
        if request.body is None
        else (json.dumps(request.body).encode())
    )
    query = request.target.partition("?")[2]
    path = f"/{call.route.rest}" + (f"?{query}" if query else "")
    headers = {"Content-Type": request.content_type} if body else {}
    inner = HttpRequest(request.method, path, headers, body)
    try:
        answer = nodes_of(call).http(pod, port, inner)
    except ConnectionRefusedError:
        address = f"{pod['status']['podIP']}:{port}"
        raise errors.service_unavailable(
            f"error trying to reach service: dial tcp {address}: connect: connection refused"
        ) from None
    return Response(answer.code, answer.body, answer.headers.get("Content-Type", "text/plain; charset=utf-8"))
