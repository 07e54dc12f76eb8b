"""Plays a chapter in a POSIX shell with a real kubectl, in a namespace of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.interop.session.likeness import likeness
from tests.interop.session.transcript import Chapter

__all__ = ["CHAPTERS", "chapter", "play"]

HERE = Path(__file__).parent
CHAPTERS = sorted(file.stem for file in (HERE / "chapters").glob("*.txt"))
_MARK = "\x1e"
_WITHIN = 100.0  # seconds a chapter may take


def chapter(name: str) -> Chapter:
    """A chapter as it is written."""
    return Chapter.read(name, (HERE / "chapters" / f"{name}.txt").read_text(encoding="utf-8"))


def play(played: Chapter, kubeconfig: Path, cache: Path, within: float = _WITHIN) -> list[str]:
    """What each step prints, normalised; steps after one that hung print nothing.

    Args:
        played: The chapter.
        kubeconfig: Of the cluster, whose current context is used.
        cache: Where kubectl keeps what it discovered.
        within: Seconds it may take.
    """
    name = f"session-{played.name}-{uuid.uuid4().hex[:6]}"
    with tempfile.TemporaryDirectory(prefix="session-") as folder:
        place = Path(folder)
        shutil.copytree(HERE / "files", place / "files")
        _kubeconfig(kubeconfig, place / "kubeconfig", name)
        environment = os.environ | {
            "KUBECONFIG": str(place / "kubeconfig"),
            "KUBECACHEDIR": str(cache),
            # kubectl lives for a moment only: a third less work for two busy cores
            "GOGC": "off",
            "GOMAXPROCS": "1",
            "KUBECTL_EXTERNAL_DIFF": "diff -u -N",
            "LC_ALL": "C",
            "NAMESPACE": name,
            "TZ": "UTC",
        }
        with _namespace(name, environment):
            said = _run(_script(played), place / "files", environment, within)
    outputs = said.split(_MARK)[1:]
    outputs += ["nothing: the chapter ended before"] * (len(played.steps) - len(outputs))
    return [_shown(output, name, folder) for output in outputs]


def _script(played: Chapter) -> str:
    lines = [(HERE / "prelude.sh").read_text(encoding="utf-8")]
    for step in played.steps:
        lines += [f"printf '{_MARK}'", "{", step.command, "} < /dev/null", "_said $?"]
    return "\n".join(lines) + "\n"


def _run(script: str, folder: Path, environment: dict[str, str], within: float) -> str:
    process = subprocess.Popen(
        ["sh", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        said += f"\nthis hung: the chapter was ended after {within:.0f} s"
    return said


def _shown(output: str, namespace: str, folder: str) -> str:
    text, _, code = output.rpartition("exit ")
    text = likeness(text.replace(f"{folder}/files/", "").replace(folder, "FOLDER"), namespace)
    return text if code.strip() in ("0", "") else f"{text}\n[exit {code.strip()}]".strip("\n")


def _kubeconfig(source: Path, target: Path, namespace: str) -> None:
    config = yaml.safe_load(source.read_text(encoding="utf-8"))
    current = next(row for row in config["contexts"] if row["name"] == config["current-context"])
    current["context"]["namespace"] = namespace
    target.write_text(yaml.safe_dump(config), encoding="utf-8")


@contextmanager
def _namespace(name: str, environment: dict[str, str]) -> Iterator[None]:
    def kubectl(*arguments: str) -> None:
        subprocess.run(["kubectl", *arguments], env=environment, check=True, capture_output=True, timeout=60)

    kubectl("create", "namespace", name)
    kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=30s")
    try:
        yield
    finally:
        kubectl("delete", "namespace", name, "--wait=false")
