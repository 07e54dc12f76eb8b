"""What one reads, and how soon, when a cluster is silent, gone, or another one than the kubeconfig says."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from k8s_tutor.api import protocol
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster import http_api, kind_cli
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.login import read_login
from k8s_tutor.cluster.tls import Silent
from k8s_tutor.embedded.http.authority import Authority, make_subject
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.kubeconfig import KubeconfigEntry, inline
from k8s_tutor.session.targets import Target
from k8s_tutor.session.waiting import wait_for

ASK = Request("GET", "/version")
FROZEN = ("its control plane is frozen", "`docker unpause it`")


@pytest.fixture(scope="module")
def frozen():
    """An API server that is frozen: the system takes connections for it, and nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


def door(server: str, find_silence=lambda: None, **cluster) -> HttpAPI:
    entry = KubeconfigEntry("kind-theirs", {"server": server, **cluster}, {})
    return HttpAPI(entry, read_login(entry, Path("none")), find_silence=find_silence)


def took(call, error=ClusterUnavailable) -> tuple[float, ClusterUnavailable]:
    begin = time.monotonic()
    with pytest.raises(error) as caught:
        call()
    return time.monotonic() - begin, caught.value


def test_a_request_to_a_frozen_server_takes_as_long_as_it_may_and_no_longer(frozen):
    seconds, error = took(lambda: door(frozen).send(Request("GET", "/version", timeout=0.3)))
    assert 0.2 < seconds < 1.5
    assert "nothing came within" in error.why


def test_all_requests_of_a_wait_share_its_time(frozen, monkeypatch):
    monkeypatch.setattr(protocol, "LAST_LOOK", 0.2)
    client = Client(door(frozen)).within(0.4)
    first, _ = took(lambda: client.list("pods"))
    second, _ = took(lambda: client.list("pods"))
    assert first + second < 2


def test_waiting_on_a_frozen_cluster_ends_when_it_was_to_end_and_says_what_is_frozen(frozen, monkeypatch):
    monkeypatch.setattr(protocol, "LAST_LOOK", 0.2)
    client = Client(door(frozen, lambda: FROZEN))
    target = Target(client.kind("pods"), "web", "default")
    seconds, error = took(lambda: wait_for(client, RealClock(), target, "Ready", 0.4), Silent)
    assert seconds < 1.5
    assert (error.why, error.next_step) == FROZEN


def test_who_may_know_why_is_asked_long_before_an_answer_is_given_up(frozen, monkeypatch):
    monkeypatch.setattr(http_api, "_SILENCE", 0.2)
    seconds, error = took(lambda: door(frozen, lambda: FROZEN).send(ASK))
    assert seconds < 1.5
    assert error.why == FROZEN[0]


def test_a_slow_answer_is_waited_for_where_nobody_knows_of_trouble(monkeypatch):
    monkeypatch.setattr(http_api, "_SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for pause in (0.6, 0.0):  # the first request is given up meanwhile, and asked again
                with server.accept()[0] as one:
                    time.sleep(pause)
                    with one.makefile("rb") as asked:
                        while asked.readline().strip():
                            pass
                        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with closing(door(f"http://127.0.0.1:{server.getsockname()[1]}")) as api:
            assert api.send(Request("GET", "/version", timeout=5)).code == 200
        thread.join(5)


@contextlib.contextmanager
def busy(times: int):
    """An API server that has asked so often to be asked later; the address, and what it was asked."""
    later = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):  # it is over
                while True:
                    with server.accept()[0] as one, one.makefile("rb") as words:
                        asked.append(words.readline())
                        while words.readline().strip():
                            pass
                        done = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                        one.sendall(later if len(asked) <= times else done)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_busy_server_is_asked_again_when_it_says_so(method):
    with busy(4) as (server, asked), closing(door(server)) as api:
        assert api.send(Request(method, "/version", timeout=20)).code == 200
        assert len(asked) == 5


def test_a_server_that_stays_busy_answers_so():
    with busy(1000) as (server, asked), closing(door(server)) as api:
        assert api.send(Request("GET", "/version", timeout=3)).code == 429
        assert len(asked) <= 4  # no more than there are seconds


def test_a_new_cluster_that_freezes_is_not_said_to_be_loading_images(frozen, monkeypatch):
    monkeypatch.setattr(http_api, "_SILENCE", 0.2)
    seconds, error = took(lambda: kind_cli.wait_for_nodes(door(frozen, lambda: FROZEN), 3, 60))
    assert seconds < 2
    assert (error.why, error.next_step) == FROZEN


def test_a_server_that_is_down_is_said_to_be_down():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    seconds, error = took(lambda: door(f"https://127.0.0.1:{port}").send(ASK))
    assert seconds < 2
    assert "does not answer" in error.what
    assert "refused" in error.why.lower()


@pytest.fixture
def of_another_authority(tmp_path):
    """An API server that runs, as far as TLS: whom it greets with its certificate may trust it or not."""
    authority = Authority(time.time())
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    chain = tmp_path / "server.pem"
    chain.write_bytes(b"".join(authority.issue(make_subject("server"), ExtendedKeyUsageOID.SERVER_AUTH, names)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    def greet(server: socket.socket) -> None:
        with server.accept()[0] as one, contextlib.suppress(OSError):
            context.wrap_socket(one, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet, args=[server], daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_wrong_authority_is_told_apart_from_a_server_that_is_down(of_another_authority):
    wrong = {"certificate-authority-data": inline(Authority(time.time()).certificate)}
    _, error = took(lambda: door(of_another_authority, lambda: FROZEN, **wrong).send(ASK))
    assert "is not the cluster" in error.what
    assert "it runs, but its certificate does not fit" in error.why
    assert "kind export kubeconfig --name theirs" in error.next_step


def test_what_speaks_no_tls_is_said_to_speak_none():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as one:
                one.recv(100)
                one.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        _, error = took(lambda: door(f"https://127.0.0.1:{server.getsockname()[1]}").send(ASK))
        thread.join(5)
    assert "does not speak TLS" in error.what
