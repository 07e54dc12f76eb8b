"""Calling a webhook.

`service:` references lead into the simulated network, where no container speaks TLS: they fail, and say why in the
words of Go's HTTP client.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.admission.webhooks.failing import CallFailed, unreached
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["CallFailed", "call", "check_reachable"]


def check_reachable(settings: Obj, store: Store) -> None:
    """Fails for a webhook that nothing can reach: one inside the simulated network.

    Raises:
        CallFailed: why, as it would fail if it were tried.
    """
    if service := settings["clientConfig"].get("service"):
        url = f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}"
        target = f"{service.get('path') or '/'}?timeout={settings.get('timeoutSeconds', 10)}s"
        raise unreached(url + target, _why_no_service(service, store))


def call(settings: Obj, review: Obj) -> bytes:
    """The body of the answer to a review; takes real time, so nothing of the core may be held.

    Raises:
        CallFailed: there is none.
    """
    from k8s_tutor.embedded.apiserver.admission.webhooks.https import post  # noqa: PLC0415  # TLS, for who needs it

    return post(settings, review)


def _why_no_service(reference: Obj, store: Store) -> str:
    name, namespace, port = reference["name"], reference["namespace"], reference.get("port", 443)
    service = store.get("services", namespace, name)
    if service is None:
        return f'service "{name}" not found'
    if service["spec"].get("type") == "ExternalName":
        return f"dial tcp: lookup {service['spec'].get('externalName', '')}: no such host"
    if all(row["port"] != port for row in service["spec"].get("ports", ())):
        return f'no service port {port} found for service "{name}"'
    pieces = store.list("endpointslices.discovery.k8s.io", namespace)
    ready = any(
        endpoint.get("conditions", {}).get("ready")
        for piece in pieces
        if piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") == name
        for endpoint in piece.get("endpoints") or ()
    )
    if ready:
        return "http: server gave HTTP response to HTTPS client"
    return f"dial tcp {service['spec'].get('clusterIP', '')}:{port}: connect: connection refused"
