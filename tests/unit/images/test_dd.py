"""`dd` in simulated containers, as BusyBox 1.35 answered on real Kubernetes."""

from __future__ import annotations

import pytest


def test_random_bytes_become_a_file(box):
    made = box("busybox:1.35")
    ran = made.run("dd", "if=/dev/random", "of=/tmp/x", "bs=4k", "count=10")
    assert (ran.err, ran.code) == ("10+0 records in\n10+0 records out\n", 0)
    assert made.run("sh", "-c", "wc -c /tmp/x").out == "40960 /tmp/x\n"
    assert len(set(made.machine.files.read("/tmp/x"))) == 256


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("echo hello | dd bs=2 count=2", "hell", "2+0 records in\n2+0 records out\n", 0),
        ("echo hello | dd of=/tmp/y; cat /tmp/y", "hello\n", "0+1 records in\n0+1 records out\n", 0),
        ("printf abc | dd bs=2", "abc", "1+1 records in\n1+1 records out\n", 0),
        ("echo hello > /tmp/y; dd if=/tmp/y bs=4 skip=1 status=none", "o\n", "", 0),
        ("dd if=/dev/zero bs=1k count=2 status=none | wc -c", "2048\n", "", 0),
        ("dd if=/dev/zero of=/tmp/z bs=1 count=3 seek=2 status=none; wc -c /tmp/z", "5 /tmp/z\n", "", 0),
        ("dd if=/nope", "", "dd: can't open '/nope': No such file or directory\n", 1),
        ("dd if=/dev/zero of=/none/x count=1", "", "dd: can't open '/none/x': No such file or directory\n", 1),
        ("dd if=/dev/zero of=/tmp/x", "", "dd: error writing '/tmp/x': No space left on device\n", 1),
        ("date foo", "", "date: invalid date 'foo'\n", 1),
    ],
)
def test_it_answers_as_busybox_does(box, command, out, err, code):
    ran = box("busybox:1.35").run("sh", "-c", command)
    assert (ran.out, ran.err, ran.code) == (out, err, code)


def test_what_it_cannot_read_it_names(box):
    assert box("busybox:1.35").run("dd", "bs=1Q").err.startswith("dd: invalid number '1Q'\n")
