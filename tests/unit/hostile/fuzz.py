"""Sends hostile inputs everywhere they could come in, and sees that nothing falls over."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from random import Random

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, Response, StatusError
from k8s_tutor.embedded.http.spdy_frames import Decoder, FrameFault
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.errors import ManifestError, TutorError
from k8s_tutor.objects import manifests
from tests.unit.hostile import inputs
from tests.unit.images.conftest import Box

__all__ = ["Fuzz"]

_MAPS = "/api/v1/namespaces/default/configmaps"
_DRY = (("dryRun", "All"), ("fieldManager", "fuzz"))
_PATCHES = ("merge-patch+json", "strategic-merge-patch+json", "json-patch+json", "apply-patch+yaml")
_SHOWN = 300
_LONGEST = 2000  # letters of a message


class Fuzz:
    """Hostile inputs for one cluster; nothing of them is stored.

    Args:
        cluster: In awaited pace.
        seed: The same seed, the same inputs.
    """

    def __init__(self, cluster: EmbeddedCluster, seed: int) -> None:
        self._cluster = cluster
        self._random = Random(seed)
        self._client = Client(cluster.api, cluster.kubernetes.kinds)
        kinds: tuple[tuple[int, Callable[[], None]], ...] = (
            *((30, self.yaml), (35, self.json), (14, self.protobuf), (10, self.frames)),
            *((6, self.values), (4, self.text), (2, self.script), (1, self.threads), (1, self.wire)),
        )
        self._kinds = [kind for weight, kind in kinds for _ in range(weight)]

    def one(self) -> None:
        """The next input."""
        self._random.choice(self._kinds)()

    def yaml(self) -> None:
        """Bodies in YAML."""
        self._send(inputs.yaml_text(self._random).encode("utf-8", "surrogatepass"), "application/yaml")

    def json(self) -> None:
        """Bodies and patches in JSON."""
        self._send(inputs.json_body(self._random), "application/json")

    def protobuf(self) -> None:
        """Bodies in protobuf."""
        body = inputs.protobuf_body(self._random)
        self._check(self._ask("POST", _MAPS, body, "application/vnd.kubernetes.protobuf"), body)

    def frames(self) -> None:
        """SPDY."""
        data, decoder = inputs.frames(self._random), Decoder()
        try:
            for start in range(0, len(data), 7):
                decoder.feed(data[start : start + 7])
        except FrameFault:
            return

    def values(self) -> None:
        """Python's own."""
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a"},
            "data": inputs.python_value(self._random),
        }
        try:
            self._client.api.send(Request("POST", _MAPS, _DRY, body))
        except TutorError as error:
            _check_message(error)

    def text(self) -> None:
        """Manifests of learners."""
        try:
            manifests.load(inputs.yaml_text(self._random))
        except ManifestError as error:
            _check_message(error)

    def script(self) -> None:
        """Programs."""
        box = Box("busybox:1.35", memory_limit=4 << 20)
        box.run("sh", "-c", inputs.script(self._random), seconds=0.1)
        assert len(box.machine.table.processes) <= 1024
        if box.main is not None:
            box.main.signal("KILL")

    def threads(self) -> None:
        """Several at once."""
        bodies = [inputs.json_body(self._random) for _ in range(4)]
        tasks = [threading.Thread(target=self._ask, args=("POST", _MAPS, body, "application/json")) for body in bodies]
        for task in tasks:
            task.start()
        for task in tasks:
            task.join(timeout=60)
            assert not task.is_alive(), bodies

    def wire(self) -> None:
        """Through the socket: it may be closed on us, and the next client is served."""
        port = self._cluster._server.port
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            try:
                connection.sendall(inputs.http_bytes(self._random))
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1000)
            except OSError:
                return

    def _send(self, body: bytes, media: str) -> None:
        pick = self._random.randrange(8)
        if pick < len(_PATCHES):
            answer = self._ask("PATCH", f"{_MAPS}/kube-root-ca.crt", body, f"application/{_PATCHES[pick]}")
        elif pick == len(_PATCHES):
            answer = self._ask("DELETE", f"{_MAPS}/none", body, media)
        else:
            answer = self._ask("POST", _MAPS, body, media)
        self._check(answer, body)

    def _ask(self, method: str, path: str, body: bytes, media: str) -> Response:
        return self._client.api.send(Request(method, path, _DRY, body, media))  # type: ignore[arg-type]

    def _check(self, answer: Response, body: bytes) -> None:
        json.dumps(answer.body, ensure_ascii=False).encode()
        # A real server answers 500 without a reason, too, in a few places: to an apply that does not fit the schema.
        broken = answer.code >= 500 and (not isinstance(answer.body, dict) or "reason" in answer.body)
        assert not broken, (answer.body, body[:_SHOWN])

    def alive(self) -> bool:
        """Whether the cluster answers as before."""
        try:
            return len(self._client.list("nodes")) > 1
        except StatusError:
            return False


def _check_message(error: TutorError) -> None:
    assert len(str(error)) < _LONGEST, str(error)[:_SHOWN]
    str(error).encode()  # can be printed
