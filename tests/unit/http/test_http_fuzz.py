"""Through a real socket: whatever bytes come, an answer or a closed connection follows, and the next client is served.

`K8S_TUTOR_FUZZ=100` sends a hundred times as many.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import yaml

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from tests import sample

ROUNDS = 150 * int(os.environ.get(sample.FUZZ, "1"))
SECONDS = 5.0  # in which an answer has begun, or the connection is closed
CONFIGS = "/api/v1/namespaces/default/configmaps"
PLACES = (CONFIGS, f"{CONFIGS}?watch=1", "/api/v1/namespaces/default/pods/x/exec?command=a", "/version", "/api", "/x")
# Connections that are broken off while TLS says goodbye are left to the garbage collector by asyncio.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
BOMB = gzip.compress(b"x" * 10_000_000)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW", "get", "CONNECT", "TRACE", "")


class Wire:
    """Opens connections to a cluster and says whatever the test likes."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        host, _, port = config["clusters"][0]["cluster"]["server"].removeprefix("https://").partition(":")
        self.address = (host, int(port))
        self.token = config["users"][0]["user"]["token"]
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def head(self, line: str, *headers: str) -> bytes:
        lines = (line, "Host: localhost", f"Authorization: Bearer {self.token}", *headers, "", "")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape")

    def open(self) -> ssl.SSLSocket:
        plain = socket.create_connection(self.address, timeout=SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.tls.wrap_socket(plain)

    def says(self, *pieces: bytes, then: str = "wait", seconds: float = SECONDS) -> bytes:
        """What comes back, at least its beginning; `then` may be `shut` (no more from us), `reset` or `wait`."""
        with self.open() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if then == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return b""
                if then == "shut":
                    connection.unwrap().shutdown(socket.SHUT_WR)
                    return b""
                connection.settimeout(seconds)
                return connection.recv(65536)
            except (ConnectionError, ssl.SSLError):
                return b""


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    yield Wire(Path(cluster.kubeconfig))
    cluster.close()


def garbage(wire: Wire, random: Random) -> tuple[bytes, ...]:
    return (random.randbytes(random.randrange(1, 300)), b"\r\n\r\n")


def odd_lines(wire: Wire, random: Random) -> tuple[bytes, ...]:
    version = random.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2", "HTTP/9.9", "x", ""))
    path = random.choice(
        ("/%00", "/%zz", "/%", "*", "x", "//", "/../../etc", "/\udcff", "/?" + "a" * 9000, "/" + "b" * 90000)
    )
    return (wire.head(f"{random.choice(METHODS)} {random.choice((path, *PLACES))} {version}"),)


def odd_headers(wire: Wire, random: Random) -> tuple[bytes, ...]:
    header = random.choice(
        (
            "X: " + "x" * random.choice((100, 9_000, 100_000)),
            "no colon here",
            "Content-Length: -1",
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: x",
            "Transfer-Encoding: chunked\r\nContent-Length: 3",
            "Transfer-Encoding: unheard-of",
            "Accept: \udcff;;==,",
            "Content-Type: ;;;",
            "Authorization: Bearer \udcff",
            "Authorization: Basic x",
            "Host: evil.example.com",
            "Host: [::",
            "Impersonate-User: ",
            "Impersonate-Group: x",
            "Expect: 100-continue",
            "Expect: 200-maybe",
            "Connection: upgrade\r\nUpgrade: h2c",
            " : x",
            "\r\n".join(f"H{number}: x" for number in range(300)),
        )
    )
    return (wire.head(f"{random.choice(METHODS[:7])} {random.choice(PLACES)} HTTP/1.1", header),)


def odd_bodies(wire: Wire, random: Random) -> tuple[bytes, ...]:
    body = json.dumps({"metadata": {"name": f"c{random.randrange(9)}"}}).encode()
    if random.random() < 0.5:
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
        broken = random.choice(
            (chunks, chunks.replace(b"5\r\n", b"fffffffffffffffffff\r\n", 1), b"zz\r\n", chunks[:-4])
        )
        return (wire.head(f"POST {CONFIGS} HTTP/1.1", "Transfer-Encoding: chunked"), broken)
    packed = random.choice((gzip.compress(body), gzip.compress(body)[:-6], body, BOMB))
    coding = random.choice(("gzip", "deflate", "br", "identity", "x"))
    length = len(packed) + random.choice((0, 0, -3, 7))
    head = wire.head(f"POST {CONFIGS} HTTP/1.1", f"Content-Encoding: {coding}", f"Content-Length: {length}")
    return (head, packed)


def odd_upgrades(wire: Wire, random: Random) -> tuple[bytes, ...]:
    key = random.choice(("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: x", "X: y"))
    version = random.choice(("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 99", "X: y"))
    protocol = random.choice(("v5.channel.k8s.io", "v4.channel.k8s.io", "base64.channel.k8s.io", "nobody.knows", ""))
    upgrade = random.choice(("websocket", "SPDY/3.1", "x"))
    line = f"{random.choice(METHODS[:3])} {random.choice(PLACES)} HTTP/1.1"
    headers = ("Connection: Upgrade", f"Upgrade: {upgrade}", key, version, f"Sec-WebSocket-Protocol: {protocol}")
    return (wire.head(line, *headers), random.randbytes(20))


def pieces(wire: Wire, random: Random) -> tuple[bytes, ...]:
    """A request letter by letter, two at once, or one that breaks off."""
    whole = wire.head(f"GET {random.choice(PLACES[3:])} HTTP/1.1")
    letters = tuple(whole[index : index + 1] for index in range(len(whole)))
    return random.choice((letters, (whole + whole,), (whole[: random.randrange(1, len(whole))],)))


KINDS: tuple[Callable[[Wire, Random], tuple[bytes, ...]], ...] = (
    *(garbage, odd_lines, odd_headers, odd_bodies, odd_upgrades, pieces),
)

PATIENT = (odd_bodies, odd_headers, odd_upgrades)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_comes_is_answered_or_refused_and_the_next_is_served(wire: Wire, seed: int) -> None:
    random = Random(seed)
    for _ in range(ROUNDS):
        make = random.choice(KINDS)
        sent = make(wire, random)
        complete = make is not pieces or sent[0].endswith(b"\r\n\r\n") or len(sent) > 1
        then = random.choice(("wait", "wait", "shut", "reset")) if complete else "shut"
        try:
            answer = wire.says(*sent, then=then, seconds=0.2 if make in PATIENT else SECONDS)
        except TimeoutError:  # more was promised than came: the server waits for it, as it should
            assert make in PATIENT, sent[0][:300]
            continue
        _check(answer, sent)
    served = wire.says(wire.head("GET /api/v1/namespaces/default HTTP/1.1"))
    assert served.startswith(b"HTTP/1.1 200"), served


def _check(answer: bytes, sent: tuple[bytes, ...]) -> None:
    if not answer:
        return
    line = re.match(rb"HTTP/\d\.\d (\d{3})", answer)
    assert line, (answer[:200], sent[0][:200])
    assert int(line[1]) != 500, (answer[:500], sent[0][:300])
    if int(line[1]) > 500:
        assert b'"kind":"Status"' in answer or int(line[1]) in (501, 505), (answer[:500], sent[0][:300])
