"""Commands that talk to the network: `wget`, `nslookup`, `nc -z`, `ping`, `httpd`."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

from k8s_tutor.embedded.images import web
from k8s_tutor.embedded.images.applets.arguments import UsageFault, absolute, split
from k8s_tutor.embedded.images.program import AddressInUse, Fetch, Forever, Main, Program, Reply, Sleep, System
from k8s_tutor.embedded.network import Broken, Fault, Refused, TimedOut, UnknownHost
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["APPLETS"]

_NO_PAGE = (
    "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n"
    "<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n"
)
_BAR = "|" + "*" * 32 + "|"


@dataclass(slots=True)
class _Order:
    """What `wget` is asked to do."""

    url: str = ""
    quiet: bool = False
    show: bool = False
    spider: bool = False
    output: str = ""
    post: bytes | None = None
    timeout: float = 900.0
    headers: dict[str, str] = field(default_factory=dict)


def wget(system: System) -> Program:
    """`wget`: HTTP only."""
    order = _order(system)
    parts = urlsplit(order.url if "://" in order.url else f"http://{order.url}")
    if parts.scheme != "http":
        raise UsageFault(f"{parts.scheme} is not simulated on the embedded cluster")
    host, port = parts.hostname or "", parts.port or 80
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": "Wget", "Connection": "close", **order.headers}
    request = HttpRequest("GET" if order.post is None else "POST", path, headers, order.post or b"")
    if not order.quiet:
        _announce(system, host, port)
    try:
        answer = yield Fetch(host, port, request, order.timeout)
    except Fault as fault:
        system.err(f"wget: {_fault_words(fault)}\n")
        return 1
    return _received(system, order, answer, posixpath.basename(parts.path) or "index.html")


def _announce(system: System, host: str, port: int) -> None:
    with suppress(UnknownHost):
        system.err(f"Connecting to {host}{f':{port}' if port != 80 else ''} ({system.resolve(host)[0]}:{port})\n")


def _fault_words(fault: Fault) -> str:
    match fault:
        case UnknownHost():
            return f"bad address '{fault.host}'"
        case Refused():
            return f"can't connect to remote host ({fault.address}): Connection refused"
        case TimedOut():
            return "download timed out"
        case Broken():
            return "error getting response"
    return str(fault)


def _order(system: System) -> _Order:
    order = _Order()
    short: list[str] = [system.args[0]]
    words = list(system.args[1:])
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name == "--spider":
            order.spider = True
        elif name in ("--header", "--post-data", "--timeout", "--post-file") and (equals or words):
            value = value if equals else words.pop(0)
            if name == "--header":
                key, _, content = value.partition(":")
                order.headers[key.strip()] = content.strip()
            elif name == "--post-data":
                order.post = value.encode()
            elif name == "--post-file":
                order.post = system.files.read(absolute(system, value))
            else:
                order.timeout = float(value)
        elif not name.startswith("--no-check"):
            short.append(word)
    given, system.args = system.args, tuple(short)
    options, rest = split(system, "cqS", "OoPUTY")
    system.args = given
    if len(rest) != 1:
        raise UsageFault("one URL, please")
    order.url, order.quiet, order.show = rest[0], options.has("q"), options.has("S")
    order.output = options.value("O") or ""
    order.timeout = float(options.value("T") or order.timeout)
    if options.value("U"):
        order.headers["User-Agent"] = options.value("U") or ""
    return order


def _received(system: System, order: _Order, answer: HttpAnswer, name: str) -> int:
    line = f"HTTP/1.1 {answer.code} {web.phrase(answer.code)}"
    if order.show:
        system.err(f"  {line}\n")
        if answer.code < 400:
            system.err("".join(f"  {key}: {value}\n" for key, value in answer.headers.items()) + "  \n")
    if answer.code >= 400:
        system.err(f"wget: server returned error: {line}\n")
        return 1
    if order.spider:
        if not order.quiet:
            system.err("remote file exists\n")
        return 0
    return _saved(system, order, answer, order.output or name)


def _saved(system: System, order: _Order, answer: HttpAnswer, target: str) -> int:
    screen = target == "-"
    if screen:
        system.out(answer.body)
    else:
        path = absolute(system, target)
        if system.files.exists(path) and not order.output:
            system.err(f"wget: can't open '{target}': File exists\n")
            return 1
        system.files.write(path, answer.body)
    if not order.quiet:
        system.err("writing to stdout\n" if screen else f"saving to '{target}'\n")
        system.err(f"{target:<20.20} 100% {_BAR} {len(answer.body):5d}  0:00:00 ETA\n")
        system.err("written to stdout\n" if screen else f"'{target}' saved\n")
    return 0


def nslookup(system: System) -> Program:
    """`nslookup NAME`: asks the cluster's DNS."""
    words = [word for word in system.args[1:] if not word.startswith("-")]
    if not words:
        raise UsageFault("which name?")
    name = words[0]
    yield Sleep(0.002)
    system.out("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n")
    searched = [name] if name.endswith(".") or name.count(".") >= 5 else _searched(system, name)
    for candidate in searched:
        aliases = system.aliases(candidate.rstrip("."))
        try:
            addresses = system.resolve(candidate.rstrip(".") + ".")
        except UnknownHost:
            if not aliases:
                continue
            addresses = []
        _tell(system, [candidate.rstrip("."), *aliases], addresses)
        return 0
    for candidate in searched:
        system.out(f"** server can't find {candidate}: NXDOMAIN\n\n")
    return 1


def _tell(system: System, chain: list[str], addresses: list[str]) -> None:
    """The answers to the questions for IPv4 and for IPv6 addresses; what a name stands for is in both."""
    known = "".join(f"{name}\tcanonical name = {other}\n" for name, other in pairwise(chain))
    system.out(known + "".join(f"Name:\t{chain[-1]}\nAddress: {address}\n" for address in addresses) + "\n")
    if known:
        system.out(known + "\n")


def _searched(system: System, name: str) -> list[str]:
    """BusyBox asks for the name with each search domain, unless it has a dot: then for the name alone."""
    if "." in name:
        return [name]
    text = system.files.read("/etc/resolv.conf").decode()
    domains = next((line.split()[1:] for line in text.splitlines() if line.startswith("search")), [])
    return [f"{name}.{domain}" for domain in domains]


def nc(system: System) -> Program:
    """`nc -z HOST PORT`: is somebody listening? Nothing else of it is simulated."""
    options, words = split(system, "zvl", "wp")
    if not options.has("z") or len(words) != 2:
        raise UsageFault("only `nc -z HOST PORT` is simulated on the embedded cluster")
    try:
        yield Fetch(words[0], int(words[1]), HttpRequest("HEAD"), float(options.value("w") or 10))
    except Broken:
        return 0
    except UnknownHost:
        system.err(f"nc: bad address '{words[0]}'\n")
        return 1
    except Fault:
        return 1
    if options.has("v"):
        system.err(f"{words[0]} ({system.resolve(words[0])[0]}:{words[1]}) open\n")
    return 0


def ping(system: System) -> Program:
    """`ping`, with `-c`: pods and nodes answer, a Service's address does not."""
    options, words = split(system, "q4", "cWwi")
    if not words:
        raise UsageFault("whom?")
    try:
        address = system.resolve(words[0])[0]
    except UnknownHost:
        system.err(f"ping: bad address '{words[0]}'\n")
        return 1
    system.out(f"PING {words[0]} ({address}): 56 data bytes\n")
    count, received = int(options.value("c") or 1 << 30), 0
    for number in range(count):
        if system.reachable(address):
            received += 1
            system.out(f"64 bytes from {address}: seq={number} ttl=63 time=0.485 ms\n")
        yield Sleep(1 if number < count - 1 else 0.001)
    lost = 100 * (count - received) // count
    words_of_loss = f"{count} packets transmitted, {received} packets received, {lost}% packet loss"
    system.out(f"\n--- {words[0]} ping statistics ---\n{words_of_loss}\n")
    if received:
        system.out("round-trip min/avg/max = 0.485/0.485/0.485 ms\n")
    return 0 if received else 1


def httpd(system: System) -> Program:
    """`httpd -f -p PORT -h DIRECTORY`: serves files."""
    options, _ = split(system, "fv", "phuc")
    port = int((options.value("p") or "80").rpartition(":")[2])
    root = absolute(system, options.value("h") or ".")

    def serve(request: HttpRequest, _client: str) -> Reply:
        path = posixpath.normpath(root + "/" + web.path_of(request))
        if system.files.is_directory(path):
            path = posixpath.join(path, "index.html")
        if not system.files.is_file(path):
            body = _NO_PAGE
            return Reply(web.answer(system.now(), 404, body, {"Content-type": "text/html"}))
        kind = "text/html" if path.endswith((".html", ".htm")) else "text/plain"
        return Reply(web.answer(system.now(), 200, system.files.read(path), {"Content-type": kind}))

    try:
        system.listen(port, serve)
    except AddressInUse:
        system.err("httpd: bind: Address already in use\n")
        return 1
    yield Forever()
    return 0


APPLETS: dict[str, Main] = {
    "wget": wget,
    "nslookup": nslookup,
    "nc": nc,
    "ping": ping,
    "httpd": httpd,
}
