"""A container to run programs in: no API server, no kubelet, only the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.images import catalogue
from k8s_tutor.embedded.images.files import Files, Memory, Share
from k8s_tutor.embedded.images.image import SEARCH_PATH, parse
from k8s_tutor.embedded.images.permissions import ROOT, Identity
from k8s_tutor.embedded.images.shell.streams import Lines, fixed
from k8s_tutor.embedded.kubelet.process import Machine, Process, Streams
from k8s_tutor.embedded.names import Namespace, Resolver, search_domains
from k8s_tutor.embedded.network import Network
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Store

RESOLVER = Resolver(search=tuple(search_domains("default")), options=(("ndots", "5"),))


@dataclass
class Ran:
    """What a command printed and how it ended."""

    out: str
    err: str
    code: int | None


@dataclass
class Box:
    """One container of one image."""

    image: str
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    memory_limit: int | None = None
    who: Identity = ROOT

    def __post_init__(self) -> None:
        found = catalogue.find(parse(self.image))
        assert found is not None
        self.loop = Loop(VirtualClock(1_767_225_600))
        self.network = Network(Store(), self.loop, Random(1))
        self.net = Namespace(
            "10.244.1.2", Resolver(search=tuple(search_domains("default")), options=(("ndots", "5"),)), "box", "node"
        )
        self.network.attach(self.net)
        written = {"/etc/resolv.conf": b"search default.svc.cluster.local svc.cluster.local cluster.local\n"}
        files = Files({**found.files, **written, **self.files}, about=found.about)
        self.machine = Machine(
            self.loop, self.network, self.net, found, files, "box", Random(1), self.who, self.memory_limit
        )
        self.machine.share = Share(Memory(), self.memory_limit)
        self.out, self.err = Lines(), Lines()
        self.main: Process | None = None

    def start(self, args: Sequence[str] = ()) -> Process:
        """Starts the container's first process."""
        image = self.machine.image
        command = list(args) or [*image.entrypoint, *image.cmd]
        self.main = self._process(command, Streams(self.out, self.err))
        self.main.start()
        self.loop.run_until(self.loop.now() + 0.1)
        return self.main

    def run(self, *command: str, stdin: str | None = None, seconds: float = 30) -> Ran:
        """Runs a command beside the first process, to its end."""
        if self.main is None:
            sleeper = catalogue.find(parse("busybox:1.35"))
            assert sleeper is not None
            self.main = Process(
                self.machine, sleeper.programs["/bin/sleep"], ["sleep", "1000"], {}, Streams(Lines(), Lines()), "/"
            )
        out, err = Lines(), Lines()
        process = self._process(list(command), Streams(out, err, None if stdin is None else fixed(stdin.encode())))
        process.start()
        deadline = self.loop.now() + seconds
        while process.exit_code is None and (due := self.loop.next_due()) is not None and due <= deadline:
            self.loop.step()
        return Ran(out.data.decode(), err.data.decode(), process.exit_code)

    def get(self, path: str, port: int, method: str = "GET", **headers: str) -> HttpAnswer:
        """A request from another pod."""
        other = Namespace("10.244.1.9", pod="other", node="node")
        shown = {
            "Host": f"{self.net.address}:{port}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        return self.network.request(other, self.net.address, port, HttpRequest(method, path, shown))[0]

    def _process(self, command: list[str], streams: Streams) -> Process:
        image = self.machine.image
        path = image.find(command[0], image.directory)
        assert path is not None, f"{command[0]} is not in {self.image}"
        env = {"PATH": ":".join(SEARCH_PATH), "HOSTNAME": "box", **self.env, "HOME": "/root"}
        return Process(self.machine, image.programs[path], command, env, streams, image.directory)


@pytest.fixture
def box() -> type[Box]:
    """Makes a container of an image: `box("nginx:1.22")`."""
    return Box


@pytest.fixture
def busybox() -> Box:
    return Box("busybox:1.35")
