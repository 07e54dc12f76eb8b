"""How long one pass of each lesson takes on the embedded cluster in awaited pace, kernel start included."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.measurement import ROOT, Measurement

RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
"""


def measurements() -> Iterator[Measurement]:
    """Every lesson, then all together."""
    environment = {**os.environ, "K8S_TUTOR_PACE": "awaited"}
    total = 0.0
    for notebook in sorted((ROOT / "lessons" / "en").glob("[0-9]*.ipynb")):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", RUN, str(notebook)], check=True, env=environment, stderr=subprocess.DEVNULL
        )
        seconds = time.perf_counter() - start
        total += seconds
        yield Measurement(f"lesson {notebook.stem}", seconds, "s")
    yield Measurement("one pass of all lessons", total, "s", 45)
