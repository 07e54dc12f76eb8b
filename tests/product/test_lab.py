"""`k8s-tutor lab`, from its first line to Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, started; its folders are the test's own."""
    process = _start(tmp_path)
    yield process
    process.kill()
    process.communicate()


def _start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "k8s_tutor", "lab", "--no-browser", "--folder", str(home / "lessons"), *arguments]
    settings = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
    )


def _address(lab: subprocess.Popen[str]) -> str:
    assert lab.stdout
    found = next(filter(None, (re.search(r"http://\S+", line) for line in lab.stdout)), None)
    assert found, lab.communicate()[1]
    return found.group()


def test_the_address_it_prints_opens_the_front_page_and_only_with_its_token(lab: subprocess.Popen[str]) -> None:
    address = _address(lab)
    assert "/lab/tree/index.ipynb?token=" in address
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.status == 200
    root = address.partition("/lab/")[0]
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{root}/api/contents", timeout=30)
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send SIGINT to another process")
def test_ctrl_c_ends_it_at_once_and_cleanly(lab: subprocess.Popen[str]) -> None:
    _address(lab)
    lab.send_signal(signal.SIGINT)
    said, complaints = lab.communicate(timeout=20)
    assert lab.returncode == 0
    assert "JupyterLab has ended" in said
    assert complaints == ""


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = _start(tmp_path, "--port", str(port))
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in complaints
    assert f"could not listen on 127.0.0.1:{port}" in complaints
    assert "PORT=" in complaints
