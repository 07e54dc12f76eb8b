"""The simulated shell prints what BusyBox 1.35 printed on a real cluster (`golden/shell.json`), byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOLDEN = json.loads((Path(__file__).parent / "golden" / "shell.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["script"][:40])
def test_a_script_prints_what_it_prints_in_a_real_container(busybox, case):
    ran = busybox.run("sh", "-c", case["script"])

    assert (ran.out, ran.err, ran.code) == (case["stdout"], case["stderr"], case["code"])


def test_a_command_that_is_not_simulated_says_so(busybox):
    ran = busybox.run("sh", "-c", "awk 1")

    assert ran.code == 127
    assert "not simulated on the embedded cluster" in ran.err


def test_time_passes_in_a_loop_without_sleep(busybox):
    before = busybox.loop.now()

    ran = busybox.run("sh", "-c", "while true; do :; done", seconds=0.5)

    assert ran.code is None
    assert busybox.loop.now() > before


def test_sleep_takes_virtual_time(busybox):
    before = busybox.loop.now()

    busybox.run("sleep", "12")

    assert busybox.loop.now() - before == pytest.approx(12, abs=0.1)


def test_a_pipeline_streams(busybox):
    ran = busybox.run("sh", "-c", "while true; do echo tick; sleep 1; done | head -n 3")

    assert ran.out == "tick\ntick\ntick\n"


def test_the_first_process_is_shielded_from_signals_it_does_not_catch(busybox):
    first = busybox.start(["sh", "-c", "sleep 1000"])

    first.signal("TERM")

    assert first.exit_code is None
    first.signal("KILL")
    assert first.exit_code == 137


def test_a_trap_runs_after_the_foreground_command(busybox):
    first = busybox.start(["sh", "-c", "trap 'echo got it; exit 0' TERM; while true; do sleep 1; done"])

    first.signal("TERM")
    assert busybox.out.data == b""
    busybox.loop.run_until(busybox.loop.now() + 1.5)

    assert busybox.out.data == b"got it\n"
    assert first.exit_code == 0


def test_wait_is_cut_short_by_a_trapped_signal(busybox):
    first = busybox.start(["sh", "-c", "trap 'exit 5' TERM; sleep 1000 & wait"])

    first.signal("TERM")
    busybox.loop.run_until(busybox.loop.now() + 0.1)

    assert first.exit_code == 5


def test_the_last_command_takes_the_shells_place(busybox):
    busybox.start(["sh", "-c", "echo hi; sleep 1000"])

    assert "    1 root     sleep 1000\n" in busybox.run("ps").out


def test_commands_come_from_standard_input(busybox):
    ran = busybox.run("sh", stdin="echo one\nexit 3\n")

    assert (ran.out, ran.code) == ("one\n", 3)


def test_memory_beyond_the_limit_ends_the_container(box):
    small = box("busybox:1.35", memory_limit=20 << 20)

    first = small.start(["tail", "/dev/zero"])
    small.loop.run_until(small.loop.now() + 5)

    assert first.exit_code == 137


def test_a_reader_who_has_enough_ends_a_writer_who_would_never_end(busybox):
    assert busybox.run("sh", "-c", "seq 99999999999999999999 | head -n 2").out == "1\n2\n"
