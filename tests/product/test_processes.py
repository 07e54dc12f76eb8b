"""Nothing of ours outlives what started it; Ctrl-C is answered with a sentence."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest
from jupyter_core.utils import ensure_event_loop

if TYPE_CHECKING:
    from tests.product.conftest import Kernel

WATCHED = """
from k8s_tutor import connect
t = connect("embedded")
t.lesson("pods")
t.apply("apiVersion: v1\\nkind: Pod\\nmetadata: {name: web}\\nspec: {containers: [{name: web, image: 'nginx:1.22'}]}")
picture = t.watch()
t.kubectl("get pods")
t.load_balancers()
t.apply("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer, ports: [{port: 80}]}}")
t.wait("service/web", "address")
print(t.url("service/web"))
"""
NEVER_READY = """
from k8s_tutor import connect
t = connect()
t.lesson("pods")
t.apply("apiVersion: v1\\nkind: Pod\\nmetadata: {name: late}\\nspec: {containers: [{name: a, image: 'no.such/a:1'}]}")
"""


@pytest.fixture
def interactive(start: Callable[..., Kernel]) -> Kernel:
    """A kernel as a learner's: time passes by itself."""
    return start(K8S_TUTOR_CLUSTER="embedded", K8S_TUTOR_PACE="realtime")


def interrupt(kernel: Kernel) -> None:
    """Ctrl-C, from a thread: jupyter_client makes an event loop there, and leaves it to us to close."""
    kernel.manager.interrupt_kernel()
    ensure_event_loop().close()


def test_a_killed_kernel_leaves_no_process_behind(interactive: Kernel) -> None:
    watched = interactive.run(WATCHED)
    assert watched.error == ""
    process = psutil.Process(interactive.pid)
    family = [process, *process.children(recursive=True)]
    process.kill()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    address = urllib.parse.urlsplit(watched.text.splitlines()[-1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send SIGINT to another process")
def test_ctrl_c_during_a_wait_is_answered_with_a_sentence(interactive: Kernel) -> None:
    assert interactive.run(NEVER_READY).error == ""
    interrupt = psutil.Process(interactive.pid).send_signal  # what JupyterLab's stop button does
    threading.Timer(2, interrupt, [signal.SIGINT]).start()
    output = interactive.run('t.wait("pod/late", "Ready", timeout=600)')
    assert "Traceback" not in output.error
    assert "Ctrl-C" in output.error
    assert "late" in interactive.run("print(t.kubectl('get pods'))").text, "the session goes on"
