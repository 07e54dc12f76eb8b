"""`pods/log`, `pods/exec`, `pods/attach`, `pods/portforward`: forwarded to the pod's kubelet."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from k8s_tutor.api.protocol import Response, StatusError
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.core import PortForward, ServerAnswer, Streaming, Upgrade
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest, LogQuery, NodeServices
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = [
    "ProxyTarget",
    "attach",
    "execute",
    "forward_ports",
    "log",
    "moved",
    "nodes_of",
    "target_of",
    "to_node",
    "to_pod",
    "to_service",
]

_TEXT = "text/plain"


def log(call: Call) -> ServerAnswer:
    """GET of a container's log, as it stands or followed.

    Raises:
        StatusError: 400, 404 or 422.
    """
    pod = call.context.get(call.kind, call.route.namespace, call.route.name)
    query = _log_query(call, pod)
    follow = _true(call.request.param("follow"))
    if not pod["spec"].get("nodeName"):
        return Response(204, b"", _TEXT)
    nodes = nodes_of(call)
    if follow:
        return Streaming(nodes.follow_logs(pod, query), _TEXT)
    return Response(200, nodes.logs(pod, query), _TEXT)


def execute(call: Call) -> ServerAnswer:
    """A command in a container.

    Raises:
        StatusError: 400 or 404.
    """
    request = call.request
    pod = call.context.get(call.kind, call.route.namespace, call.route.name)
    container = _container(request.param("container"), pod)
    _check_running(pod)
    command = request.params("command")
    if not command:
        raise errors.bad_request("you must specify at least 1 command for the container")
    wants = _wants(call)
    session = nodes_of(call).exec(pod, container, command, stdin=wants["stdin"], tty=wants["tty"])
    return Upgrade(session, **wants)


def attach(call: Call) -> ServerAnswer:
    """The streams of a container's own process.

    Raises:
        StatusError: 400, 404, or 500 where the container does not run.
    """
    request = call.request
    pod = call.context.get(call.kind, call.route.namespace, call.route.name)
    container = _container(request.param("container"), pod)
    _check_running(pod)
    wants = _wants(call)
    return Upgrade(nodes_of(call).attach(pod, container, stdin=wants["stdin"], tty=wants["tty"]), **wants)


def forward_ports(call: Call) -> ServerAnswer:
    """Connections to a pod's ports.

    Raises:
        StatusError: 400, 404, or 500 for a pod that does not run.
    """
    pod = call.context.get(call.kind, call.route.namespace, call.route.name)
    _check_running(pod)
    return PortForward(nodes_of(call).ports(pod))


def _wants(call: Call) -> dict[str, bool]:
    """Which streams the client asks for, and whether it has a terminal."""
    wants = {name: _true(call.request.param(name)) for name in ("stdin", "stdout", "stderr", "tty")}
    if not (wants["stdin"] or wants["stdout"] or wants["stderr"]):
        raise errors.bad_request("you must specify at least 1 of stdin, stdout, stderr")
    return wants


def nodes_of(call: Call) -> NodeServices:
    """The kubelets.

    Raises:
        StatusError: 503 when the cluster runs without nodes.
    """
    if call.context.nodes is None:
        raise errors.service_unavailable("the embedded cluster runs without nodes")
    return call.context.nodes


def _log_query(call: Call, pod: Obj) -> LogQuery:
    request = call.request
    since_seconds, since_time = request.param("sinceSeconds"), request.param("sinceTime")
    tail, limit = request.param("tailLines"), request.param("limitBytes")
    moment = _moment(since_time) if since_time else None
    problems = []
    if since_seconds and since_time:
        problems.append(fielderrors.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    for name, text, least in (("tailLines", tail, 0), ("limitBytes", limit, 1), ("sinceSeconds", since_seconds, 1)):
        if text and integer(text) < least:
            problems.append(
                fielderrors.invalid(
                    name,
                    integer(text),
                    f"must be greater than or equal to {least}" if least == 0 else "must be greater than 0",
                )
            )
    if problems:
        raise errors.invalid_named("", "PodLogOptions", call.route.name, problems)
    since = call.context.now() - integer(since_seconds) if since_seconds else moment
    return LogQuery(
        container=_container(request.param("container"), pod),
        previous=_true(request.param("previous")),
        timestamps=_true(request.param("timestamps")),
        since=since,
        tail=integer(tail) if tail else None,
        limit_bytes=integer(limit) if limit else None,
    )


def _moment(text: str) -> float:
    try:
        return from_rfc3339(text)
    except ValueError:
        words = f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"'
        raise errors.bad_request(words) from None


def _container(asked: str, pod: Obj) -> str:
    spec, name = pod["spec"], pod["metadata"]["name"]
    known = [
        container["name"]
        for group in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(group, ())
    ]
    if asked:
        if asked not in known:
            raise errors.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(spec["containers"]) > 1:
        raise errors.bad_request(
            f"a container name must be specified for pod {name}, choose one of: [{' '.join(known)}]"
        )
    return str(spec["containers"][0]["name"])


def _check_running(pod: Obj) -> StatusError | None:
    if not pod["spec"].get("nodeName"):
        raise errors.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    return None


def _true(value: str) -> bool:
    return value != "" and value.lower() not in ("0", "false")


# ---- `pods/proxy` and `services/proxy`: an HTTP request through the API server into the cluster
#
# Source of the rules and words: k8s.io/apimachinery/pkg/util/proxy, asked of a real server.

_PORTS = 1 << 16
_OF_A_CONNECTION = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "authorization",
    }
)  # fmt: skip
_OURS = frozenset({"content-type", "cache-control"})


@dataclass(frozen=True, slots=True)
class ProxyTarget:
    """`[scheme:]name[:port]`, as it stands in a proxy's path."""

    scheme: str
    name: str
    port: str


def to_pod(call: Call) -> ServerAnswer:
    """A request to `[scheme:]pod[:port]`.

    Raises:
        StatusError: 400, 404 or 503.
    """
    target = target_of(call, "pod")
    pod = call.context.get(call.kind, call.route.namespace, target.name)
    return moved(call) or _send(call, pod, _pod_port(pod, target.port), target.scheme)


def to_service(call: Call) -> ServerAnswer:
    """A request to `[scheme:]service[:port]`, answered by one of its ready endpoints.

    Raises:
        StatusError: 400, 404 or 503.
    """
    target = target_of(call, "service")
    namespace, port_name = call.route.namespace, target.port
    if target.port.isdigit():
        service = call.context.get(call.kind, namespace, target.name)
        chosen = [port for port in service["spec"].get("ports", []) if str(port["port"]) == target.port]
        if not chosen:
            words = f'no service port {target.port} found for service "{target.name}"'
            raise errors.service_unavailable(words)
        port_name = chosen[0].get("name", "")
    targets = _endpoints(call, namespace, target.name, port_name)
    if not targets:
        raise errors.service_unavailable(f'no endpoints available for service "{target.name}"')
    pod_name, port = call.context.random.choice(targets)
    pods = builtin_kinds().of("v1", "Pod")
    assert pods is not None
    return moved(call) or _send(call, call.context.get(pods, namespace, pod_name), port, target.scheme)


def target_of(call: Call, word: str) -> ProxyTarget:
    """Who is meant.

    Raises:
        StatusError: 400 for a scheme that is none.
    """
    parts = call.route.name.split(":")
    scheme, name, port = parts if len(parts) == 3 else ("", parts[0], parts[1] if len(parts) == 2 else "")
    if scheme not in ("", "http", "https") or len(parts) > 3 or not name:
        raise errors.bad_request(f'invalid {word} request "{call.route.name}"')
    return ProxyTarget(scheme, name, port)


def moved(call: Call) -> Response | None:
    """Paths below begin with a slash: who asks without one is sent there."""
    path = call.request.path
    if not path.endswith("/proxy"):
        return None
    query = call.request.target.partition("?")[2]
    return Response(301, b"", "", headers=(("Location", f"{path}/" + (f"?{query}" if query else "")),))


def _endpoints(call: Call, namespace: str, service: str, port_name: str) -> list[tuple[str, int]]:
    found = []
    for piece in call.context.store.list("endpointslices.discovery.k8s.io", namespace):
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


# ---- `nodes/proxy`: the part of the kubelet's own HTTP API that there is something to say about

_KUBELET = "10250"
_PLAIN = "text/plain; charset=utf-8"
_REAL = ("attach", "configz", "debug", "exec", "logs", "metrics", "portForward", "run", "runningpods", "stats")


def to_node(call: Call) -> ServerAnswer:
    """A request to a node's kubelet: `healthz`, `pods`, `containerLogs/NAMESPACE/POD/CONTAINER`.

    Raises:
        StatusError: 400, 404, 501 for what is not simulated, 503 for other ports.
    """
    target = target_of(call, "node")
    node = call.context.get(call.kind, "", target.name)
    if target.port not in ("", _KUBELET):
        address = f"{_address(node)}:{target.port}"
        words = f"error trying to reach service: dial tcp {address}: connect: connection refused"
        raise errors.service_unavailable(words)
    return moved(call) or _answer(call, target.name, call.route.rest.rstrip("/").split("/"))


def _answer(call: Call, node: str, path: list[str]) -> ServerAnswer:
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
    return [pod for pod in call.context.store.list("pods") if pod["spec"].get("nodeName") == node]


def _address(node: Obj) -> str:
    rows = node.get("status", {}).get("addresses", [])
    return next((str(row["address"]) for row in rows if row["type"] == "InternalIP"), "")
