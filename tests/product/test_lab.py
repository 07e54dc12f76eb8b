"""`k8s-tutor lab`, from its first line to Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.product.conftest import StartLab, address_of


@pytest.fixture
def lab(start_lab: StartLab, tmp_path: Path) -> subprocess.Popen[str]:
    """The command, started; its folders are the test's own."""
    return start_lab(tmp_path)


def test_the_address_it_prints_opens_the_front_page_and_only_with_its_token(lab: subprocess.Popen[str]) -> None:
    address = address_of(lab)
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
    address_of(lab)
    lab.send_signal(signal.SIGINT)
    said, complaints = lab.communicate(timeout=20)
    assert lab.returncode == 0
    assert "JupyterLab has ended" in said
    assert complaints == ""


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path, start_lab: StartLab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_lab(tmp_path, "--port", str(port))
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in complaints
    assert f"could not listen on 127.0.0.1:{port}" in complaints
    assert "PORT=" in complaints
