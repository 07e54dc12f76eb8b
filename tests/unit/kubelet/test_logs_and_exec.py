"""Logs, exec and attach: what the kubelet gives out, and its words when it cannot."""

from __future__ import annotations

import pytest

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.nodeservices import LogQuery

CLOCK = """
apiVersion: v1
kind: Pod
metadata: {name: clock}
spec:
  containers:
  - {name: main, image: busybox:1.35, command: [sh, -c, "i=0; while true; do echo $i; i=$((i+1)); sleep 10; done"]}
"""
CRASH = """
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers: [{name: main, image: busybox:1.35, command: [sh, -c, "echo $RANDOM; sleep 1; exit 1"]}]
"""


@pytest.fixture
def clock(cluster):
    cluster.create(CLOCK)
    cluster.advance(35)
    return cluster


def log(cluster, name, **query):
    return cluster.nodes.logs(cluster.pod(name), LogQuery("main", **query)).decode()


def test_the_log_is_what_the_container_wrote(clock):
    assert log(clock, "clock") == "0\n1\n2\n3\n"


def test_tail_counts_lines(clock):
    assert log(clock, "clock", tail=2) == "2\n3\n"
    assert log(clock, "clock", tail=0) == ""


def test_since_cuts_by_time(clock):
    assert log(clock, "clock", since=clock.loop.now() - 15) == "2\n3\n"


def test_a_byte_limit_cuts_in_the_middle(clock):
    assert log(clock, "clock", limit_bytes=3) == "0\n1"


def test_timestamps_stand_before_each_line(clock):
    assert log(clock, "clock", timestamps=True, tail=1).endswith("Z 3\n")
    assert log(clock, "clock", timestamps=True, tail=1).startswith("2026-01-01T00:00:3")


def test_following_gives_what_is_there_and_what_comes(clock):
    pieces, ends = [], []
    feed = clock.nodes.follow_logs(clock.pod("clock"), LogQuery("main", tail=1))

    feed.attach(pieces.append, lambda: ends.append(True))
    clock.advance(20)
    assert (pieces, ends) == ([b"3\n", b"4\n", b"5\n"], [])
    clock.delete("clock")
    clock.advance(40)

    assert ends == [True]


def test_a_closed_follower_gets_nothing_more(clock):
    pieces = []
    feed = clock.nodes.follow_logs(clock.pod("clock"), LogQuery("main", tail=0))
    feed.attach(pieces.append, lambda: None)

    feed.close()
    clock.advance(20)

    assert pieces == []


def test_previous_is_the_log_of_the_attempt_before(cluster):
    cluster.create(CRASH)
    cluster.advance(3.5)

    assert log(cluster, "crash", previous=True) != log(cluster, "crash")


@pytest.mark.parametrize(
    ("spec", "seconds", "words"),
    [
        ("image: nginx:none", 1.9, "waiting to start: image can't be pulled"),
        ("image: nginx:none", 18, "waiting to start: trying and failing to pull image"),
        ("image: Nginx", 5, "waiting to start: InvalidImageName"),
        (
            "{image: busybox:1.35, envFrom: [{configMapRef: {name: nope}}]}",
            5,
            "waiting to start: CreateContainerConfigError",
        ),
        ("image: busybox:1.35", 0.1, "waiting to start: ContainerCreating"),
    ],
)
def test_a_container_that_waits_has_no_log(cluster, spec, seconds, words):
    inner = spec.strip("{}")
    cluster.create(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: main, {inner}}}]}}}}"
    )
    cluster.advance(seconds)

    with pytest.raises(StatusError) as refused:
        log(cluster, "p")

    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    assert refused.value.what == f'container "main" in pod "p" is {words}'


def test_no_previous_log_without_a_restart(clock):
    with pytest.raises(StatusError, match='previous terminated container "main" in pod "clock" not found'):
        log(clock, "clock", previous=True)


class Terminal:
    """The client's side of an exec."""

    def __init__(self, cluster, session):
        self.cluster, self.session = cluster, session
        self.out, self.err, self.ends = bytearray(), bytearray(), []
        session.attach(self.out.extend, self.err.extend, self.ends.append)
        cluster.advance(0.1)

    def type(self, text):
        self.session.write(text.encode())
        self.cluster.advance(0.1)


def execute(cluster, *command, stdin=False, tty=False):
    return Terminal(cluster, cluster.nodes.exec(cluster.pod("clock"), "main", command, stdin=stdin, tty=tty))


def test_a_command_runs_beside_the_first_process(clock):
    ran = execute(clock, "sh", "-c", "echo out; echo err >&2; exit 3")

    assert (bytes(ran.out), bytes(ran.err)) == (b"out\n", b"err\n")
    assert ran.ends[0]["reason"] == "NonZeroExitCode"
    assert ran.ends[0]["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


def test_a_command_that_succeeds_says_so(clock):
    assert execute(clock, "true").ends == [{"metadata": {}, "status": "Success"}]


def test_a_command_that_is_not_there_fails_in_the_runtimes_words(clock):
    failed = execute(clock, "nosuch").ends[0]

    assert failed["message"].startswith(
        "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in"
    )
    assert failed["message"].endswith('exec: "nosuch": executable file not found in $PATH: unknown')


def test_input_reaches_the_command(clock):
    ran = execute(clock, "cat", stdin=True)

    ran.type("hello\n")
    ran.session.close_stdin()
    clock.advance(0.1)

    assert bytes(ran.out) == b"hello\n"
    assert ran.ends[0]["status"] == "Success"


def test_a_terminal_shows_a_prompt_and_echoes(clock):
    ran = execute(clock, "sh", stdin=True, tty=True)

    ran.type("echo hj\x7fi\r")
    ran.type("exit 4\r")

    assert bytes(ran.out) == b"/ # echo hj\b \bi\r\nhi\r\n/ # exit 4\r\n"
    assert ran.ends[0]["details"]["causes"][0]["message"] == "4"


def test_ctrl_c_ends_the_command_and_not_the_shell(clock):
    ran = execute(clock, "sh", stdin=True, tty=True)

    ran.type("sleep 1000\r")
    ran.type("\x03")
    ran.type("echo still here\r")

    assert b"still here\r\n/ # " in bytes(ran.out)
    assert ran.ends == []


def test_a_container_that_does_not_run_cannot_be_entered(cluster):
    cluster.create(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: main, image: 'nginx:none'}]}}"
    )
    cluster.advance(5)

    with pytest.raises(StatusError, match=r"^container not found"):
        cluster.nodes.exec(cluster.pod("p"), "main", ["ls"], stdin=False, tty=False)


def test_attaching_shows_what_the_container_writes_from_now_on(clock):
    seen = Terminal(clock, clock.nodes.attach(clock.pod("clock"), "main", stdin=False, tty=False))

    clock.advance(20)

    assert bytes(seen.out) == b"4\n5\n"


def test_a_container_with_open_input_can_be_typed_into(cluster):
    cluster.create(
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: "
        "{containers: [{name: main, image: 'busybox:1.35', stdin: true, tty: true}]}}"
    )
    cluster.advance(3)
    shell = Terminal(cluster, cluster.nodes.attach(cluster.pod("p"), "main", stdin=True, tty=True))

    shell.type("echo $HOSTNAME\r")

    assert bytes(shell.out) == b"/ # echo $HOSTNAME\r\np\r\n/ # "
