"""What a learner has: a notebook's kernel to type into, and the lab; processes, started and killed for real."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from jupyter_client import BlockingKernelClient, KernelManager

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Output:
    """What appeared below a cell.

    Attributes:
        text: Everything printed or displayed, as text.
        error: What stands where a traceback would; empty if the cell ended well.
    """

    text: str = ""
    error: str = ""
    mimes: list[str] = field(default_factory=list)

    def take(self, message: dict[str, Any]) -> None:
        """Adds one message of the kernel's."""
        content = message["content"]
        if message["msg_type"] == "stream":
            self.text += content["text"]
        elif message["msg_type"] in ("execute_result", "display_data"):
            self.text += content["data"].get("text/plain", "")
            self.mimes += content["data"]
        elif message["msg_type"] == "error":
            self.error += ANSI.sub("", "\n".join(content["traceback"]))


class Kernel:
    """A running kernel."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    @property
    def pid(self) -> int:
        """Its process."""
        provisioner = self.manager.provisioner
        assert provisioner is not None
        return int(provisioner.pid)  # type: ignore[attr-defined]

    def run(self, code: str, timeout: float = 60) -> Output:
        """Types a cell and runs it."""
        output = Output()
        self.client.execute_interactive(code, timeout=timeout, output_hook=output.take)
        return output


def start_kernel(**environment: str) -> Kernel:
    """A new kernel with these settings in its environment."""
    from jupyter_client.manager import start_new_kernel  # noqa: PLC0415

    manager, client = start_new_kernel(kernel_name="python3", env={**os.environ, **environment}, startup_timeout=60)
    return Kernel(manager, client)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Kernel]]:
    """Starts kernels: `start(K8S_TUTOR_PACE="realtime")`; ends them all when the module's tests are over."""
    running: list[Kernel] = []

    def start_one(**environment: str) -> Kernel:
        running.append(start_kernel(**environment))
        return running[-1]

    yield start_one
    for kernel in running:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)  # also of a killed one: frees what the manager holds
        kernel.client.context.term()


@pytest.fixture(scope="module")
def kernel(start: Callable[..., Kernel]) -> Kernel:
    """A kernel connected to the embedded cluster; `t` is the session."""
    running = start(K8S_TUTOR_CLUSTER="embedded")
    assert running.run('from k8s_tutor import connect; t = connect(); t.lesson("pods")').error == ""
    return running


StartLab: TypeAlias = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_lab() -> Iterator[StartLab]:
    """Starts `k8s-tutor lab` with folders below one that is the test's own: `start_lab(tmp_path, "--port", "8890")`."""
    running: list[subprocess.Popen[str]] = []

    def start_one(home: Path, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "k8s_tutor", "lab", "--no-browser", "--folder", str(home / "lessons")]
        settings = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        pipe, environment = subprocess.PIPE, {**os.environ, **settings}
        started = subprocess.Popen(
            [*command, *arguments], env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
        )
        running.append(started)
        return started

    yield start_one
    for process in running:
        process.kill()
        process.communicate()


def address_of(lab: subprocess.Popen[str]) -> str:
    """The address it prints once it listens."""
    assert lab.stdout
    found = next(filter(None, (re.search(r"http://\S+", line) for line in lab.stdout)), None)
    assert found, lab.communicate()[1]
    return found.group()


def install(project: Path, folder: Path) -> Path:
    """A project as a wheel, put where Python looks: installing pure Python is no more than unpacking it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"
