"""The embedded API server without a socket, as a learner's own cells call it; each number from a fresh interpreter."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measurement import Measurement, in_fresh_processes, median

RUNS = 3
PODS = 5_000
PREPARED = """
import gc, psutil, time
from benchmarks.load import SHAPES
from k8s_tutor.api.client import Client
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.observe.snapshot import take

cluster = EmbeddedCluster(PaceMode.AWAITED)
client = Client(cluster.api)

def create(numbers, kind="Pod", shape="pods"):
    for number in numbers:
        meta = {"name": f"bench-{number}", "namespace": "default"}
        client.create({"apiVersion": "v1", "kind": kind, "metadata": meta, **SHAPES[shape]})

create(range(50))
"""
MANY = f"create(range(50, {PODS}))"
TIMED = """
start = time.perf_counter()
{code}
print((time.perf_counter() - start) * 1000 / {times})
"""
RESIDENT = """
process = psutil.Process()
gc.collect()
before = process.memory_info().rss
create(range(50, {end}))
gc.collect()
print((process.memory_info().rss - before) / ({end} - 50) / 1000)
"""
# A hundred pods whose containers run and are probed each second; then nothing happens but time.
IDLE = """
probe = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}
container = {"name": "web", "image": "nginx:1.22", "readinessProbe": probe}
template = {"metadata": {"labels": {"app": "idle"}}, "spec": {"containers": [container]}}
spec = {"replicas": 100, "selector": {"matchLabels": {"app": "idle"}}, "template": template}
meta = {"name": "idle", "namespace": "default"}
client.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
cluster.pace.run(120)
assert client.get("deployments", "idle", "default")["status"]["readyReplicas"] == 100
"""


def measurements() -> Iterator[Measurement]:
    """Creates, lists, snapshots, memory, and what time costs when nothing happens."""
    for what, kind in (("ConfigMap", "configmaps"), ("Pod", "pods")):
        code = f"create(range(1_000, 1_500), {what!r}, {kind!r})"
        yield _timed(f"create a {what} in process", code, 500)
    yield _timed(f"list {PODS:,} pods in process", 'client.list("pods")', 1, MANY)
    yield _timed(f"take a snapshot with {PODS:,} pods in process", 'take(client, "default")', 1, MANY)
    memory = in_fresh_processes(PREPARED + RESIDENT.format(end=PODS), RUNS)
    yield median("memory a pod takes in process", memory, "kB", note=f"resident, over {PODS:,} pods")
    yield _timed("a second of 100 probed pods, nothing happening", "cluster.pace.run(30)", 30, IDLE)


def _timed(name: str, code: str, times: int, before: str = "") -> Measurement:
    program = "\n".join((PREPARED, before, TIMED.format(code=code, times=times)))
    return median(name, in_fresh_processes(program, RUNS), "ms")
