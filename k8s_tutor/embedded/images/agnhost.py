"""`registry.k8s.io/e2e-test-images/agnhost`: Kubernetes' own test server.

Simulated: `netexec`, `serve-hostname`, `liveness`, `pause`, `test-webserver`, `entrypoint-tester`; its other
subcommands say that they are not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from urllib.parse import unquote_plus

from k8s_tutor.embedded.images import busybox, web
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.program import Forever, Handler, Interrupted, Main, Program, Reply, System, instant
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["contents"]

_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_NOT_SIMULATED = ("/dial", "/shell", "/upload")


def _agnhost(system: System) -> Program:
    command = system.args[1] if len(system.args) > 1 else "--help"
    program = _COMMANDS.get(command)
    if program is None:
        system.err(f"agnhost {command} is not simulated on the embedded cluster; simulated: {', '.join(_COMMANDS)}\n")
        return 127
    return (yield from program(system))


def _log(system: System, words: str) -> None:
    moment = datetime.fromtimestamp(int(system.now()), UTC)
    system.err(f"{moment:%Y/%m/%d %H:%M:%S} {words}\n")


def _option(system: System, name: str, default: str) -> str:
    words = system.args
    for number, word in enumerate(words):
        if word == f"--{name}" and number + 1 < len(words):
            return words[number + 1]
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
    return default


def _pause(system: System) -> Program:
    system.out("Paused\n")
    system.catch("TERM", "INT")
    system.out("Signals registered\n")
    try:
        yield Forever()
    except Interrupted as signal:
        name, code = ("terminated", 2) if signal.signal == "TERM" else ("interrupt", 1)
        words = f'exiting because of signal "{name}"\n'
        system.files.write(system.env.get("TERMINATION_MESSAGE_PATH") or "/dev/termination-log", words.encode())
        system.out(words)
        return code
    return 0


def _liveness(system: System) -> Program:
    """Healthy for ten seconds, then not."""
    started = system.now()

    def serve(request: HttpRequest, _: str) -> Reply:
        age = system.now() - started
        match web.path_of(request):
            case "/healthz" if age > 10:
                return Reply(web.answer(system.now(), 500, f"error: {age}", _PLAIN))
            case "/healthz":
                return Reply(web.answer(system.now(), 200, "ok", _PLAIN))
            case "/started":
                return Reply(web.answer(system.now(), 200, f"{age}s", _PLAIN))
        return Reply(web.not_found(system.now()))

    system.listen(8080, serve)
    return (yield from _until_terminated(system))


def _until_terminated(system: System) -> Program:
    """A Go program that does not handle TERM dies of it, even as a container's first process, with exit code 2."""
    system.catch("TERM")
    try:
        yield Forever()
    except Interrupted:
        return 2
    return 0


def _netexec(system: System) -> Program:
    port = int(_option(system, "http-port", "8080"))
    stopping: list[bool] = []
    system.listen(port, _netexec_routes(system, port, stopping))
    _log(system, f"Started HTTP server on port {port}")
    udp = _option(system, "udp-port", "8081")
    if udp != "-1":
        _log(system, f"Started UDP server on port  {udp}")
    system.catch("TERM")
    try:
        yield Forever()
    except Interrupted:
        stopping.append(True)
    return 0


def _netexec_routes(system: System, port: int, stopping: list[bool]) -> Handler:
    def plain(text: str, code: int = 200) -> Reply:
        return Reply(web.answer(system.now(), code, text, _PLAIN))

    routes: dict[str, Callable[[HttpRequest], Reply]] = {
        "/serverport": lambda _: plain(str(port)),
        "/hostname": lambda _: plain(system.hostname),
        "/hostName": lambda _: plain(system.hostname),
        "/healthz": lambda _: plain(""),
        "/readyz": lambda _: plain("", 503 if stopping else 200),
        "/echo": lambda request: plain(web.param(request, "msg"), int(web.param(request, "code") or 200)),
        "/header": lambda request: plain(web.header(request, web.param(request, "key"))),
        "/envvar": lambda request: _variable(system, request),
        "/redirect": lambda request: _redirect(system, request),
        **dict.fromkeys(("/exit", "/shutdown"), lambda request: _exit(system, request)),
        **dict.fromkeys(_NOT_SIMULATED, lambda _: plain("not simulated on the embedded cluster\n", 501)),
    }

    def serve(request: HttpRequest, client: str) -> Reply:
        path = web.path_of(request)
        if path not in ("/healthz", "/readyz"):
            _log(system, f"GET {request.path}")
        if path == "/clientip":
            return plain(f"{client}:{32768 + system.random.randrange(28232)}")
        route = routes.get(path)
        if route is not None:
            return route(request)
        moment = datetime.fromtimestamp(system.now(), UTC)
        return plain(f"NOW: {moment:%Y-%m-%d %H:%M:%S.%f} +0000 UTC")

    return serve


def _exit(system: System, request: HttpRequest) -> Reply:
    system.exit(int(web.param(request, "code") or 0))
    return Reply(None)


def _variable(system: System, request: HttpRequest) -> Reply:
    name = web.param(request, "var")
    if not name:
        return Reply(web.answer(system.now(), 400, "missing 'var' query parameter\n", _PLAIN))
    value = system.env.get(name)
    code = 500 if value is None else 200
    return Reply(web.answer(system.now(), code, value or f"environment variable {name} is not set\n", _PLAIN))


def _redirect(system: System, request: HttpRequest) -> Reply:
    code = int(web.param(request, "code") or 302)
    location = unquote_plus(web.param(request, "location"))
    return Reply(
        HttpAnswer(code, b"", {"Location": location, "Date": web.http_date(system.now()), "Content-Length": "0"})
    )


def _serve_hostname(system: System) -> Program:
    port = int(_option(system, "port", "9376"))

    def serve(_request: HttpRequest, _client: str) -> Reply:
        return Reply(web.answer(system.now(), 200, system.hostname, _PLAIN))

    system.listen(port, serve)
    _log(system, "Serving on port 9376." if port == 9376 else f"Serving on port {port}.")
    return (yield from _until_terminated(system))


def _webserver(system: System) -> Program:
    def serve(request: HttpRequest, _: str) -> Reply:
        path = web.path_of(request)
        if not system.files.is_file(path):
            return Reply(web.not_found(system.now()))
        return Reply(web.answer(system.now(), 200, system.files.read(path), _PLAIN))

    system.listen(80, serve)
    return (yield from _until_terminated(system))


@instant
def _entrypoint(system: System) -> int:
    system.out("[" + " ".join(system.args) + "]\n")
    return 0


_COMMANDS: dict[str, Main] = {
    "netexec": _netexec,
    "serve-hostname": _serve_hostname,
    "liveness": _liveness,
    "pause": _pause,
    "test-webserver": _webserver,
    "entrypoint-tester": _entrypoint,
}


@cache
def contents() -> Contents:
    """What is inside the image."""
    return Contents({**busybox.programs(), "/agnhost": _agnhost}, busybox.FILES)
