"""`/healthz`, `/livez`, `/readyz`: an API server that answers is well."""

from __future__ import annotations

from k8s_tutor.api.protocol import Request, Response

__all__ = ["CHECKS", "answer"]

CHECKS = ("/healthz", "/livez", "/readyz")
_PARTS = ("ping", "log", "etcd")
_TEXT = "text/plain; charset=utf-8"


def answer(path: str, request: Request) -> Response | None:
    """The answer to a health check; None when the path is none."""
    check, _, part = path[1:].partition("/")
    if f"/{check}" not in CHECKS:
        return None
    if part:
        return Response(200, "ok", _TEXT) if part in _PARTS else None
    if not any(key == "verbose" for key, _ in request.query):
        return Response(200, "ok", _TEXT)
    lines = "".join(f"[+]{name} ok\n" for name in _PARTS if name not in request.params("exclude"))
    return Response(200, f"{lines}{check} check passed\n", _TEXT)
