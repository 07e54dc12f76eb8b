"""An image of a learner's own: its program is a function, handed in from outside; the rest is `python:3.11-slim`.

It is what this Dockerfile would make, with the function in `shop.py`, behind a small web server:

    FROM python:3.11-slim
    WORKDIR /app
    COPY shop.py .
    USER 1000
    CMD ["python", "shop.py"]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from k8s_tutor.api.cluster import Asked, FunctionImage
from k8s_tutor.embedded.images import catalogue, plain, web
from k8s_tutor.embedded.images.image import Contents, Image, parse
from k8s_tutor.embedded.images.program import AddressInUse, Forever, Interrupted, Main, Program, Reply, System
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg

__all__ = ["build"]

_PYTHON = 44_500_000  # bytes of the image below it
_FOLDER = "/app"
_NEVER = 86400.0  # seconds until somebody answers who hangs: longer than anybody waits


def build(own: FunctionImage) -> Image:
    """The image of a function.

    Raises:
        UsageError: the name belongs to somebody else's image.
    """
    reference = parse(own.name)
    if catalogue.find(reference) is not None:
        raise UsageError(
            msg("{name} is an image that there is already.", name=own.name),
            next_step=msg("Give yours a name of its own."),
        )
    below, file = plain.contents("python"), f"{own.program}.py"
    serve = _choose(own, file, below.programs["/usr/local/bin/python"])
    programs = {**below.programs, "/usr/local/bin/python": serve, "/usr/local/bin/python3": serve}
    contents = Contents(programs, {**below.files, f"{_FOLDER}/{file}": own.source.encode()})
    return Image(
        name=str(reference),
        size=_PYTHON + len(own.source.encode()),
        digest=f"sha256:{sha256(f'{own.name} {own.port} {own.source}'.encode()).hexdigest()}",
        load=lambda: contents,
        cmd=("python", file),
        directory=_FOLDER,
        user=1000,
        memory=18 << 20,
        idle=1e-4,
    )


def _choose(own: FunctionImage, file: str, python: Main) -> Main:
    """`python shop.py` serves; of Python beside that nothing is simulated."""

    def main(system: System) -> Program:
        if system.args[1:] in ((file,), (f"./{file}",), (f"{_FOLDER}/{file}",)):
            return _serve(own, system)
        return python(system)

    return main


@dataclass(slots=True)
class _Server:
    """One running program.

    Attributes:
        memory: What the function keeps from one request to the next.
        hangs: It had to be stopped, and answers nobody any more.
    """

    own: FunctionImage
    system: System
    memory: dict[str, Any] = field(default_factory=dict)
    hangs: bool = False

    def answer(self, request: HttpRequest, _client: str) -> Reply:
        """Has the function answer; what it printed goes to the log."""
        system = self.system
        if not self.hangs:
            came = self.own.answer(self._read(request))
            system.out(came.log)
            self.hangs = came.hangs
            if came.exit_code is not None:
                system.exit(came.exit_code)
                return Reply(None)
        if self.hangs:
            return Reply(web.answer(system.now(), 504), _NEVER)
        return Reply(web.answer(system.now(), came.code, came.body, {"Content-Type": came.content_type}))

    def _read(self, request: HttpRequest) -> Asked:
        return Asked(
            method=request.method,
            path=web.path_of(request),
            query=dict(parse_qsl(urlsplit(request.path).query, keep_blank_values=True)),
            headers=dict(request.headers),
            body=request.body.decode(errors="replace"),
            env=dict(self.system.env),
            pod=self.system.hostname,
            memory=self.memory,
        )


def _serve(own: FunctionImage, system: System) -> Program:
    system.catch("TERM", "INT")
    try:
        system.listen(own.port, _Server(own, system).answer)
    except AddressInUse:
        system.err("OSError: [Errno 98] Address already in use\n")
        return 1
    system.err(f"{own.program}.py listens at port {own.port}\n")
    try:
        yield Forever()
    except Interrupted:
        system.err(f"{own.program}.py was asked to end, and ends\n")
    return 0
