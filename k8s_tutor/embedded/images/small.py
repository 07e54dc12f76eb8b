"""Small servers of which all is simulated that a lesson or a manifest asks: http-echo, whoami, kuard, hello-world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache

from k8s_tutor.embedded.images import busybox, web
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.program import Forever, Interrupted, Main, Program, Reply, System, instant
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["contents"]

_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@cache
def contents(image: str, version: str) -> Contents:
    """What is inside one of them."""
    return {
        "http-echo": lambda: Contents({"/http-echo": _http_echo(version)}),
        "whoami": lambda: Contents({"/whoami": _whoami}),
        "hello-world": lambda: Contents({"/hello": _hello}),
        "kuard": lambda: Contents({**busybox.programs("1.27.2"), "/kuard": _kuard(version)}, busybox.FILES),
    }[image]()


def _stamp(system: System) -> str:
    return f"{datetime.fromtimestamp(int(system.now()), UTC):%Y/%m/%d %H:%M:%S}"


def _option(system: System, name: str, default: str) -> str:
    """A flag as Go's `flag` and `pflag` read it: one dash or two, `=` or a word of its own."""
    words = system.args[1:]
    for number, word in enumerate(words):
        key, given, value = word.partition("=")
        if word.startswith("-") and key.lstrip("-") == name:
            return value if given else words[number + 1] if number + 1 < len(words) else ""
    return default


def _port(address: str) -> int:
    port = address.rpartition(":")[2]
    return int(port) if port.isdigit() else 80


def _client(system: System, address: str) -> str:
    return f"{address}:{32768 + system.random.randrange(28232)}"


def _until_terminated(system: System, code: int = 2) -> Program:
    """A Go program that does not handle TERM dies of it, even as a container's first process."""
    system.catch("TERM", "INT")
    try:
        yield Forever()
    except Interrupted:
        return code
    return 0


# ---- `hashicorp/http-echo`: one text for every request


def _http_echo(version: str) -> Main:
    old = version.startswith("0.")

    def main(system: System) -> Program:
        if any(word.lstrip("-") == "version" for word in system.args[1:]):
            system.err(f"http-echo v{version}\n")
            return 0
        text = _option(system, "text", "") or ("" if old else system.env.get("ECHO_TEXT", ""))
        if not text:
            system.err("Missing -text option!\n" if old else "Missing -text option OR ENV var TEXT is empty!\n")
            return 127
        listen = _option(system, "listen", ":5678")
        system.listen(_port(listen), lambda request, client: _echoed(system, request, client, text, version))
        words = f"Server is listening on {listen}" if old else f"[INFO] server is listening on {listen}"
        system.err(f"{_stamp(system)} {words}\n")
        system.catch("INT")
        try:
            yield Forever()
        except Interrupted:
            system.err(f"{_stamp(system)} [INFO] received interrupt, shutting down...\n")
        return 2

    return main


def _echoed(system: System, request: HttpRequest, client: str, text: str, version: str) -> Reply:
    path = web.path_of(request)
    healthy = path == "/health"
    body = '{"status":"ok"}\n' if healthy else f"{text}\n"
    if not healthy:
        who = f"{web.header(request, 'Host')} {_client(system, client)}"
        agent = web.header(request, "User-Agent")
        line = f'"{request.method} {path} HTTP/1.1" 200 {len(body.encode())} "{agent}" 21.4µs'
        system.out(f"{_stamp(system)} {who} {line}\n")
    about = {"X-App-Name": "http-echo", "X-App-Version": version}
    return Reply(web.answer(system.now(), 200, body, {**about, **_PLAIN}))


# ---- `traefik/whoami`: who answers, and what was asked


def _whoami(system: System) -> Program:
    port = _option(system, "port", "") or system.env.get("WHOAMI_PORT_NUMBER", "") or "80"
    name = _option(system, "name", "") or system.env.get("WHOAMI_NAME", "")
    state = [200]

    def serve(request: HttpRequest, address: str) -> Reply:
        client = _client(system, address)
        match web.path_of(request):
            case "/health" if request.method == "POST":
                text = request.body.decode(errors="replace").strip()
                state[0] = int(text) if text.isdigit() and 100 <= int(text[:4]) < 600 else state[0]
                return Reply(web.answer(system.now(), 200))
            case "/health":
                return Reply(web.answer(system.now(), state[0]))
            case "/bench":
                return Reply(web.answer(system.now(), 200, "1", {"Connection": "keep-alive", **_PLAIN}))
            case "/api":
                return Reply(_in_json(system, request, client, name))
            case "/data" | "/echo":
                return Reply(web.answer(system.now(), 501, "not simulated on the embedded cluster\n", _PLAIN))
        lines = [*([f"Name: {name}"] if name else []), f"Hostname: {system.hostname}", *_addresses(system)]
        asked = f"{request.method} {request.path} HTTP/1.1\r\n" + "".join(f"{row}\r\n" for row in _headers(request))
        body = "".join(f"{line}\n" for line in (*lines, f"RemoteAddr: {client}")) + asked + "\r\n"
        if web.param(request, "env") in ("1", "t", "T", "true", "TRUE", "True"):
            body += "".join(f"{key}={value}\n" for key, value in system.env.items())
        return Reply(web.answer(system.now(), 200, body, _PLAIN))

    system.listen(_port(port), serve)
    system.err(f"{_stamp(system)} Starting up on port {port}\n")
    return (yield from _until_terminated(system))


def _addresses(system: System) -> Iterator[str]:
    yield "IP: 127.0.0.1"
    yield "IP: ::1"
    yield f"IP: {system.address}"


def _headers(request: HttpRequest) -> Iterator[str]:
    """The request's head as Go writes it: Host and User-Agent first, then the others in order."""
    yield f"Host: {web.header(request, 'Host')}"
    if agent := web.header(request, "User-Agent"):
        yield f"User-Agent: {agent}"
    rest = {key.title(): value for key, value in request.headers.items() if key.lower() not in ("host", "user-agent")}
    yield from (f"{key}: {rest[key]}" for key in sorted(rest))


def _in_json(system: System, request: HttpRequest, client: str, name: str) -> HttpAnswer:
    heads = {key.title(): [value] for key, value in sorted(request.headers.items()) if key.lower() != "host"}
    facts = {
        "hostname": system.hostname,
        "ip": [line.removeprefix("IP: ") for line in _addresses(system)],
        "headers": heads,
        "url": request.path,
        "host": web.header(request, "Host"),
        "method": request.method,
        **({"name": name} if name else {}),
        "remoteAddr": client,
    }
    return web.answer(system.now(), 200, web.go_json(facts) + "\n", {"Content-Type": "application/json"})


# ---- `kuard`: the server of "Kubernetes: Up and Running"


def _kuard(version: str) -> Main:
    def main(system: System) -> Program:
        listen = _option(system, "address", ":8080")
        probes = {"/healthy": _Probe(), "/ready": _Probe()}

        def log(words: str) -> None:
            system.err(f"{_stamp(system)} {words}\n")

        def serve(request: HttpRequest, address: str) -> Reply:
            client = _client(system, address)
            log(f"{client} {request.method} {request.path}")
            return Reply(_kuard_answer(system, request, client, version, probes))

        log(f"Starting kuard version: {version}")
        for words in ("*" * 70, "* WARNING: This server may expose sensitive", "* and secret information. Be careful."):
            log(words)
        log("*" * 70)
        system.listen(_port(listen), serve)
        log(f"Serving on HTTP on {listen}")
        return (yield from _until_terminated(system))

    return main


class _Probe:
    """What a probe is answered: well, or so many times badly, or badly for ever (-1)."""

    def __init__(self) -> None:
        self.fails = 0

    def answered(self, now: float) -> HttpAnswer:
        """The next answer."""
        if self.fails:
            self.fails -= self.fails > 0
            return web.answer(now, 500, "fail", _PLAIN)
        return web.answer(now, 200, "ok", _PLAIN)


def _kuard_answer(
    system: System, request: HttpRequest, client: str, version: str, probes: dict[str, _Probe]
) -> HttpAnswer:
    path, now = web.path_of(request), system.now()
    probe = probes.get("/" + path.split("/")[1])
    if probe is not None and path.endswith("/api"):
        if request.method == "PUT":
            text = request.body.decode(errors="replace")
            digits = text.rpartition(":")[2].strip(" }\n")
            probe.fails = int(digits) if digits.lstrip("-").isdigit() and len(digits) < _DIGITS else 0
        return web.answer(now, 200, web.go_json({"failNext": probe.fails}), {"Content-Type": "application/json"})
    if probe is not None:
        return probe.answered(now)
    pages: dict[str, Callable[[], HttpAnswer]] = {
        "/": lambda: _front(system, request, client, version),
        "/env/api": lambda: web.answer(
            now,
            200,
            web.go_json({"commandLine": list(system.args), "env": dict(sorted(system.env.items()))}),
            {"Content-Type": "application/json"},
        ),
    }
    if path in pages:
        return pages[path]()
    if path.startswith("/fs/"):
        return _file(system, path.removeprefix("/fs"))
    if path.split("/")[1] in ("built", "static", "env", "dns", "keygen", "memory", "mem", "memq"):
        return web.answer(now, 501, "this part of kuard is not simulated on the embedded cluster\n", _PLAIN)
    return web.not_found(now)


_DIGITS = 9


def _front(system: System, request: HttpRequest, client: str, version: str) -> HttpAnswer:
    """The page, without its scripts: what it says, as the real one says it."""
    head = "\n".join((f"{request.method} {request.path} HTTP/1.1", *_headers(request)))
    dump = head.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    rows = (
        "<!doctype html>\n<html lang='en'>\n<head>\n  <meta charset='utf-8'>\n  <title>KUAR Demo</title>\n</head>",
        f"<body>\n<h1>Demo application version <i>{version}</i></h1>",
        f"<p>Serving this page from <b>{system.hostname}</b>, {system.address}.</p>",
        f"<h2>Request Details</h2>\n<p>Proto: HTTP/1.1, client: {client}</p>\n<pre>{dump}</pre>\n</body>\n</html>\n",
    )
    return web.answer(system.now(), 200, "\n".join(rows), {"Content-Type": "text/html"})


def _file(system: System, path: str) -> HttpAnswer:
    if system.files.is_directory(path):
        links = "".join(f'<a href="{name}">{name}</a>\n' for name in sorted(system.files.names(path)))
        return web.answer(system.now(), 200, f"<pre>\n{links}</pre>\n", {"Content-Type": "text/html; charset=utf-8"})
    if not system.files.is_file(path):
        return web.not_found(system.now())
    return web.answer(system.now(), 200, system.files.read(path), _PLAIN)


# ---- `hello-world`: says so, and ends

_HELLO = """
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

"""


@instant
def _hello(system: System) -> int:
    system.out(_HELLO)
    return 0
