"""Exec and attach: which of their forms a request asks for, and joining it to the session."""

from __future__ import annotations

from aiohttp import web

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import Upgrade
from k8s_tutor.embedded.http import commandstreams, sockets, tunnels
from k8s_tutor.embedded.http.door import Door
from k8s_tutor.embedded.http.websockets import offered

__all__ = ["refusal", "serve_command"]


def refusal(http: web.BaseRequest) -> Response | None:
    """Why this request cannot become an exec or attach, or None."""
    if tunnels.asks_for_spdy(http):
        known = commandstreams.PROTOCOLS
        return None if tunnels.negotiated(http, known) else _not_spoken(tunnels.offered(http), known)
    if http.headers.get("Upgrade", "").lower() != "websocket":
        return Response(400, failure(400, "BadRequest", "Upgrade request required"))
    protocols = offered(http)
    if protocols and not set(protocols) & set(sockets.PROTOCOLS):
        return _not_spoken(protocols, sockets.PROTOCOLS)
    return None


def _not_spoken(offers: list[str], known: tuple[str, ...]) -> Response:
    words = f"client supports [{' '.join(offers)}], server accepts [{' '.join(known)}]"
    return Response(403, failure(403, "Forbidden", f"unable to upgrade: unable to negotiate protocol: {words}"))


async def serve_command(http: web.BaseRequest, upgrade: Upgrade, door: Door) -> web.StreamResponse:
    """Joins a request and a session until the command ends or the client goes away."""
    serve = commandstreams.serve_streams if tunnels.asks_for_spdy(http) else sockets.serve_socket
    with door.outsider():
        try:
            return await serve(http, upgrade, door)
        finally:
            with door.hold():
                upgrade.session.close()
