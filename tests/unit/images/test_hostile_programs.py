"""Scripts without measure: they end as in a real container, and take next to nothing of this machine."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from k8s_tutor.embedded.images.files import LARGEST_CONTAINER, LARGEST_FILES
from tests.unit.images.conftest import Box

MEGABYTE = 1 << 20


@pytest.fixture
def box() -> Iterator[Box]:
    """A container with a limit of 4 MiB; what the test takes of this machine stays below forty times that."""
    tracemalloc.start()
    box = Box("busybox:1.35", memory_limit=4 * MEGABYTE)
    yield box
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 160 * MEGABYTE


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("a=x; while :; do a=$a$a; done", id="doubled"),
        pytest.param("a=0123456789; b=$a$a$a$a$a; c=$b$b$b$b$b; while :; do c=$c$c$c$c$c; done", id="x5"),
        pytest.param('a=x; while :; do a="$a$a"; done', id="quoted"),
        pytest.param("a=x; while :; do a=${a}x${a}; done", id="braces"),
        pytest.param('set -- x; while :; do set -- "$@" "$@"; done', id="arguments"),
        pytest.param("a='x '; while :; do a=\"$a$a\"; set -- $a; done", id="fields"),
        pytest.param("a=$(yes 0123456789012345678901234567890123456789012345678901234567890123456789)", id="captured"),
        pytest.param("f() { f $1$1; }; f x", id="function"),
        pytest.param('i=0; while :; do i=$((i+1)); eval "v$i=\\$(seq 1 20000)"; done', id="many"),
        pytest.param("a=x; while :; do export a=$a$a; done", id="exported"),
    ],
)
def test_a_script_that_keeps_more_and_more_is_killed_at_its_limit(box: Box, script: str) -> None:
    killed = []
    box.machine.on_memory_exhausted = lambda: killed.append(True)
    ran = box.run("sh", "-c", script, seconds=600)
    assert (ran.code, bool(killed)) in ((137, True), (139, False))
    assert box.machine.share.taken < 1000


def test_a_limit_beyond_this_machines_share_is_no_leave_to_take_it() -> None:
    box = Box("busybox:1.35", memory_limit=1 << 40)
    assert box.run("sh", "-c", "a=x; while :; do a=$a$a; done", seconds=600).code == 137
    assert not box.machine.share.has_room(LARGEST_CONTAINER + 1)


def test_a_child_that_is_killed_leaves_its_shell_alive(box: Box) -> None:
    ran = box.run("sh", "-c", "(a=x; while :; do a=$a$a; done); echo survived $?", seconds=600)
    assert (ran.out, ran.err) == ("survived 137\n", "Killed\n")


def test_a_program_that_gathers_its_input_is_killed(box: Box) -> None:
    ran = box.run("sh", "-c", "seq 1 100000000 | sort; echo after $?", seconds=3600)
    assert (ran.out, ran.err) == ("after 137\n", "Killed\n") or ran.out == "after 137\n"


@pytest.mark.parametrize("script", ["f() { f; }; f", "f() { eval f; }; f", "f() { $(f); }; f", "f() { (f); }; f"])
def test_a_function_without_end_ends(box: Box, script: str) -> None:
    assert box.run("sh", "-c", script, seconds=60).code in (139, 137, 2, 0)


def test_a_stack_without_end_is_a_segmentation_fault(box: Box) -> None:
    ran = box.run("sh", "-c", "(f() { f; }; f); echo status $?", seconds=60)
    assert (ran.out, ran.err) == ("status 139\n", "Segmentation fault (core dumped)\n")


@pytest.mark.parametrize(
    "script",
    ["f() { f | f & }; f; sleep 5", "trap 'kill -TERM $$' TERM; kill -TERM $$; sleep 5", "while :; do (:) & done"],
    ids=["fork-bomb", "trap", "children"],
)
def test_time_passes_whatever_a_script_does(box: Box, script: str) -> None:
    before = box.loop.now()
    ran = box.run("sh", "-c", script, seconds=2)
    assert ran.code == 139 or box.loop.now() > before + 1  # a trap that calls itself runs out of stack
    assert len(box.machine.table.processes) <= 1024


def test_a_writer_waits_for_a_reader_that_is_behind(box: Box) -> None:
    ran = box.run("sh", "-c", "yes 0123456789 | sleep 100", seconds=20)
    assert ran.code is None
    assert box.machine.share.taken < MEGABYTE


def test_a_writer_goes_on_once_its_reader_reads(box: Box) -> None:
    ran = box.run("sh", "-c", "seq 1 50000 | (sleep 3; tail -n 1)", seconds=60)
    assert ran.out == "50000\n"


def test_a_disk_is_full_at_some_point(box: Box) -> None:
    script = "dd if=/dev/zero of=/tmp/f bs=1M count=40 status=none; while cat /tmp/f >> /tmp/g; do :; done"
    ran = box.run("sh", "-c", script, seconds=3600)
    assert "No space left on device" in ran.err
    assert len(box.machine.files.read("/tmp/f")) <= LARGEST_FILES


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("echo $((9223372036854775807+1))", "-9223372036854775808"),
        ("echo $((4611686018427387904*4)) $((1<<64)) $((-9223372036854775807-2))", "0 1 9223372036854775807"),
        ("echo $((99999999999999999999)) $((9223372036854775808))", "0 -9223372036854775808"),
        ("a=3; i=0; while [ $i -lt 70 ]; do a=$((a*a)); i=$((i+1)); done; echo $a", "1"),
    ],
)
def test_numbers_have_64_bits_as_on_a_real_machine(box: Box, script: str, out: str) -> None:
    assert box.run("sh", "-c", script).out == f"{out}\n"


def test_widths_and_patterns_without_measure_are_bounded(box: Box) -> None:
    box.run("sh", "-c", "printf '%999999999999s' x | wc -c; printf '%.99999999999d' 1 | wc -c")
    assert box.run("sh", "-c", "echo alive").out == "alive\n"


@pytest.mark.parametrize(
    ("command", "out"),
    [("grep -E '^(a+)+$'", ""), ("grep -c '\\(a*\\)*b'", "0\n"), ("sed -E 's/(a+)+$/x/'", "a" * 2000 + "!\n")],
)
def test_no_line_takes_a_pattern_long(box: Box, command: str, out: str) -> None:
    assert box.run("sh", "-c", f"printf 'a%.0s' $(seq 1 2000) > /long; echo ! >> /long; {command} /long").out == out
