"""nginx, podinfo, agnhost and pause answer as the real images did on a real cluster."""

from __future__ import annotations

import json

import pytest

from k8s_tutor.embedded.network import Broken, Refused

PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"


@pytest.fixture
def podinfo(box):
    container = box(PODINFO)
    container.start()
    return container


@pytest.fixture
def nginx(box):
    container = box("nginx:1.22")
    container.start()
    return container


def test_podinfo_says_who_it_is(podinfo):
    answer = podinfo.get("/", 9898)

    assert answer.body.decode().startswith('{\n  "hostname": "box",\n  "version": "6.9.2",\n  "revision": "unknown",\n')
    assert list(answer.headers) == ["Content-Type", "X-Content-Type-Options", "Date", "Content-Length"]


@pytest.mark.parametrize(
    ("path", "code", "body"),
    [
        ("/healthz", 200, '{\n  "status": "OK"\n}'),
        ("/readyz", 200, '{\n  "status": "OK"\n}'),
        ("/version", 200, '{\n  "commit": "unknown",\n  "version": "6.9.2"\n}'),
        ("/delay/1", 200, '{\n  "delay": 1\n}'),
        ("/status/418", 418, '{\n  "status": 418\n}'),
        ("/configs", 200, "{}"),
        ("/nope", 404, "404 page not found\n"),
        ("/echo", 202, ""),
        ("/readyz/disable", 405, ""),
        ("/token", 501, "this part of podinfo is not simulated on the embedded cluster\n"),
    ],
)
def test_podinfo_answers(podinfo, path, code, body):
    answer = podinfo.get(path, 9898)

    assert (answer.code, answer.body.decode()) == (code, body)


def test_podinfo_can_be_made_unready_and_ready_again(podinfo):
    assert podinfo.get("/readyz/disable", 9898, "POST").code == 202
    assert podinfo.get("/readyz", 9898).code == 503
    assert podinfo.get("/healthz", 9898).code == 200

    podinfo.get("/readyz/enable", 9898, "POST")

    assert podinfo.get("/readyz", 9898).code == 200


def test_podinfo_logs_json_lines(podinfo):
    first, second = podinfo.err.data.decode().splitlines()

    assert json.loads(first) == {
        "level": "info",
        "ts": "2026-01-01T00:00:00.010Z",
        "caller": "podinfo/main.go:153",
        "msg": "Starting podinfo",
        "version": "6.9.2",
        "revision": "unknown",
        "port": "9898",
    }
    assert json.loads(second)["addr"] == ":9898"


def test_podinfo_panics_with_255_and_no_answer(podinfo):
    with pytest.raises(Broken):
        podinfo.get("/panic", 9898)

    assert podinfo.main.exit_code == 255
    with pytest.raises(Refused):
        podinfo.get("/", 9898)


def test_podinfo_takes_three_seconds_to_stop_and_is_unready_meanwhile(podinfo):
    podinfo.main.signal("TERM")
    podinfo.loop.run_until(podinfo.loop.now() + 1)

    assert podinfo.get("/readyz", 9898).code == 503
    podinfo.loop.run_until(podinfo.loop.now() + 3)
    assert podinfo.main.exit_code == 0


def test_podinfo_takes_flags_and_variables(box):
    container = box(PODINFO, env={"PODINFO_UI_COLOR": "#ff0000"})
    container.start(["./podinfo", "--port=8080", "--ui-message", "hello"])

    facts = json.loads(container.get("/", 8080).body)

    assert (facts["color"], facts["message"]) == ("#ff0000", "hello")


def test_nginx_welcomes(nginx):
    answer = nginx.get("/", 80)

    assert (answer.code, len(answer.body)) == (200, 615)
    assert dict(answer.headers) == {
        "Server": "nginx/1.22.1",
        "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Content-Type": "text/html",
        "Content-Length": "615",
        "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT",
        "Connection": "close",
        "ETag": '"0-267"',
        "Accept-Ranges": "bytes",
    }


def test_nginx_writes_its_access_log(nginx):
    assert len(nginx.get("/nope", 80, User_Agent="Wget").body) == 153

    assert nginx.out.data.decode() == (
        '10.244.1.9 - - [01/Jan/2026:00:00:00 +0000] "GET /nope HTTP/1.1" 404 153 "-" "Wget"\n'
    )
    assert 'open() "/usr/share/nginx/html/nope" failed (2: No such file or directory)' in nginx.err.data.decode()


def test_nginx_serves_what_is_written_into_its_directory(nginx):
    nginx.run("sh", "-c", "echo hello > /usr/share/nginx/html/index.html")

    assert nginx.get("/", 80).body == b"hello\n"


def test_two_nginx_in_one_pod_fight_for_the_port(nginx):
    second = nginx.run("nginx", "-g", "daemon off;")

    assert second.code == 1
    assert second.err.count("[emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)\n") == 5
    assert second.err.endswith("nginx: [emerg] still could not bind()\n")


def test_nginx_understands_a_simple_configuration_of_ones_own(box):
    conf = b'server { listen 8080; location / { return 200 "hi\\n"; } gzip on; }'
    container = box("nginx:1.22", files={"/etc/nginx/conf.d/default.conf": conf})
    container.start()

    assert container.get("/x", 8080).body == b"hi\n"
    assert 'the directive "gzip" is not simulated' in container.err.data.decode()


def test_nginx_stops_gracefully(nginx):
    nginx.main.signal("QUIT")
    nginx.loop.run_until(nginx.loop.now() + 0.2)

    assert nginx.main.exit_code == 0


def test_agnhost_pauses_by_default_and_leaves_a_message(box):
    container = box("registry.k8s.io/e2e-test-images/agnhost:2.66.1")
    container.start()

    container.main.signal("TERM")

    assert container.out.data == b'Paused\nSignals registered\nexiting because of signal "terminated"\n'
    assert container.main.exit_code == 2
    assert container.main.files.read("/dev/termination-log") == b'exiting because of signal "terminated"\n'


def test_agnhost_liveness_is_healthy_for_ten_seconds(box):
    container = box("registry.k8s.io/e2e-test-images/agnhost:2.66.1")
    container.start(["/agnhost", "liveness"])

    assert container.get("/healthz", 8080).code == 200
    container.loop.run_until(container.loop.now() + 10)
    assert container.get("/healthz", 8080).code == 500


@pytest.mark.parametrize(
    ("path", "code", "body"),
    [("/hostname", 200, "box"), ("/echo?msg=hi&code=202", 202, "hi"), ("/shell?cmd=ls", 501, None)],
)
def test_agnhost_netexec_answers(box, path, code, body):
    container = box("registry.k8s.io/e2e-test-images/agnhost:2.66.1")
    container.start(["/agnhost", "netexec"])

    answer = container.get(path, 8080)

    assert answer.code == code
    assert body is None or answer.body.decode() == body


def test_python_says_that_it_is_not_simulated(box):
    ran = box("python:3.11-slim").run("python3", "-c", "print(1)")

    assert ran.code == 127
    assert "does not simulate Python" in ran.err


def test_pause_waits_to_be_stopped(box):
    container = box("registry.k8s.io/pause:3.10.2")
    container.start()

    container.main.signal("TERM")

    assert container.main.exit_code == 0
