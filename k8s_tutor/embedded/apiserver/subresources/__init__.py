"""What hangs on an object beside the object: status, scale, approval, token (`status`), what only
pods have (`pods`), and what goes through to them: log, exec, port-forward, proxy (`streams`)."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.subresources import pods, status, streams
from k8s_tutor.embedded.core import ServerAnswer

__all__ = ["answer"]


def answer(call: Call) -> ServerAnswer:
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
    "scale": status.answer_scale,
    "finalize": status.answer_finalize,
    "approval": status.answer_approval,
}
_BY_RESOURCE = {
    ("pods", "binding"): pods.answer_binding,
    ("pods", "eviction"): pods.answer_eviction,
    ("serviceaccounts", "token"): status.answer_token,
    ("pods", "log"): streams.log,
    ("pods", "exec"): streams.execute,
    ("pods", "attach"): streams.attach,
    ("pods", "portforward"): streams.forward_ports,
    ("pods", "ephemeralcontainers"): pods.answer_ephemeral,
    ("pods", "resize"): pods.resize,
    ("pods", "proxy"): streams.to_pod,
    ("services", "proxy"): streams.to_service,
    ("nodes", "proxy"): streams.to_node,
}
