"""`k8s-tutor doctor` as a person meets it: a command with an exit code, JSON for programs, the same in a notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from k8s_tutor.cluster.engine import ENGINES
from tests import real_cluster


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "k8s_tutor", "doctor", *words],
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_where_nothing_is_installed_it_says_what_to_do_and_fails(tmp_path: Path) -> None:
    done = run(PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ stops kind: no container engine was found" in done.stdout
    assert "✗ stops kind: the program `kind` was not found" in done.stdout
    assert len(re.findall(r"^  Next: ", done.stdout, re.MULTILINE)) == 2
    assert 'connect("embedded")' in done.stdout


def test_programs_read_the_same_as_json(tmp_path: Path) -> None:
    done = run("--json", PATH=str(tmp_path))
    report = json.loads(done.stdout)
    stops = [finding["check"] for finding in report["findings"] if finding["state"] == "stops"]
    assert (done.returncode, report["kind_can_run"], stops) == (1, False, ["engine", "kind"])
    assert all(set(finding) == {"check", "state", "what", "why", "next_step"} for finding in report["findings"])


def test_in_chinese_no_english_sentence_is_left(tmp_path: Path) -> None:
    done = run(PATH=str(tmp_path), K8S_TUTOR_LANG="zh", K8S_TUTOR_KIND_NAME="No Name")
    prose = re.sub(r"`[^`]*`", "", done.stdout)
    assert re.findall(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", prose) == []
    assert "✗ kind 无法运行：找不到容器引擎" in done.stdout


def test_where_an_engine_answers_nothing_stops_kind() -> None:
    if not shutil.which("kind") or not any(
        shutil.which(name) and real_cluster.answers(name, "info") for name in ENGINES
    ):
        pytest.skip("kind is not installed, or no container engine answers")
    done = run("--json")
    stops = [finding for finding in json.loads(done.stdout)["findings"] if finding["state"] == "stops"]
    assert (done.returncode, stops) == (0, [])


def test_a_notebook_has_it_before_any_cluster() -> None:
    code = "from k8s_tutor import doctor; report = doctor(); print(report.can_run in (True, False), repr(report)[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", env={**os.environ, "PATH": ""}
    )
    assert done.stdout == "True ✗\n"
