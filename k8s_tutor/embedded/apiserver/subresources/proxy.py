"""`pods/proxy` and `services/proxy`: an HTTP request through the API server into the cluster.

Source of the rules and words: k8s.io/apimachinery/pkg/util/proxy, asked of a real server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.subresources.streams import nodes_of
from k8s_tutor.embedded.core import Answer
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["Target", "moved", "target_of", "to_pod", "to_service"]

_PORTS = 1 << 16
_OF_A_CONNECTION = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "authorization",
    }
)  # fmt: skip
_OURS = frozenset({"content-type", "cache-control"})


@dataclass(frozen=True, slots=True)
class Target:
    """`[scheme:]name[:port]`, as it stands in a proxy's path."""

    scheme: str
    name: str
    port: str


def to_pod(call: Call) -> Answer:
    """A request to `[scheme:]pod[:port]`.

    Raises:
        StatusError: 400, 404 or 503.
    """
    target = target_of(call, "pod")
    pod = call.ground.get(call.kind, call.route.namespace, target.name)
    return moved(call) or _send(call, pod, _pod_port(pod, target.port), target.scheme)


def to_service(call: Call) -> Answer:
    """A request to `[scheme:]service[:port]`, answered by one of its ready endpoints.

    Raises:
        StatusError: 400, 404 or 503.
    """
    target = target_of(call, "service")
    namespace, port_name = call.route.namespace, target.port
    if target.port.isdigit():
        service = call.ground.get(call.kind, namespace, target.name)
        chosen = [port for port in service["spec"].get("ports", []) if str(port["port"]) == target.port]
        if not chosen:
            words = f'no service port {target.port} found for service "{target.name}"'
            raise errors.service_unavailable(words)
        port_name = chosen[0].get("name", "")
    targets = _endpoints(call, namespace, target.name, port_name)
    if not targets:
        raise errors.service_unavailable(f'no endpoints available for service "{target.name}"')
    pod_name, port = call.ground.random.choice(targets)
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    return moved(call) or _send(call, call.ground.get(pods, namespace, pod_name), port, target.scheme)


def target_of(call: Call, word: str) -> Target:
    """Who is meant.

    Raises:
        StatusError: 400 for a scheme that is none.
    """
    parts = call.route.name.split(":")
    scheme, name, port = parts if len(parts) == 3 else ("", parts[0], parts[1] if len(parts) == 2 else "")
    if scheme not in ("", "http", "https") or len(parts) > 3 or not name:
        raise errors.bad_request(f'invalid {word} request "{call.route.name}"')
    return Target(scheme, name, port)


def moved(call: Call) -> Response | None:
    """Paths below begin with a slash: who asks without one is sent there."""
    path = call.request.path
    if not path.endswith("/proxy"):
        return None
    query = call.request.target.partition("?")[2]
    return Response(301, b"", "", headers=(("Location", f"{path}/" + (f"?{query}" if query else "")),))


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


def _pod_port(pod: Obj, text: str) -> int:
    if text == "":
        ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", ())]
        return int(ports[0]["containerPort"]) if ports else 80
    if not text.isdigit():  # ports of pods are not known by name here; a real server breaks the connection
        raise _unreachable(f"dial tcp: lookup tcp/{text}: unknown port")
    if int(text) >= _PORTS:
        raise _unreachable(f"dial tcp: address {text}: invalid port")
    return int(text)


def _unreachable(why: str) -> StatusError:
    return errors.service_unavailable(f"error trying to reach service: {why}")


def _send(call: Call, pod: Obj, port: int, scheme: str) -> Response:
    address = pod.get("status", {}).get("podIP")
    if not address:
        raise errors.bad_request("address not allowed")
    try:
        answer = nodes_of(call).http(pod, port, _inner(call, f"{address}:{port}"))
    except ConnectionRefusedError:
        raise _unreachable(f"dial tcp {address}:{port}: connect: connection refused") from None
    if scheme == "https":  # simulated containers speak plain HTTP
        raise _unreachable("tls: first record does not look like a TLS handshake")
    kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
    return Response(answer.code, answer.body, kind or "text/plain; charset=utf-8", headers=_outer(call, answer))


def _inner(call: Call, host: str) -> HttpRequest:
    """The request as the container gets it."""
    request = call.request
    body = request.body or b""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = request.target.partition("?")[2]
    headers = {name: value for name, value in request.headers if name.lower() not in _OF_A_CONNECTION}
    if data and request.content_type:
        headers["Content-Type"] = request.content_type
    before = headers.pop("X-Forwarded-For", "")
    headers |= {"Host": host, "X-Forwarded-For": f"{before}, 127.0.0.1".lstrip(", "), "X-Forwarded-Uri": request.path}
    return HttpRequest(request.method, f"/{call.route.rest}" + (f"?{query}" if query else ""), headers, data)


def _outer(call: Call, answer: HttpAnswer) -> tuple[tuple[str, str], ...]:
    """The answer's headers; a redirection within the container leads through the proxy again."""
    root = call.request.path.removesuffix(call.route.rest).rstrip("/")
    kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OF_A_CONNECTION | _OURS]
    return tuple(
        (name, root + value if name.lower() == "location" and value.startswith("/") else value) for name, value in kept
    )
