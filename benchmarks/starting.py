"""From a clone to the front page: the first `make lab` with a warm package cache, and the second."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import ROOT, Measurement, median

PATIENCE = 600


def measurements() -> Iterator[Measurement]:
    """Needs git and make; says so where they are missing."""
    if not (shutil.which("git") and shutil.which("make")):
        print("  git or make is missing: starts are not measured")
        return
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-bench-") as folder:
        clone = Path(folder, "k8s_tutor")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        note = "fresh clone; packages from this machine's cache where it has them"
        yield Measurement("first make lab, until the front page answers", _start(clone), "s", 60, note=note)
        again = [_start(clone) for _ in range(3)]
        yield median("second make lab, until the front page answers", again, "s", 5)


def _start(clone: Path) -> float:
    """Seconds from `make lab` until its page is served; then ends it as Ctrl-C does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV")
    }
    start = time.perf_counter()
    command = ["make", "lab", f"PORT={port}"]
    environment["BROWSER"] = "true"
    process = subprocess.Popen(
        command, cwd=clone, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment, start_new_session=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                with urllib.request.urlopen(found.group(), timeout=PATIENCE) as page:
                    assert page.status == 200
                return time.perf_counter() - start
        raise RuntimeError(f"make lab ended with {process.wait()} before it said where it is")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)
