"""What `wget` and `nslookup` of BusyBox print, as seen on a real cluster."""

from __future__ import annotations

import pytest


@pytest.fixture
def nginx(box):
    container = box("nginx:1.22")
    container.start()
    return container


def test_wget_prints_the_page(nginx):
    ran = nginx.run("wget", "-qO-", "http://localhost")

    assert ran.out.startswith("<!DOCTYPE html>")
    assert (ran.err, ran.code) == ("", 0)


def test_wget_shows_its_progress(nginx):
    ran = nginx.run("wget", "-O-", "http://10.244.1.2")

    assert ran.err == (
        "Connecting to 10.244.1.2 (10.244.1.2:80)\n"
        "writing to stdout\n"
        "-                    100% |********************************|   615  0:00:00 ETA\n"
        "written to stdout\n"
    )


def test_wget_saves_a_file(nginx):
    ran = nginx.run("sh", "-c", "cd /tmp; wget http://10.244.1.2; wc -c index.html")

    assert ran.err.endswith("'index.html' saved\n")
    assert ran.out == "615 index.html\n"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.244.1.2:81", "can't connect to remote host (10.244.1.2): Connection refused"),
        ("http://nosuch", "bad address 'nosuch'"),
        ("http://10.244.1.2/nope", "server returned error: HTTP/1.1 404 Not Found"),
    ],
)
def test_wget_says_what_went_wrong(nginx, url, words):
    ran = nginx.run("wget", "-qO-", url)

    assert (ran.out, ran.err, ran.code) == ("", f"wget: {words}\n", 1)


def test_wget_times_out(nginx):
    before = nginx.loop.now()

    ran = nginx.run("wget", "-T", "2", "-qO-", "http://10.244.9.9")

    assert (ran.err, ran.code) == ("wget: download timed out\n", 1)
    assert nginx.loop.now() - before == pytest.approx(2, abs=0.1)


def test_nslookup_of_a_name_that_is_not_there(busybox):
    ran = busybox.run("nslookup", "nosuch")

    assert ran.code == 1
    assert ran.out.startswith("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n")
    assert "** server can't find nosuch.default.svc.cluster.local: NXDOMAIN\n" in ran.out
