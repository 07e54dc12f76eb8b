"""What hangs on an object beside the object: status, scale, log, exec, binding, eviction, nodeproxy, proxy, token."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.embedded.apiserver.subresources import (
    approval,
    binding,
    ephemeral,
    eviction,
    nodeproxy,
    proxy,
    scale,
    status,
    streams,
    token,
)
from k8s_tutor.embedded.core import Answer

__all__ = ["answer"]


def answer(call: Call) -> Answer:
    """Carries out a request on a subresource.

    Raises:
        StatusError: any refusal.
    """
    route = call.route
    handler = _BY_RESOURCE.get((call.kind.plural, route.subresource)) or _EVERYWHERE.get(route.subresource)
    if handler is None:
        raise errors.not_implemented(f"the subresource {route.subresource} of {call.kind.group_resource}")
    if route.verb == "connect" and call.request.method not in ("GET", "HEAD") and call.request.params("dryRun"):
        raise errors.bad_request("dryRun is not supported")
    return handler(call)


_EVERYWHERE = {
    "status": status.answer,
    "scale": scale.answer,
    "finalize": status.answer_finalize,
    "approval": approval.answer,
}
_BY_RESOURCE = {
    ("pods", "binding"): binding.answer,
    ("pods", "eviction"): eviction.answer,
    ("serviceaccounts", "token"): token.answer,
    ("pods", "log"): streams.log,
    ("pods", "exec"): streams.execute,
    ("pods", "attach"): streams.attach,
    ("pods", "portforward"): streams.forward_ports,
    ("pods", "ephemeralcontainers"): ephemeral.answer,
    ("pods", "resize"): ephemeral.resize,
    ("pods", "proxy"): proxy.to_pod,
    ("services", "proxy"): proxy.to_service,
    ("nodes", "proxy"): nodeproxy.to_node,
}
