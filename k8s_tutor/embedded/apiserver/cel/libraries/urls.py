"""`url("https://…")`: parts of a URL, as Go's net/url tells them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus, urlsplit

from k8s_tutor.embedded.apiserver.cel.libraries.function import Function, content, wrapped

__all__ = ["URLS"]

URL = "kubernetes.URL"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _problem(text: str) -> str:
    """What Go's url.ParseRequestURI says, `""` when it takes the text."""
    words = ""
    if not text:
        words = "empty url"
    elif text.startswith(":"):
        words = "missing protocol scheme"
    elif not text.startswith("/") and not _SCHEME.match(text):
        words = "invalid URI for request"
    else:
        try:
            urlsplit(text).port  # noqa: B018 — complains where it is no number
        except ValueError:
            words = "invalid port after host"
    return f'parse "{text}": {words}' if words else ""


def _made(text: str) -> dict[str, str]:
    if problem := _problem(text):
        raise ValueError(f"URL parse error during conversion from string: {problem}")
    return wrapped(URL, text)


def _host(value: dict[str, str]) -> str:
    return urlsplit(content(value)).netloc.rpartition("@")[2]


def _port(value: dict[str, str]) -> str:
    port = urlsplit(content(value)).port
    return "" if port is None else str(port)


def _query(value: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in urlsplit(content(value)).query.split("&"):
        key, _, item = pair.partition("=")
        if pair:
            found.setdefault(unquote_plus(key), []).append(unquote_plus(item))
    return found


def _hostname(value: dict[str, str]) -> str:
    host = _host(value)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


URLS = (
    Function("url", ("string",), URL, _made),
    Function("isURL", ("string",), "bool", lambda text: not _problem(text)),
    Function("getScheme", (URL,), "string", lambda value: urlsplit(content(value)).scheme, method=True),
    Function("getHost", (URL,), "string", _host, method=True),
    Function("getHostname", (URL,), "string", _hostname, method=True),
    Function("getPort", (URL,), "string", _port, method=True),
    Function(
        "getEscapedPath",
        (URL,),
        "string",
        lambda value: quote(urlsplit(content(value)).path, safe="/%:@!$&'()*+,;=~-._"),
        method=True,
    ),
    Function("getQuery", (URL,), "map<string, list<string>>", _query, method=True),
)
