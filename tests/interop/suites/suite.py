"""Running a foreign suite against embedded clusters, and reading what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as Xml

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode

__all__ = ["Outcome", "Suite", "clusters", "run"]

_PLUGINS = Path(__file__).parent / "plugins"
_SPEED = 4.0  # of the clusters' time: pods start, stop and back off while the suite waits for them


@dataclass(frozen=True)
class Suite:
    """How a suite is run.

    Attributes:
        name: Its package, and its table in `floor.toml`.
        plugin: Ours, with what the suite expects around it.
        folder: Where it lies. Names of tests are relative to it.
        tests: Where in it the tests are.
        workers: Processes that share the tests out, each with a cluster of its own.
        settings: pytest's ini file, where the suite's own did not come with it.
        options: More words for pytest.
    """

    name: str
    plugin: str
    folder: Path
    tests: Sequence[str]
    workers: int
    settings: str = ""
    options: Sequence[str] = ()


@dataclass
class Outcome:
    """What came of each test, by name."""

    passed: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    said: str = ""

    def __len__(self) -> int:
        return len(self.passed | self.skipped.keys() | self.failed.keys())


@contextmanager
def clusters(suite: Suite) -> Iterator[list[EmbeddedCluster]]:
    """Embedded clusters for a suite, one a worker, in real time, somewhat faster."""
    with ExitStack() as stack:
        made = []
        for seed in range(suite.workers):
            made.append(EmbeddedCluster(PaceMode.REALTIME, seed=seed, speed=_SPEED))
            stack.callback(made[-1].close)
        yield made


def run(suite: Suite, python: Path, kubeconfigs: Sequence[Path], listed: Sequence[str], scratch: Path) -> Outcome:
    """Runs it to its end.

    Args:
        suite: What to run.
        python: The interpreter that has it.
        kubeconfigs: Of the clusters, one a worker.
        listed: Tests that are known to fail: they get no second try.
        scratch: An empty folder.
    """
    report = scratch / "junit.xml"
    command = [str(python), "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command += ["-p", "embedded_clusters", "-p", suite.plugin, f"-n{suite.workers}", "--dist=loadgroup"]
    if suite.settings:
        settings = scratch / "suite.ini"
        settings.write_text(suite.settings, encoding="utf-8")
        command += ["-c", str(settings), f"--rootdir={suite.folder}"]
    started = time.monotonic()
    with (scratch / "output").open("w+", encoding="utf-8") as output:
        subprocess.run(
            [*command, *suite.options, *(str(suite.folder / tests) for tests in suite.tests)],
            cwd=scratch if suite.settings else suite.folder,  # where modules hide those of the standard library
            env=_environment(kubeconfigs, listed, scratch),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        said = output.read()
    assert report.exists(), f"{suite.name} did not run:\n{said}"
    outcome = read(report)
    outcome.seconds, outcome.said = time.monotonic() - started, said
    return outcome


def read(report: Path) -> Outcome:
    """junit's words: a test that fails, or whose set-up or clean-up does, has failed."""
    outcome = Outcome()
    for case in Xml.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name', '').partition('@')[0]}"  # without xdist's group
        problem, skip = case.find("failure"), case.find("skipped")
        if problem is None:
            problem = case.find("error")
        if problem is not None:
            outcome.failed[name] = (problem.get("message") or "").strip()
        elif skip is not None:
            outcome.skipped[name] = (skip.get("message") or skip.get("type") or "").strip()
        else:
            outcome.passed.add(name)
    outcome.passed -= outcome.failed.keys()
    return outcome


def _environment(kubeconfigs: Sequence[Path], listed: Sequence[str], scratch: Path) -> dict[str, str]:
    home = scratch / "home"
    home.mkdir()
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "K8S_TUTOR_", "COV_"))}
    return ours | {
        "SUITE_KUBECONFIGS": os.pathsep.join(map(str, kubeconfigs)),
        "SUITE_LISTED": json.dumps(list(listed)),
        "KUBECACHEDIR": str(scratch / "kubectl"),
        "HOME": str(home),  # a kubeconfig or a token of this person's is none of the suite's business
        "TMPDIR": str(home),
        "PYTHONPATH": str(_PLUGINS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
