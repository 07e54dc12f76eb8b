"""Small images answer as their sources say; a stand-in says that it is one."""

from __future__ import annotations

import json

import pytest

from tests.unit.images.conftest import Box

KUARD = "gcr.io/kuar-demo/kuard-amd64:blue"


def started(image: str, *command: str) -> Box:
    box = Box(image)
    box.start(command)
    return box


def test_http_echo_says_one_text_and_logs_who_asked() -> None:
    box = started("hashicorp/http-echo", "/http-echo", "-text=hi", "-listen=:80")
    answer = box.get("/any", 80, User_Agent="curl/8")
    assert (answer.code, answer.body, answer.headers["X-App-Version"]) == (200, b"hi\n", "1.0.0")
    assert box.get("/health", 80).body == b'{"status":"ok"}\n'
    assert box.err.data == b"2026/01/01 00:00:00 [INFO] server is listening on :80\n"
    assert '"GET /any HTTP/1.1" 200 3 "curl/8"' in box.out.data.decode()


@pytest.mark.parametrize(
    ("tag", "words"),
    [("0.2.3", "Missing -text option!"), ("1.0", "Missing -text option OR ENV var TEXT is empty!")],
)
def test_http_echo_needs_a_text(tag: str, words: str) -> None:
    box = started(f"hashicorp/http-echo:{tag}")
    assert box.main is not None
    assert (box.main.exit_code, box.err.data.decode()) == (127, f"{words}\n")


def test_whoami_says_who_answers_and_what_was_asked() -> None:
    box = Box("traefik/whoami", env={"WHOAMI_NAME": "me"})
    box.start()
    lines = box.get("/here?a=1", 80, X_Test="yes").body.decode().splitlines()
    assert lines[:5] == ["Name: me", "Hostname: box", "IP: 127.0.0.1", "IP: ::1", "IP: 10.244.1.2"]
    assert lines[6:] == ["GET /here?a=1 HTTP/1.1", "Host: 10.244.1.2:80", "X-Test: yes", ""]
    assert json.loads(box.get("/api", 80).body)["hostname"] == "box"
    assert box.get("/health", 80).code == 200


def test_kuard_has_its_page_its_probes_and_its_files() -> None:
    box = started(KUARD)
    assert "Demo application version <i>v0.10.0-blue</i>" in box.get("/", 8080).body.decode()
    assert [box.get(path, 8080).body for path in ("/healthy", "/ready")] == [b"ok", b"ok"]
    assert b'<a href="passwd">passwd</a>' in box.get("/fs/etc/", 8080).body
    assert json.loads(box.get("/env/api", 8080).body)["commandLine"] == ["/kuard"]
    assert box.get("/memory", 8080).code == 501
    assert box.get("/nope", 8080).code == 404


def test_hello_world_says_hello_and_ends() -> None:
    box = started("hello-world")
    assert box.main is not None
    assert (box.main.exit_code, box.out.data.decode().splitlines()[1]) == (0, "Hello from Docker!")


def test_alpine_knows_its_release_and_installs_nothing() -> None:
    box = Box("alpine:3.19")
    assert box.run("cat", "/etc/alpine-release").out == "3.19.8\n"
    assert box.run("apk", "add", "curl").code == 127


@pytest.mark.parametrize(
    ("image", "command", "words"),
    [
        ("busybox:1.28", ["busybox"], "BusyBox v1.28.4 multi-call binary.\n"),
        ("redis:6", ["redis-cli", "--version"], "redis-cli 6.2.19\n"),
        ("quay.io/coreos/etcd:v3.5.9", ["etcdctl", "version"], "etcdctl version: 3.5.9\nAPI version: 3.5\n"),
        ("ubuntu:20.04", ["sh", "-c", "grep CODENAME /etc/os-release"], "VERSION_CODENAME=focal\n"),
    ],
)
def test_a_program_says_the_version_of_its_tag(image: str, command: list[str], words: str) -> None:
    assert Box(image).run(*command).out == words


def test_a_stand_in_answers_on_its_ports_and_says_what_it_is() -> None:
    box = started("mysql:8")
    answer = box.get("/", 3306)
    words = "docker.io/library/mysql:8 is not simulated on the embedded cluster"
    assert answer.body.decode() == f"This is a stand-in: {words}.\n"
    assert box.out.data.decode().startswith(f"stand-in: {words}; a stand-in answers on port 3306, 33060")
    assert box.main is not None
    box.main.signal("TERM")
    box.loop.run_until(box.loop.now() + 1)
    assert box.main.exit_code == 0


def test_what_is_run_beside_a_stand_in_says_that_it_did_nothing() -> None:
    ran = started("mysql:8").run("sh", "-c", "mysqladmin ping && echo done")
    assert ran.out == "done\n"
    assert "mysqladmin did nothing" in ran.err


def test_a_stand_in_of_a_tool_ends() -> None:
    box = started("perl:5.34.0", "perl", "-e", "print 1")
    assert box.main is not None
    assert box.main.exit_code == 0
    assert "a stand-in says so and ends" in box.out.data.decode()
