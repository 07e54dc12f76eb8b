"""HTTP as the catalogue's servers speak it: dates, JSON as Go's encoder writes it, the usual refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["answer", "go_json", "header", "http_date", "no_method", "not_found", "param", "path_of", "phrase"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(seconds: float) -> str:
    """`Mon, 23 Nov 2026 08:44:53 GMT`; never in the machine's own language."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} GMT"


def phrase(code: int) -> str:
    """The words after a status code, as Go's `http.StatusText` has them."""
    if code == 418:
        return "I'm a teapot"
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return f"status code {code}"


def answer(now: float, code: int, body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> HttpAnswer:
    """An answer as Go's HTTP server sends it: the handler's headers, then Date and Content-Length."""
    content = body.encode() if isinstance(body, str) else body
    full = {**(headers or {}), "Date": http_date(now), "Content-Length": str(len(content))}
    return HttpAnswer(code, content, full)


def not_found(now: float) -> HttpAnswer:
    """Go's `http.NotFound`."""
    plain = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
    return answer(now, 404, "404 page not found\n", plain)


def no_method(now: float) -> HttpAnswer:
    """405, as gorilla/mux sends it."""
    return answer(now, 405)


def go_json(value: object, *, indent: bool = False) -> str:
    """JSON as `encoding/json` writes it: maps sorted by the caller's order kept, HTML characters escaped."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, indent=2 if indent else None, separators=separators, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def path_of(request: HttpRequest) -> str:
    """The path without its query."""
    return urlsplit(request.path).path or "/"


def param(request: HttpRequest, name: str) -> str:
    """A query parameter's first value, or empty."""
    return parse_qs(urlsplit(request.path).query, keep_blank_values=True).get(name, [""])[0]


def header(request: HttpRequest, name: str) -> str:
    """A header's value whatever its case, or empty."""
    wanted = name.lower()
    return next((value for key, value in request.headers.items() if key.lower() == wanted), "")
