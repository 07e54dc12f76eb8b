"""`nginx`: serves the files under /usr/share/nginx/html on port 80 and writes an access log.

Of a configuration of one's own it understands `listen`, `root` and `return CODE "text"`; everything else in it is not
simulated, and a line in the log says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from k8s_tutor.embedded.images import busybox, web
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.permissions import Identity, number_and_words
from k8s_tutor.embedded.images.program import AddressInUse, Forever, Interrupted, Main, Program, Reply, Sleep, System
from k8s_tutor.embedded.images.tree import FOLDER
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["contents", "nginx"]

_CONF = "/etc/nginx/conf.d/default.conf"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TYPES = {
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "js": "application/javascript",
    "json": "application/json",
    "txt": "text/plain",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_WELCOME = """<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
"""
_DEFAULT_CONF = """server {
  listen 80;
  location / { root /usr/share/nginx/html; index index.html; }
}
"""
_CACHES = ("client", "proxy", "fastcgi", "uwsgi", "scgi")
_FOLDERS = ("/var/cache", "/var/cache/nginx", "/var/log", "/var/log/nginx", "/etc/nginx")
_WORKER = Identity(101, 101, (101,), effective=0)
"""Whom root's worker processes become; those of another user stay that."""
_NO_USER = "makes sense only if the master process runs with super-user privileges, ignored"
_UNDERSTOOD = ("listen", "root", "return", "index", "location", "server", "server_name", "default_type")


@dataclass(slots=True)
class _Site:
    """What of the configuration is understood."""

    port: int = 80
    root: str = "/usr/share/nginx/html"
    fixed: tuple[int, str] | None = None


@dataclass(slots=True)
class _Server:
    system: System
    version: str
    site: _Site
    requests: int = 0

    def notice(self, words: str, level: str = "notice", who: str = "1#1") -> None:
        """A line of the error log, on standard error."""
        moment = datetime.fromtimestamp(int(self.system.now()), UTC)
        self.system.err(f"{moment:%Y/%m/%d %H:%M:%S} [{level}] {who}: {words}\n")

    def complain(self, words: str, level: str = "emerg") -> None:
        """The same before it serves: the log and standard error, which here are one, both have it."""
        self.notice(words, level)
        self.system.err(f"nginx: [{level}] {words}\n")


def nginx(version: str) -> Main:
    """The program of one version."""

    def main(system: System) -> Program:
        if "-v" in system.args:
            system.err(f"nginx version: nginx/{version}\n")
            return 0
        server = _Server(system, version, _configured(system))
        if not _make_paths(server) or not (yield from _bind(server)) or not _write_pid(server):
            return 1
        for words in (
            'using the "epoll" event method',
            f"nginx/{version}",
            "OS: Linux 6.18.44",
            "getrlimit(RLIMIT_NOFILE): 20000:20000",
            "start worker processes",
            "start worker process 7",
            "start worker process 8",
        ):
            server.notice(words)
        system.catch("QUIT", "TERM", "INT")
        try:
            yield Forever()
        except Interrupted as signal:
            yield from _stop(server, signal.signal)
        return 0

    return main


def _make_paths(server: _Server) -> bool:
    """Makes the directories of its caches; False where it may not. Nothing else is asked for before the port."""
    system = server.system
    if system.who.uid:
        server.complain(f'the "user" directive {_NO_USER} in /etc/nginx/nginx.conf:2', "warn")
    for name in _CACHES:
        path = f"/var/cache/nginx/{name}_temp"
        call = f'mkdir() "{path}"'
        try:
            system.files.make_directory(path, 0o700)
            if system.who.uid == 0 and system.files.about(path).uid != _WORKER.uid:
                call = f'chown("{path}", {_WORKER.uid})'
                system.files.change_owner(path, _WORKER.uid, None)
        except OSError as error:
            server.complain(f"{call} failed ({number_and_words(error)})")
            return False
    return True


def _write_pid(server: _Server) -> bool:
    try:
        server.system.files.write("/run/nginx.pid", f"{server.system.pid}\n".encode())
    except OSError as error:
        server.complain(f'open() "/run/nginx.pid" failed ({number_and_words(error)})')
        return False
    return True


def _bind(server: _Server) -> Program:
    """Takes the port; like the real one it tries five times, half a second apart."""
    port = server.site.port
    for _ in range(5):
        try:
            server.system.listen(port, lambda request, client: Reply(_serve(server, request, client)))
        except AddressInUse:
            words = f"bind() to 0.0.0.0:{port} failed (98: Address already in use)"
            server.complain(words)
            server.notice("try again to bind() after 500ms")
            yield Sleep(0.5)
        else:
            return 1
    server.complain("still could not bind()")
    return 0


def _stop(server: _Server, signal: str) -> Program:
    if signal == "QUIT":
        server.notice("signal 3 (SIGQUIT) received, shutting down")
        words = "gracefully shutting down"
    else:
        number = 15 if signal == "TERM" else 2
        server.notice(f"signal {number} (SIG{signal}) received, exiting")
        words = "exiting"
    for worker in ("7#7", "8#8"):
        server.notice(words, who=worker)
    if signal == "QUIT":
        for worker in ("7#7", "8#8"):
            server.notice("exiting", who=worker)
    for worker in ("7#7", "8#8"):
        server.notice("exit", who=worker)
    yield Sleep(0.05)
    for worker in ("7", "8"):
        server.notice(f"signal 17 (SIGCHLD) received from {worker}")
        server.notice(f"worker process {worker} exited with code 0")
    server.notice("exit")
    return 0


def _configured(system: System) -> _Site:
    site = _Site()
    text = "\n".join(
        system.files.read(f"/etc/nginx/conf.d/{name}").decode()
        for name in system.files.names("/etc/nginx/conf.d")
        if name.endswith(".conf")
    )
    text = re.sub(r"#.*", "", text)
    if found := re.search(r"\blisten\s+(?:[\d.*\[\]:]+:)?(\d+)", text):
        site.port = int(found.group(1))
    if found := re.search(r"\broot\s+([^;\s]+)\s*;", text):
        site.root = found.group(1).rstrip("/")
    if found := re.search(r"\breturn\s+(\d{3})(?:\s+(?:\"([^\"]*)\"|'([^']*)'|([^;\s]+)))?\s*;", text):
        site.fixed = (
            int(found.group(1)),
            (found.group(2) or found.group(3) or found.group(4) or "").replace("\\n", "\n"),
        )
    for word in dict.fromkeys(re.findall(r"(?:^|[;{}])\s*([a-z_]+)\s", text)):
        if word not in _UNDERSTOOD:
            system.err(f'nginx: [warn] the directive "{word}" is not simulated on the embedded cluster; ignored\n')
    return site


def _serve(server: _Server, request: HttpRequest, client: str) -> HttpAnswer:
    server.requests += 1
    answer = _answer(server, request, client)
    moment = datetime.fromtimestamp(int(server.system.now()), UTC)
    stamp = f"{moment:%d}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S} +0000"
    referer, agent = web.header(request, "Referer") or "-", web.header(request, "User-Agent") or "-"
    line = f'"{request.method} {request.path} HTTP/1.1" {answer.code} {len(answer.body)} "{referer}" "{agent}"'
    server.system.out(f"{client} - - [{stamp}] {line}\n")
    return answer


def _answer(server: _Server, request: HttpRequest, client: str) -> HttpAnswer:
    if server.site.fixed is not None:
        code, text = server.site.fixed
        return _headed(server, code, text.encode(), {"Content-Type": "text/plain"})
    if request.method not in ("GET", "HEAD"):
        return _refused(server, 405)
    path = server.site.root + web.path_of(request)
    if path.endswith("/"):
        path += "index.html"
    files = server.system.files
    if server.system.who.uid == 0:
        files = files.seen_by(_WORKER)
    if files.is_directory(path):
        return _refused(server, 301)
    try:
        content = files.read(path)
    except (FileNotFoundError, PermissionError) as error:
        worker = ("7#7", "8#8")[server.requests % 2]
        words = f'open() "{path}" failed ({number_and_words(error)}), client: {client}, server: , '
        host = web.header(request, "Host")
        words += f'request: "{request.method} {request.path} HTTP/1.1", host: "{host}"'
        server.notice(f"*{server.requests} {words}", "error", worker)
        return _refused(server, 404 if isinstance(error, FileNotFoundError) else 403)
    kind = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    about = {
        "Content-Type": kind,
        "Content-Length": str(len(content)),
        "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT",
        "Connection": "close",
        "ETag": f'"0-{len(content):x}"',
        "Accept-Ranges": "bytes",
    }
    return _headed(server, 200, b"" if request.method == "HEAD" else content, about)


def _refused(server: _Server, code: int) -> HttpAnswer:
    title = {301: "301 Moved Permanently", 403: "403 Forbidden", 404: "404 Not Found", 405: "405 Not Allowed"}[code]
    lines = (
        "<html>",
        f"<head><title>{title}</title></head>",
        "<body>",
        f"<center><h1>{title}</h1></center>",
        f"<hr><center>nginx/{server.version}</center>",
        "</body>",
        "</html>",
        "",
    )
    return _headed(server, code, "\r\n".join(lines).encode(), {"Content-Type": "text/html"})


def _headed(server: _Server, code: int, body: bytes, about: dict[str, str]) -> HttpAnswer:
    head = {"Server": f"nginx/{server.version}", "Date": web.http_date(server.system.now())}
    length = {} if "Content-Length" in about else {"Content-Length": str(len(body))}
    return HttpAnswer(code, body, {**head, **about, **length})


@cache
def contents(version: str) -> Contents:
    """What is inside the image of one version."""
    files = {"/usr/share/nginx/html/index.html": _WELCOME.encode(), _CONF: _DEFAULT_CONF.encode()}
    programs = {**busybox.programs(), "/usr/sbin/nginx": nginx(version)}
    files["/etc/passwd"] = busybox.FILES["/etc/passwd"] + b"nginx:x:101:101:nginx:/nonexistent:/bin/false\n"
    files["/etc/group"] = b"root:x:0:\nnginx:x:101:\n"
    return Contents(programs, {**busybox.FILES, **files}, dict.fromkeys(_FOLDERS, FOLDER))
