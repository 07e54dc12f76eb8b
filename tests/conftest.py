"""What every test shares: a home of its own, the programs a machine may lack, and a closing account of what ran.

No test may touch the person's own state: `K8S_TUTOR_HOME` and `KUBECONFIG` point into a folder that lives as long as
the run. What a machine lacks (a container engine, kubectl, Chromium) is skipped, and said loudly at the end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import real_cluster, sample

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

HOME = "K8S_TUTOR_HOME"
OURS = (HOME, "KUBECONFIG", "K8S_TUTOR_PACE", "K8S_TUTOR_LANG", real_cluster.NAME)
KIND_TIMEOUT = 600
REAL_PROGRAMS = ("kind", "browser", "kubectl")  # a lesson on the embedded cluster has one try: it is deterministic
LANES = 1  # on real clusters at once, beside a worker a core: those clusters run on the same cores
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
# What a person may have: unusual spacing and comments would not survive a program that reads and writes it.
SOMEBODYS_KUBECONFIG = """\
# mine, by hand
apiVersion: v1
kind: Config
current-context:   work
clusters: [{name: work, cluster: {server: "https://127.0.0.1:1"}}]
users:    [{name: me, user: {token: secret}}]
contexts: [{name: work, context: {cluster: work, user: me}}]
"""
_CAUSE = 30  # lines of what a try failed with: enough for the difference between two outputs
LOUD = {
    "kind": "real Kubernetes (kind and a container engine that answers)",
    "kubectl": "kubectl",
    "browser": "Chromium",
    "suite": "a package index, for suites that others wrote",
}


# The same examples everywhere, and no verdict on a machine for being slow; `--hypothesis-profile=search` looks further.
hypothesis.settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
hypothesis.settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    """Gives the whole run, its workers and every process it starts, one home that is not the person's own."""
    if hasattr(config, "workerinput"):
        return  # a worker of xdist inherits the home and the cluster's name of the process that started it
    home = tempfile.mkdtemp(prefix="k8s-tutor-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    config.stash[_SAVED] = {name: os.environ.get(name) for name in OURS}
    os.environ[HOME] = home
    os.environ["KUBECONFIG"] = str(Path(home) / "somebodys-kubeconfig")
    Path(os.environ["KUBECONFIG"]).write_text(SOMEBODYS_KUBECONFIG, encoding="utf-8", newline="\n")
    os.environ["K8S_TUTOR_PACE"] = "awaited"
    os.environ["K8S_TUTOR_LANG"] = "en"  # whatever language the person's own machine speaks
    # Not the learner's own cluster, and not the one of a run in another checkout.
    checkout = hashlib.sha256(str(config.rootpath).encode()).hexdigest()[:6]
    os.environ.setdefault(real_cluster.NAME, f"k8s-tutor-tests-{checkout}")


_SAVED = pytest.StashKey[dict[str, str | None]]()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        real_cluster.remove_all()
    for name, value in config.stash.get(_SAVED, {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests on a real cluster mostly wait: each file of them is a lane, and some lanes run at once.

    The lessons have a real cluster of their own, and lanes of their own (see their conftest).
    """
    sample.take(config, items)
    for item in items:
        if item.get_closest_marker("kind"):
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(f"kind-{item.path.stem}"))
            if not item.get_closest_marker("timeout"):  # a module that knows better says so
                item.add_marker(pytest.mark.timeout(KIND_TIMEOUT))
        if any(item.get_closest_marker(name) for name in REAL_PROGRAMS) or "interop" in item.path.parts:
            tries = 2 if item.get_closest_marker("kind") else 1
            item.add_marker(pytest.mark.flaky(reruns=tries))  # real programs on a busy machine; the account names them


@pytest.hookimpl(optionalhook=True)  # works without xdist, too
def pytest_xdist_auto_num_workers() -> int:
    """A worker a core, and some for real clusters: those mostly wait."""
    return (os.cpu_count() or 2) + (0 if real_cluster.why_none() else LANES)


@pytest.fixture(scope="session", autouse=True)
def somebodys_kubeconfig() -> Iterator[Path]:
    """The kubeconfig that was there before we came. Whatever the tests of this run do: not a byte of it changes."""
    path = Path(os.environ[HOME]) / "somebodys-kubeconfig"
    yield path
    assert path.read_text(encoding="utf-8") == SOMEBODYS_KUBECONFIG, "a test has changed the person's own kubeconfig"


@pytest.fixture(scope="session", autouse=True)
def jupyters_event_loop() -> Iterator[None]:
    """Jupyter's blocking calls leave an event loop open for the process; closed here, or it is a warning at the end."""
    yield
    if utils := sys.modules.get("jupyter_core.utils"):
        utils.ensure_event_loop().close()


# --- what the machine may lack -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def kubectl() -> str:
    """The path of a real kubectl."""
    path = shutil.which("kubectl")
    if not path:
        pytest.skip("kubectl is not installed")
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome."""
    path = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if not path:
        pytest.skip("Chromium is not installed")
    return path


@pytest.fixture(scope="session")
def kind_cluster() -> Iterator[Cluster]:
    """The real cluster of this run, shared by its workers."""
    with real_cluster.opened() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def embedded_cluster() -> Iterator[Cluster]:
    """One embedded cluster in awaited pace, shared by the tests of a worker."""
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  heavy, and not needed by most tests
    from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415

    cluster = EmbeddedCluster(PaceMode.AWAITED)
    yield cluster
    cluster.close()


# --- the closing account -----------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Counts of passed, failed, skipped; why each skip; and what this machine could not test at all."""
    if terminalreporter.config.option.collectonly:
        return
    stats = terminalreporter.stats
    skipped = stats.get("skipped", [])
    reasons = Counter(_reason(report) for report in skipped)
    missing = _not_tested(skipped)
    write = terminalreporter.write_line
    if missing:
        terminalreporter.section("NOT TESTED ON THIS MACHINE", sep="!", red=True, bold=True)
        for what, count in missing.items():
            write(f"  {what}: {count} tests skipped", red=True)
    if reasons:
        terminalreporter.section("why each skip")
        for reason, count in reasons.most_common():
            write(f"  {count:4d}  {reason}")
    if again := stats.get("rerun", []):
        terminalreporter.section(f"tried again: {len(again)}", yellow=True)
        for report in again:
            write(f"  {report.nodeid}\n{indent(_cause(report), ' ' * 6)}", yellow=True)
    if real_cluster.notes().exists():
        terminalreporter.section("to know")
        write(real_cluster.notes().read_text(encoding="utf-8"))
    _tell_of_suites(terminalreporter)
    failed = sum(len(stats.get(outcome, ())) for outcome in ("failed", "error"))
    terminalreporter.section("account")
    write(f"{len(stats.get('passed', ()))} passed, {failed} failed, {len(skipped)} skipped")


def _tell_of_suites(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests of each suite passed, and what its floor file should say now."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    lines = [line for report in reports for what, line in report.user_properties if what == "suite"]
    if lines:
        terminalreporter.section("suites that others wrote, on the embedded cluster")
    for line in lines:
        terminalreporter.write_line(f"  {line}", bold=True)


def _cause(report: pytest.TestReport) -> str:
    """What a try failed with, without the way there."""
    crash = getattr(report.longrepr, "reprcrash", None)
    said = str(crash.message if crash else report.longrepr).splitlines()
    return "\n".join([*said[:_CAUSE], "..."] if len(said) > _CAUSE else said)


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _not_tested(skipped: list[pytest.TestReport]) -> Counter[str]:
    missing: Counter[str] = Counter()
    for report in skipped:
        for marker, what in LOUD.items():
            if marker in report.keywords:
                missing[what] += 1
    return missing
