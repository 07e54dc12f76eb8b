"""`pods/log`, `pods/exec`, `pods/attach`, `pods/portforward`: forwarded to the pod's kubelet."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver import errors, fielderrors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.core import Answer, PortForward, Streaming, Upgrade
from k8s_tutor.embedded.nodeservices import LogQuery, NodeServices
from k8s_tutor.objects.types import Obj

__all__ = ["attach", "execute", "forward_ports", "log", "nodes_of"]

_TEXT = "text/plain"


def log(call: Call) -> Answer:
    """GET of a container's log, as it stands or followed.

    Raises:
        StatusError: 400, 404 or 422.
    """
    pod = call.ground.get(call.kind, call.route.namespace, call.route.name)
    query = _log_query(call, pod)
    follow = _true(call.request.param("follow"))
    if not pod["spec"].get("nodeName"):
        return Response(204, b"", _TEXT)
    nodes = nodes_of(call)
    if follow:
        return Streaming(nodes.follow_logs(pod, query), _TEXT)
    return Response(200, nodes.logs(pod, query), _TEXT)


def execute(call: Call) -> Answer:
    """A command in a container.

    Raises:
        StatusError: 400 or 404.
    """
    request = call.request
    pod = call.ground.get(call.kind, call.route.namespace, call.route.name)
    container = _container(request.param("container"), pod)
    _check_running_place(pod)
    command = request.params("command")
    if not command:
        raise errors.bad_request("you must specify at least 1 command for the container")
    wants = _wants(call)
    session = nodes_of(call).exec(pod, container, command, stdin=wants["stdin"], tty=wants["tty"])
    return Upgrade(session, **wants)


def attach(call: Call) -> Answer:
    """The streams of a container's own process.

    Raises:
        StatusError: 400, 404, or 500 where the container does not run.
    """
    request = call.request
    pod = call.ground.get(call.kind, call.route.namespace, call.route.name)
    container = _container(request.param("container"), pod)
    _check_running_place(pod)
    wants = _wants(call)
    return Upgrade(nodes_of(call).attach(pod, container, stdin=wants["stdin"], tty=wants["tty"]), **wants)


def forward_ports(call: Call) -> Answer:
    """Connections to a pod's ports.

    Raises:
        StatusError: 400, 404, or 500 for a pod that does not run.
    """
    pod = call.ground.get(call.kind, call.route.namespace, call.route.name)
    _check_running_place(pod)
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
    if call.ground.nodes is None:
        raise errors.service_unavailable("the embedded cluster runs without nodes")
    return call.ground.nodes


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
    since = call.ground.now() - integer(since_seconds) if since_seconds else moment
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


def _check_running_place(pod: Obj) -> StatusError | None:
    if not pod["spec"].get("nodeName"):
        raise errors.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    return None


def _true(value: str) -> bool:
    return value != "" and value.lower() not in ("0", "false")
