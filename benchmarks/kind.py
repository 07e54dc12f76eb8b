"""A kind cluster by us and a bare `kind create cluster` with the same nodes, in turn: what the course adds to the wait.

A bare one comes back before its workers are ready and without an image of the course. Two ratios, so: to when it comes
back, and to when its nodes are ready, too. Pairs in one run, as a machine's speed changes: no more than ratios say
something.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measurement import Measurement, median
from k8s_tutor import kubeconfig
from k8s_tutor.cluster.engine import find_engine
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.images import choose_node_image, find_held
from k8s_tutor.cluster.kind import KindCluster
from k8s_tutor.cluster.kind_cli import make_config, wait_for_nodes
from k8s_tutor.cluster.login import read_login
from k8s_tutor.cluster.ownership import NAME
from k8s_tutor.course.finding import list_images

PAIRS = int(os.environ.get("PAIRS", "3"))


class Moments:
    """A report of progress that writes down when each step began."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    def start(self, title: object, steps: int) -> None:
        """See `ProgressReport`."""

    def step(self, name: object, waits_for: object = "") -> None:
        self.steps.append((str(name), time.perf_counter()))

    def wait_for(self, waits_for: object) -> None:
        """See `ProgressReport`."""

    def finish(self, *, done: bool) -> None:
        self.steps.append(("end", time.perf_counter()))


def measurements() -> Iterator[Measurement]:
    """Needs kind, an engine that answers, and a node image that it holds."""
    engine = find_engine()
    local = engine.images() if engine else {}
    if not shutil.which("kind") or not choose_node_image(local):
        print("  kind, an engine or a node image is missing: making a cluster is not measured")
        return
    name = os.environ.setdefault(NAME, "k8s-tutor-bench")
    held = len(find_held(list_images(), local))
    returned, ready, ours = [], [], []
    for pair in range(PAIRS):
        image = choose_node_image(local)
        if pair % 2:  # whoever comes second finds warm caches
            ours.append(_ours(name, image))
        back, whole = _bare(name, image)
        returned.append(back)
        ready.append(whole)
        if not pair % 2:
            ours.append(_ours(name, image))
    note = f"ours: nodes ready, {held} images on each; same nodes, in turn"
    for words, bare, goal in (("returns", returned, 1.15), ("has its nodes ready", ready, 1.0)):
        ratios = [one / other for one, other in zip(ours, bare, strict=True)]
        spread = f"{note}; bare: {min(bare):.0f}–{max(bare):.0f} s"
        yield median(f"kind: until a lesson can start, to when a bare cluster {words}", ratios, "×", goal, spread)


def _bare(name: str, image: str) -> tuple[float, float]:
    """Seconds until kind comes back, and until all nodes are ready."""
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-bench-") as folder:
        file = Path(folder, "kubeconfig")
        command = ["kind", "create", "cluster", "--name", name, "--image", image, "--kubeconfig", str(file)]
        begin = time.perf_counter()
        subprocess.run([*command, "--config", "-"], input=make_config(name).encode(), capture_output=True, check=True)
        returned = time.perf_counter() - begin
        entry = kubeconfig.entry(f"kind-{name}", [file])
        with closing(HttpAPI(entry, read_login(entry, file))) as api:
            wait_for_nodes(api, 3, 300)
        ready = time.perf_counter() - begin
        delete = ["kind", "delete", "cluster", "--name", name, "--kubeconfig", str(file)]
        subprocess.run(delete, capture_output=True, check=True)
    return returned, ready


def _ours(name: str, image: str) -> float:
    """Seconds until it is handed to a lesson: its nodes are ready, and all images are on all of them."""
    os.environ["K8S_TUTOR_KIND_IMAGE"] = image
    moments, begin = Moments(), time.perf_counter()
    cluster = KindCluster(moments, list_images())
    whole = time.perf_counter() - begin
    cluster.delete()
    print(json.dumps({step: round(moment - begin, 1) for step, moment in moments.steps}), flush=True)
    return whole
