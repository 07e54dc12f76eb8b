"""The HTTP adapter with a stand-in API server: what is HTTP's business, and nothing of Kubernetes'."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from k8s_tutor.api.protocol import Request, Response, failure
from k8s_tutor.clock import EPOCH, RealClock
from k8s_tutor.embedded.core import ADMIN, ServerAnswer, Streaming, Upgrade, User
from k8s_tutor.embedded.http.auth import Credentials
from k8s_tutor.embedded.http.authority import Authority, make_subject
from k8s_tutor.embedded.http.server import HttpServer

SOMEBODY = User("system:serviceaccount:default:default", ("system:authenticated",))


class Script:
    """A feed, and an exec session, driven by the test."""

    def __init__(self) -> None:
        self.attached = threading.Event()
        self.closed = threading.Event()
        self.written: list[object] = []

    def attach(self, *callbacks) -> None:
        self.callbacks = callbacks
        self.attached.set()

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.callbacks[0](data.upper())

    def close_stdin(self) -> None:
        self.written.append("EOF")
        self.callbacks[2]({"kind": "Status", "status": "Success"})

    def resize(self, width: int, height: int) -> None:
        self.written.append((width, height))

    def close(self) -> None:
        self.closed.set()


class StandIn:
    """A `Door` that records requests."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.seen: list[tuple[Request, User]] = []
        self.wishes: list[User | None] = []
        self.script = Script()
        self.outsiders = 0

    def now(self) -> float:
        """See `CoreAccess.now`."""
        return EPOCH

    def authenticate(self, token: str) -> User | None:
        return SOMEBODY if token == "somebody" else None

    def handle(self, request: Request, user: User, acting_as: User | None = None) -> ServerAnswer:
        self.seen.append((request, user))
        self.wishes.append(acting_as)
        if request.path == "/bug":
            raise ZeroDivisionError
        answers: dict[str, ServerAnswer] = {
            "/watch": Streaming(self.script),
            "/api/v1/namespaces/default/pods/web/exec": Upgrade(self.script),
            "/big": Response(200, {"data": "x" * 200_000}),
            "/warn": Response(200, {}, warnings=('unknown field "a"', "second")),
            "/conflict": Response(409, failure(409, "Conflict", "no")),
            "/later": Response(429, failure(429, "TooManyRequests", "no", details={"retryAfterSeconds": 10})),
            "/text": Response(200, "ok", "text/plain; charset=utf-8"),
        }
        return answers.get(request.path, Response(200, {"kind": "Echo"}))

    def patient(self):
        return False

    def hold(self):
        return self.lock

    @contextmanager
    def outsider(self) -> Iterator[None]:
        self.outsiders += 1
        yield
        self.outsiders -= 1


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(RealClock().now())


@pytest.fixture(scope="module")
def credentials(authority) -> Credentials:
    return Credentials.make(authority)


@pytest.fixture(scope="module")
def served(credentials):
    core = StandIn()
    server = HttpServer(core, credentials)
    yield server, core
    server.close()


@pytest.fixture
def core(served) -> StandIn:
    served[1].seen.clear()
    served[1].wishes.clear()
    served[1].script = Script()
    return served[1]


@pytest.fixture
def pool(served, credentials) -> Iterator[urllib3.HTTPSConnectionPool]:
    context = ssl.create_default_context(cadata=credentials.ca.decode())
    with urllib3.HTTPSConnectionPool("127.0.0.1", served[0].port, ssl_context=context, retries=False, timeout=10) as it:
        it.headers = {"Authorization": f"Bearer {credentials.token}"}
        yield it


def test_a_request_arrives_as_it_was_sent(core, pool):
    pool.request("PATCH", "/a/b?x=1&x=2&y=", body=b"raw", headers={**pool.headers, "Content-Type": "application/apply"})
    request, user = core.seen[0]
    assert (request.method, request.path) == ("PATCH", "/a/b")
    assert request.query == (("x", "1"), ("x", "2"), ("y", ""))
    assert (request.body, request.content_type, user) == (b"raw", "application/apply", ADMIN)


def test_whoever_writes_is_named_by_the_program_that_asks(core, pool):
    pool.request("POST", "/a", headers={**pool.headers, "User-Agent": "curl/8.1"})
    request, _ = core.seen[0]
    assert (request.user_agent, request.body) == ("curl/8.1", b"")


def test_people_get_lines_and_anybody_may_ask_for_them(core, pool):
    lines, line = b'{\n  "kind": "Echo"\n}', b'{"kind":"Echo"}\n'
    person = {**pool.headers, "User-Agent": "curl/8.1"}
    assert pool.request("GET", "/", headers=person).data == lines
    assert pool.request("GET", "/?pretty=false", headers=person).data == line
    assert pool.request("GET", "/").data == line
    assert pool.request("GET", "/?pretty=true").data == lines


def test_who_shall_ask_again_is_told_when(core, pool):
    assert pool.request("GET", "/later").headers["Retry-After"] == "10"


def test_status_and_code_come_back(core, pool):
    answer = pool.request("GET", "/conflict")
    assert (answer.status, answer.json()["reason"]) == (409, "Conflict")
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.headers["Audit-Id"]) == 36


def test_a_bug_is_a_status_too(core, pool, caplog):
    answer = pool.request("GET", "/bug")
    assert (answer.status, answer.json()["reason"]) == (500, "InternalError")


def test_text_stays_text(core, pool):
    answer = pool.request("GET", "/text")
    assert (answer.data, answer.headers["Content-Type"]) == (b"ok", "text/plain; charset=utf-8")


def test_yaml_and_gzip_on_demand(core, pool):
    yaml = pool.request("GET", "/", headers={**pool.headers, "Accept": "application/yaml"})
    assert (yaml.data, yaml.headers["Content-Type"]) == (b"kind: Echo\n", "application/yaml")
    packed = pool.request("GET", "/big", headers={**pool.headers, "Accept-Encoding": "gzip"}, decode_content=False)
    assert json.loads(gzip.decompress(packed.data))["data"] == "x" * 200_000


def test_warnings_are_headers(core, pool):
    assert pool.request("GET", "/warn").headers["Warning"] == '299 - "unknown field \\"a\\"", 299 - "second"'


def test_wrong_token_is_unauthorized(core, pool):
    answer = pool.request("GET", "/api", headers={"Authorization": "Bearer nonsense"})
    assert answer.status == 401
    assert answer.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }
    assert core.seen == []


def test_who_shows_no_credentials_is_a_stranger(core, pool):
    assert pool.request("GET", "/readyz", headers={}).status == 200
    assert core.seen[0][1] == User("system:anonymous", ("system:unauthenticated",))


def test_tokens_that_are_not_the_administrators_are_asked_about(core, pool):
    assert pool.request("GET", "/", headers={"Authorization": "Bearer somebody"}).status == 200
    assert core.seen[0][1] == SOMEBODY


def test_a_foreign_host_header_is_refused(core, pool):
    answer = pool.request("GET", "/", headers={**pool.headers, "Host": "evil.example"})
    assert answer.status == 403
    assert "evil.example" in answer.json()["message"]
    assert core.seen == []


def test_a_client_certificate_is_enough(served, core, credentials, tmp_path):
    chain = tmp_path / "client.pem"
    chain.write_bytes(credentials.client + credentials.client_key)
    context = ssl.create_default_context(cadata=credentials.ca.decode())
    context.load_cert_chain(chain)
    with urllib3.HTTPSConnectionPool("localhost", served[0].port, ssl_context=context) as pool:
        pool.request("GET", "/")
    user = core.seen[0][1]
    assert (user.name, user.groups) == (ADMIN.name, ADMIN.groups)
    [(key, [proof])] = user.extra
    assert key == "authentication.kubernetes.io/credential-id"
    assert proof.startswith("X509SHA256=")


def test_a_certificate_signed_on_request_is_enough(served, core, authority, credentials, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder(make_subject("jane", ["devs"])).sign(key, hashes.SHA256())
    chain = tmp_path / "jane.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(authority.sign(request.public_bytes(Encoding.PEM)) + pem)
    context = ssl.create_default_context(cadata=credentials.ca.decode())
    context.load_cert_chain(chain)
    with urllib3.HTTPSConnectionPool("localhost", served[0].port, ssl_context=context) as pool:
        pool.request("GET", "/")
    assert (core.seen[0][1].name, core.seen[0][1].groups) == ("jane", ("devs", "system:authenticated"))


def test_whom_the_sender_wishes_to_be_is_passed_on(core, pool):
    wish = {
        "Impersonate-User": "eve",
        "Impersonate-Group": "devs",
        "Impersonate-Uid": "7",
        "Impersonate-Extra-A%2fb": "x",
    }
    pool.request("GET", "/", headers={**pool.headers, **wish})
    assert core.wishes == [User("eve", ("devs",), "7", (("a/b", ("x",)),))]


def test_a_body_beyond_the_limit_is_refused(core, pool):
    answer = pool.request("POST", "/", body=b"x" * (3 * 1024 * 1024 + 1))
    assert (answer.status, answer.json()["reason"]) == (413, "RequestEntityTooLarge")


def test_a_watch_delivers_each_event_at_once(core, pool):
    answer = pool.request("GET", "/watch", preload_content=False)
    lines = answer.stream(2**16)
    for number in range(3):
        core.script.callbacks[0]({"type": "ADDED", "object": {"n": number}})
        assert json.loads(next(lines)) == {"type": "ADDED", "object": {"n": number}}
    assert core.outsiders == 1
    core.script.callbacks[1]()
    assert list(lines) == []
    answer.close()


def test_a_watch_ends_after_its_own_time(core, pool):
    answer = pool.request("GET", "/watch?timeoutSeconds=1", timeout=5)
    assert answer.data == b""
    assert core.script.closed.wait(5)


def test_a_client_that_goes_away_closes_its_watch(core, pool):
    answer = pool.request("GET", "/watch", preload_content=False)
    assert not core.script.closed.is_set()
    answer.close()
    assert core.script.closed.wait(5)


EXEC = "/api/v1/namespaces/default/pods/web/exec?command=cat&stdin=true&stdout=true"


def test_exec_without_an_upgrade_says_so(core, pool):
    answer = pool.request("GET", EXEC)
    assert (answer.status, answer.json()["message"]) == (400, "Upgrade request required")
    assert core.script.closed.is_set()


@pytest.mark.parametrize("protocol", ["v4.channel.k8s.io", "v5.channel.k8s.io"])
def test_exec_speaks_in_channels(served, core, credentials, protocol):
    websocket = pytest.importorskip("websocket")
    context = ssl.create_default_context(cadata=credentials.ca.decode())
    url = f"wss://127.0.0.1:{served[0].port}{EXEC}"
    header = [f"Authorization: Bearer {credentials.token}"]
    socket = websocket.create_connection(url, header=header, subprotocols=[protocol], sslopt={"context": context})
    assert socket.subprotocol == protocol
    socket.send_binary(b"\x00hello")
    assert socket.recv() == b"\x01HELLO"
    socket.send_binary(b'\x04{"Width":80,"Height":24}')
    core.script.callbacks[1](b"oops")
    assert socket.recv() == b"\x02oops"
    socket.send_binary(b"\xff\x00")
    assert json.loads(socket.recv()[1:]) == {"kind": "Status", "status": "Success"}
    assert socket.recv() in ("", b"")
    socket.shutdown()  # its close() keeps the connection where the server has said goodbye already
    assert core.script.written == [b"hello", (80, 24), "EOF"]
    assert core.script.closed.wait(5)


def test_a_server_closes_with_streams_open(credentials):
    core = StandIn()
    server = HttpServer(core, credentials)
    context = ssl.create_default_context(cadata=credentials.ca.decode())
    with urllib3.HTTPSConnectionPool("127.0.0.1", server.port, ssl_context=context) as pool:
        answer = pool.request(
            "GET", "/watch", headers={"Authorization": f"Bearer {credentials.token}"}, preload_content=False
        )
        began = RealClock().monotonic()
        server.close()
        server.close()
        assert RealClock().monotonic() - began < 3
        assert answer.data == b""  # ended, not cut off
        answer.close()
    assert core.script.closed.is_set()


def test_a_server_closed_before_it_served_leaves_nothing(credentials):
    HttpServer(StandIn(), credentials).close()
