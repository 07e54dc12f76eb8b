"""`ghcr.io/stefanprodan/podinfo`: the course's web application. Port 9898.

Routes, bodies, log lines and flags follow podinfo 6.9.2. Not simulated (answered with 501 and a word about it): the
browsers' user interface beyond a plain page, gRPC, the cache (Redis), WebSockets, TLS, tokens, pprof, swagger.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images import busybox, web
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes, words_of
from k8s_tutor.embedded.images.program import (
    AddressInUse,
    Exit,
    Forever,
    Interrupted,
    Main,
    Program,
    Reply,
    Sleep,
    System,
)
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["contents", "podinfo"]

_LOGO = "https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif"
_JSON = {"Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": "nosniff"}
_NOT_SIMULATED = ("/cache", "/ws/", "/token", "/swagger", "/debug/pprof")
_FLAGS = {
    "port": "9898",
    "level": "info",
    "ui-color": "#34577c",
    "ui-logo": _LOGO,
    "ui-message": "",
    "config-path": "",
    "server-shutdown-timeout": "5s",
    "host": "",
    "backend-url": "",
    "grpc-port": "0",
    "port-metrics": "0",
    "stress-memory": "0",
}
_SWITCHES = ("unhealthy", "unready", "random-error", "random-delay", "h2c")
_LEVELS = ("debug", "info", "warn", "error", "fatal", "panic")


@dataclass(slots=True)
class _State:
    """One running podinfo."""

    system: System
    version: str
    options: dict[str, str]
    healthy: bool = True
    ready: bool = True
    requests: dict[tuple[str, str], int] = field(default_factory=dict)

    def log(self, message: str, caller: str, level: str = "info", **fields: str) -> None:
        """One JSON line on standard error, as zap writes it, if the chosen level lets it through."""
        if _LEVELS.index(level) < _LEVELS.index(self.options["level"]):
            return
        now = self.system.now()
        stamp = rfc3339(now)[:-1] + f".{int(now * 1000) % 1000:03d}Z"
        line = {"level": level, "ts": stamp, "caller": caller, "msg": message, **fields}
        self.system.err(web.go_json(line) + "\n")


def podinfo(version: str) -> Main:
    """The program of one version."""

    def main(system: System) -> Program:
        state = _State(system, version, _options(system, version))
        state.healthy = state.options.get("unhealthy") != "true"
        state.ready = state.options.get("unready") != "true"
        system.catch("TERM", "INT")
        system.allocate(int(state.options["stress-memory"]) << 20)
        yield Sleep(0.01)
        port = int(state.options["port"])
        state.log("Starting podinfo", "podinfo/main.go:153", version=version, revision="unknown", port=str(port))
        state.log("Starting HTTP Server.", "http/server.go:224", addr=f"{state.options['host']}:{port}")
        try:
            system.listen(port, lambda request, client: _serve(state, request))
        except AddressInUse:
            error = f"listen tcp :{port}: bind: address already in use"
            state.log("HTTP server crashed", "http/server.go:226", "fatal", error=error)
            return 1
        try:
            yield Forever()
        except Interrupted:
            yield from _shut_down(state)
        return 0

    return main


def _shut_down(state: _State) -> Program:
    state.healthy = state.ready = False
    state.log(
        "Shutting down HTTP/HTTPS server", "signals/shutdown.go:50", timeout=state.options["server-shutdown-timeout"]
    )
    if state.options["level"] != "debug":
        yield Sleep(3)
    return 0


def _options(system: System, version: str) -> dict[str, str]:
    """Flags over `PODINFO_…` variables over defaults."""
    options = {**_FLAGS, "ui-message": f"greetings from podinfo v{version}"}
    for name in (*_FLAGS, *_SWITCHES):
        if value := system.env.get("PODINFO_" + name.replace("-", "_").upper()):
            options[name] = value
    args = list(system.args[1:])
    while args:
        flag, equals, value = args.pop(0).partition("=")
        name = flag.lstrip("-")
        if name in ("version", "v"):
            system.out(f"{version}\n")
            raise Exit(0)
        if name in _SWITCHES:
            options[name] = value if equals else "true"
        elif name in _FLAGS:
            options[name] = value if equals else (args.pop(0) if args else "")
        else:
            system.err(f"Error: unknown flag: --{name}\n\n")
            raise Exit(2)
    return options


def _serve(state: _State, request: HttpRequest) -> Reply:
    path = web.path_of(request)
    if path == "/panic" and request.method == "GET":
        state.log("Panic command received", "http/panic.go:16")
        state.system.exit(255)
        return Reply(None)
    reply = _route(state, request, path)
    if reply.answer is not None:
        key = (path, str(reply.answer.code))
        state.requests[key] = state.requests.get(key, 0) + 1
    return reply


def _route(state: _State, request: HttpRequest, path: str) -> Reply:
    for pattern, methods, handler in _ROUTES:
        if match := re.fullmatch(pattern, path):
            if methods and request.method not in methods:
                return Reply(web.no_method(state.system.now()))
            return handler(state, request, match.group(1) if match.groups() else "")
    if path.startswith(_NOT_SIMULATED):
        words = "this part of podinfo is not simulated on the embedded cluster\n"
        return Reply(web.answer(state.system.now(), 501, words, {"Content-Type": "text/plain; charset=utf-8"}))
    return Reply(web.not_found(state.system.now()))


def _as_json(state: _State, value: object, code: int = 200) -> HttpAnswer:
    return web.answer(state.system.now(), code, web.go_json(value, indent=True), _JSON)


def _info(state: _State, request: HttpRequest, _: str) -> Reply:
    facts = {
        "hostname": state.system.hostname,
        "version": state.version,
        "revision": "unknown",
        "color": state.options["ui-color"],
        "logo": state.options["ui-logo"],
        "message": state.options["ui-message"],
        "goos": "linux",
        "goarch": "amd64",
        "runtime": "go1.26.8",
        "num_goroutine": "8",
        "num_cpu": "4",
    }
    if web.header(request, "User-Agent").startswith("Mozilla") and web.path_of(request) == "/":
        return Reply(web.answer(state.system.now(), 200, _page(facts), {"Content-Type": "text/html; charset=utf-8"}))
    return Reply(_as_json(state, facts))


def _page(facts: dict[str, str]) -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{facts['hostname']}</title></head>"
        f'<body style="background:{facts["color"]};color:#fff;font-family:sans-serif;text-align:center">'
        f"<h1>{facts['message']}</h1><p>Serving request from {facts['hostname']}</p><p>version {facts['version']}</p>"
        "</body></html>\n"
    )


def _version(state: _State, _request: HttpRequest, _: str) -> Reply:
    return Reply(_as_json(state, {"commit": "unknown", "version": state.version}))


def _health(state: _State, request: HttpRequest, _: str) -> Reply:
    fine = state.healthy if web.path_of(request) == "/healthz" else state.ready
    return Reply(_as_json(state, {"status": "OK"}) if fine else web.answer(state.system.now(), 503))


def _switch_ready(state: _State, _request: HttpRequest, word: str) -> Reply:
    state.ready = word == "enable"
    return Reply(web.answer(state.system.now(), 202))


def _environment(state: _State, _request: HttpRequest, _: str) -> Reply:
    return Reply(_as_json(state, [f"{key}={value}" for key, value in state.system.env.items()]))


def _headers(state: _State, request: HttpRequest, _: str) -> Reply:
    seen = {key.title(): [value] for key, value in request.headers.items() if key.lower() != "host"}
    seen |= {"X-Api-Revision": ["unknown"], "X-Api-Version": [state.version]}
    return Reply(_as_json(state, dict(sorted(seen.items()))))


def _delay(state: _State, _request: HttpRequest, seconds: str) -> Reply:
    return Reply(_as_json(state, {"delay": int(seconds)}), seconds=float(seconds))


def _status(state: _State, _request: HttpRequest, code: str) -> Reply:
    return Reply(_as_json(state, {"status": int(code)}, int(code)))


def _echo(state: _State, request: HttpRequest, _: str) -> Reply:
    return Reply(web.answer(state.system.now(), 202, request.body, {"X-Color": state.options["ui-color"]}))


def _configs(state: _State, _request: HttpRequest, _: str) -> Reply:
    root, files = state.options["config-path"], state.system.files
    if not root:
        return Reply(_as_json(state, {}))
    found = {
        name: files.read(f"{root}/{name}").decode() for name in files.names(root) if files.is_file(f"{root}/{name}")
    }
    return Reply(_as_json(state, found))


def _store(state: _State, request: HttpRequest, _: str) -> Reply:
    from hashlib import sha1  # noqa: PLC0415  (the name podinfo gives a stored body)

    name = sha1(request.body, usedforsecurity=False).hexdigest()
    try:
        state.system.files.write(f"/data/{name}", request.body)
    except OSError as error:
        why = f"writing file failed: open /data/{name}: {words_of(error).lower()}"
        return Reply(_as_json(state, {"code": 500, "message": why}))
    return Reply(web.answer(state.system.now(), 202, json.dumps({"hash": name}, indent=2), _JSON))


def _stored(state: _State, _request: HttpRequest, name: str) -> Reply:
    try:
        return Reply(web.answer(state.system.now(), 202, state.system.files.read(f"/data/{name}")))
    except OSError as error:
        return Reply(_as_json(state, {"code": 500, "message": f"reading file failed: {type(error).__name__}"}))


def _metrics(state: _State, _request: HttpRequest, _: str) -> Reply:
    lines = [
        "# HELP http_requests_total The total number of HTTP requests.",
        "# TYPE http_requests_total counter",
        *(f'http_requests_total{{path="{path}",status="{code}"}} {n}' for (path, code), n in state.requests.items()),
    ]
    kind = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"}
    return Reply(web.answer(state.system.now(), 200, "\n".join(lines) + "\n", kind))


_ROUTES = (
    (r"/metrics", (), _metrics),
    (r"/", ("GET",), _info),
    (r"/version", ("GET",), _version),
    (r"/(?:api/)?echo(?:/.*)?", (), _echo),
    (r"/env", ("GET", "POST"), _environment),
    (r"/headers", ("GET", "POST"), _headers),
    (r"/delay/([0-9]+)", ("GET",), _delay),
    (r"/chunked/([0-9]+)", (), _delay),
    (r"/healthz", ("GET",), _health),
    (r"/readyz", ("GET",), _health),
    (r"/readyz/(enable|disable)", ("POST",), _switch_ready),
    (r"/status/([0-9]+)", ("GET", "POST", "PUT"), _status),
    (r"/store", ("POST", "PUT"), _store),
    (r"/store/([^/]+)", (), _stored),
    (r"/configs", ("GET",), _configs),
    (r"/api/info", ("GET",), _info),
)


@cache
def contents(version: str) -> Contents:
    """What is inside the image of one version."""
    files = {
        "/etc/passwd": busybox.FILES["/etc/passwd"] + b"app:x:100:101:Linux User,,,:/home/app:/sbin/nologin\n",
        "/etc/group": b"root:x:0:root\napp:x:101:app\n",
    }
    own = {"/home/app": Attributes(100, 101, DIRECTORY | 0o755), "/data": Attributes(100, 101, DIRECTORY | 0o755)}
    return Contents({**busybox.programs(), "/home/app/podinfo": podinfo(version)}, {**busybox.FILES, **files}, own)
