"""What the WebSockets of the API server have in common."""

from __future__ import annotations

from aiohttp import web

__all__ = ["offered"]


def offered(http: web.BaseRequest) -> list[str]:
    """The sub-protocols a client offers, in its order."""
    listed = http.headers.getall("Sec-WebSocket-Protocol", [])
    return [name.strip() for each in listed for name in each.split(",") if name.strip()]
