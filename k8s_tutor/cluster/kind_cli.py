"""The `kind` program: creating, deleting, loading images; its step lines told as progress."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from k8s_tutor.cluster.engine import Engine, run
from k8s_tutor.cluster.readiness import MADE_BY

__all__ = ["CREATE_STEPS", "KindCli", "config"]

CREATE_STEPS = 7  # that kind reports for a control plane with workers
_STEP = re.compile(r"^\s*•\s+(?P<name>.+?)\s*\.\.\.\s*$")
_NAP = 0.2  # seconds; a longer wait on a queue cannot be interrupted on Windows
_LABEL = "io.x-k8s.kind.cluster"


class KindCli:
    """kind, for one cluster on one engine."""

    def __init__(self, path: str, engine: Engine, name: str) -> None:
        self._path = path
        self._engine = engine
        self._name = name

    @property
    def label(self) -> str:
        """The label of the containers of this cluster."""
        return f"{_LABEL}={self._name}"

    def create(
        self, image: str, kubeconfig: Path, *, on_step: Callable[[str], None], on_start: Callable[[int], None]
    ) -> tuple[int, str]:
        """Creates the cluster; returns kind's exit code and all it said.

        Nodes of a creation that fails stay (`--retain`): who called cleans up, so that nobody deletes later ones.
        Ctrl-C ends kind and comes through.

        Args:
            image: Node image, `""` for kind's own.
            kubeconfig: Where kind writes the kubeconfig.
            on_step: Gets the name of each step as it begins.
            on_start: Gets the number of kind's process.
        """
        command = ["create", "cluster", "--name", self._name, "--kubeconfig", str(kubeconfig), "--retain"]
        command += ["--config", "-"] + (["--image", image] if image else [])
        process = self._popen(command)
        try:
            on_start(process.pid)
            assert process.stdin is not None
            process.stdin.write(config(self._name))
            process.stdin.close()
            said = []
            for line in _Lines(process):
                said.append(line)
                if match := _STEP.match(line):
                    on_step(_without_pictures(match["name"]))
            return process.wait(), "".join(said)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def delete(self) -> subprocess.CompletedProcess[str]:
        """Removes the cluster's containers."""
        # its own KUBECONFIG, as kind would take the cluster's context out of the user's file otherwise
        return self._run("delete", "cluster", "--name", self._name, "--kubeconfig", os.devnull)

    def load(self, images: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Copies images of the engine onto every node that lacks them."""
        return self._run("load", "docker-image", "--name", self._name, *images)

    def kubeconfig(self) -> subprocess.CompletedProcess[str]:
        """Prints the cluster's kubeconfig."""
        return self._run("get", "kubeconfig", "--name", self._name)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run([self._path, *arguments], env=self._engine.environment)

    def _popen(self, arguments: Sequence[str]) -> subprocess.Popen[str]:
        # In a process group of its own: Ctrl-C is for us, and we end kind ourselves. Its output is a pipe, so that
        # it ends by itself at its next line if we are killed.
        group: dict[str, int | bool] = {"start_new_session": True}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [self._path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=self._engine.environment,
            **group,
        )


def config(name: str) -> str:
    """One control plane and two workers, with a label that says who made them."""
    labels = {MADE_BY: "k8s-tutor"}
    nodes = [{"role": role, "labels": labels} for role in ("control-plane", "worker", "worker")]
    document = {"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": name, "nodes": nodes}
    return json.dumps(document)  # JSON is YAML


class _Lines:
    """Lines of a process's output, read by a thread so that Ctrl-C gets through on every system."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="k8s-tutor-kind", daemon=True).start()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while True:
            try:
                line = self._queue.get(timeout=_NAP)
            except queue.Empty:
                continue
            if not line:
                raise StopIteration
            return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._queue.put(line)
        self._queue.put("")


def _without_pictures(name: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", "", name).strip()
