"""What it costs a learner's process: import, connect, first graph, memory. Each in a fresh interpreter."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measurement import Measurement, in_fresh_processes, median

RUNS = 5
TIMED = "import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
FIRST_GRAPH = """
from k8s_tutor import connect
t = connect("embedded")
t.apply("apiVersion: v1\\nkind: Pod\\nmetadata: {name: web}\\nspec: {containers: [{name: web, image: nginx:1.22}]}")
picture = t.graph("pod/web")
assert "web" in picture.svg
"""
# Resident memory before and after, in a process that has loaded what a notebook's kernel has loaded.
TWENTY_PODS = """
import ipykernel.kernelapp, psutil
process = psutil.Process()
before = process.memory_info().rss
from k8s_tutor import connect
t = connect("embedded")
for number in range(20):
    t.apply(f"apiVersion: v1\\nkind: Pod\\nmetadata: {{name: web-{number}}}\\n"
            "spec: {containers: [{name: web, image: 'nginx:1.22'}]}")
for number in range(20):
    t.wait(f"pod/web-{number}", "Ready")
print((process.memory_info().rss - before) / 1e6)
"""


def measurements() -> Iterator[Measurement]:
    """Import, first graph, memory."""
    bare = median("", in_fresh_processes(TIMED.format(code="import json, typing, dataclasses"), RUNS), "s").value
    own = [seconds * 1000 for seconds in in_fresh_processes(TIMED.format(code="import k8s_tutor"), RUNS)]
    yield median("import k8s_tutor", own, "ms", 150, f"importing json, typing, dataclasses: {bare * 1000:.0f} ms")
    first = in_fresh_processes(TIMED.format(code=FIRST_GRAPH), RUNS)
    client = median("", in_fresh_processes(TIMED.format(code="import kubernetes.client"), RUNS), "s").value
    note = f"importing the official client alone: {client:.2f} s"
    yield median("connect() to the first graph, fresh process", first, "s", 1.5, note)
    memory = in_fresh_processes(TWENTY_PODS, 3)
    yield median("embedded cluster with 3 nodes and 20 pods adds", memory, "MB", 100, "beyond what a kernel has loaded")
