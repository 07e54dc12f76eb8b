"""Notebooks run from fresh, by themselves or under nbval; and proofs that an exercise is fair.

Fair: untouched it is not attempted, both solutions pass, each mistake draws its answer.

On whatever cluster a session is connected to: the tests ask the embedded one and a real one, `lesson check` the first.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from k8s_tutor.authoring.source import LessonError, Notebook
from k8s_tutor.course.catalog import exercise_files, list_exercises
from k8s_tutor.course.finding import VARIABLE, with_course
from k8s_tutor.course.record import Course, Lesson, find_literal, location
from k8s_tutor.errors import TutorError
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.verdict import Outcome
from k8s_tutor.language.choice import speaking

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.exercises.verdict import Verdict
    from k8s_tutor.session import Session

__all__ = [
    "EMBEDDED",
    "KIND",
    "CellFailed",
    "Played",
    "Proof",
    "Stage",
    "environment",
    "execute",
    "list_proofs",
    "list_uncompared",
    "opened_session",
    "play",
    "prove",
    "prove_all",
]


# ---- Running a notebook from fresh: a new kernel, a home of its own, a cluster chosen by name

_ENCRYPTED = {"KernelManager": {"transport_encryption": "auto"}}  # else each kernel warns that others might listen in
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Stage:
    """Where a notebook is run.

    Attributes:
        environment: Variables for the kernel, on top of this process's own.
        timeout: Real seconds a cell may take.
        folder: Where the notebook stands: what tells its language; None for here.
    """

    environment: Mapping[str, str]
    timeout: int = 120
    folder: Path | None = None


EMBEDDED = Stage({"K8S_TUTOR_CLUSTER": "embedded", "K8S_TUTOR_PACE": "awaited", "K8S_TUTOR_KUBECTL": "builtin"})
"""What outputs are made on: the embedded cluster, where time moves only while a cell waits."""
KIND = Stage({"K8S_TUTOR_CLUSTER": "kind"}, timeout=400)
"""Real Kubernetes, in containers of this machine."""


class CellFailed(LessonError):
    """A cell did not run through.

    Attributes:
        cell: Its id in the notebook.
    """

    def __init__(self, what: str, why: str, cell: str) -> None:
        super().__init__(what, why)
        self.cell = cell


def execute(built: Notebook, stage: Stage = EMBEDDED) -> Notebook:
    """The notebook with outputs, run in a fresh kernel with an empty state folder.

    Raises:
        CellFailed: a cell failed, or took too long; names the cell.
    """
    import nbformat  # noqa: PLC0415  only those who build lessons have these
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    node = nbformat.from_dict(built)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": os.fspath(stage.folder)}} if stage.folder else {}
    with environment(stage.environment):
        client = NotebookClient(
            node, timeout=stage.timeout, kernel_name="python3", record_timing=False, coalesce_streams=True,
            store_widget_state=False, config=Config(_ENCRYPTED), resources=resources,
        )  # fmt: skip
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failed(node, error) from error
    return dict(node)


def _failed(node: Any, error: Exception) -> CellFailed:
    done = [cell for cell in node.cells if cell.cell_type == "code" and cell.execution_count]
    cell = done[-1] if done else node.cells[0]
    first = cell.source.partition("\n")[0]
    why = _ANSI.sub("", str(error)).strip()[-1500:]
    return CellFailed(f"Cell {cell.id} ({first!r}) did not run through.", why, cell.id)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables of this process, which kernels inherit; with a state folder of its own, so that no progress mixes."""
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-lesson-", ignore_cleanup_errors=True) as home:
        wanted = {"K8S_TUTOR_HOME": home, **variables}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


# ---- Under nbval: whether every cell shows what its notebook says it shows

_NBVAL = ("--noconftest", "-p", "no:cacheprovider", "-p", "nbval.plugin", "--nbval", "--nbval-cell-timeout=300")
_ELSEWHERE = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")  # meant for the pytest that this may be called from


@dataclass(frozen=True)
class Played:
    """What nbval made of notebooks.

    Attributes:
        ran: How many cells it ran.
        passed: How many of them show what the notebook says.
        complaint: Where others show something else, in nbval's words; empty where nothing is wrong.
    """

    ran: int
    passed: int
    complaint: str


def play(notebooks: Sequence[Path], variables: Mapping[str, str] | None = None) -> Played:
    """Runs notebooks under nbval, strictly: each in a fresh kernel on an embedded cluster of its own.

    In a process of its own, without the settings and plugins of whoever calls: those are for tests in Python, and to
    load them takes as long as two lessons.

    Args:
        notebooks: Which; several share the start of nbval, and a state folder.
        variables: For the kernels, on top of what the embedded cluster needs.
    """
    with environment({**EMBEDDED.environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **(variables or {})}):
        place = Path(os.environ["K8S_TUTOR_HOME"])
        settings, report = place / "pytest.ini", place / "nbval.xml"
        settings.write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-c", str(settings), "-q", f"--junitxml={report}", *_NBVAL]
        result = subprocess.run(
            [*command, *map(str, notebooks)], cwd=place, capture_output=True, text=True, encoding="utf-8", check=False,
            env={name: value for name, value in os.environ.items() if name not in _ELSEWHERE},
        )  # fmt: skip
        ran, passed = _count_cells(report)
    said = f"{result.stdout}{result.stderr}".strip()
    return Played(ran, passed, _ANSI.sub("", said) if result.returncode else "")


def list_uncompared(built: Notebook) -> list[str]:
    """The ids of cells that ask nbval to pass over them, by a tag or a comment."""
    from nbval.plugin import find_comment_markers, find_metadata_tags  # noqa: PLC0415  only those who test have it

    found = []
    for cell in built["cells"]:
        if cell["cell_type"] == "code":
            wishes = {**dict(find_metadata_tags(cell["metadata"])), **dict(find_comment_markers(cell["source"]))}
            found += [str(cell.get("id"))] if wishes.get("skip") or wishes.get("check") is False else []
    return found


def _count_cells(report: Path) -> tuple[int, int]:
    """How many cells nbval ran, and how many of them passed; (0, 0) where it did not come so far as to say."""
    if not report.exists():
        return 0, 0
    cells = [list(cell) for cell in ElementTree.parse(report).iter("testcase")]
    ran = [said for said in cells if not any(one.tag == "skipped" for one in said)]
    return len(ran), sum(not said for said in ran)


# ---- Proofs that an exercise is fair: untouched it is not attempted, both solutions pass, each mistake draws its
# answer


@dataclass(frozen=True)
class Proof:
    """One attempt at an exercise, and what the check has to say of it.

    Attributes:
        lesson: The lesson.
        exercise: The exercise.
        kind: `untouched`, `solution` or `mistake`.
        name: `solution`, `alternative`, or the mistake's name.
        cell: What is typed; empty for nothing.
        outcome: What the check must say.
        says: A piece of the answer that it must draw.
    """

    lesson: Lesson
    exercise: Exercise
    kind: str
    name: str
    cell: str
    outcome: Outcome
    says: str = field(default="")

    def __str__(self) -> str:
        return f"{self.exercise.id}-{self.name.replace(' ', '_')}"

    @property
    def where(self) -> str:
        """File and line of the mistake, or of the exercise."""
        files = exercise_files(self.lesson)
        own = find_literal(files, self.name) if self.kind == "mistake" else ""
        return own or find_literal(files, self.exercise.id) or location(files[0])

    def describe(self, said: str) -> str:
        """What is wrong with the exercise, with file and line.

        Args:
            said: What came of the attempt instead.
        """
        name = f"the mistake {self.name!r}" if self.kind == "mistake" else self.name
        return f"{self.where}: {self.exercise.id}, {name}: {said}"


def list_proofs(lesson: Lesson) -> list[Proof]:
    """The proofs of a lesson's exercises, in order.

    Raises:
        CourseError: the exercises cannot be loaded; says file and line.
    """
    return [proof for exercise in list_exercises(lesson) for proof in _proofs(lesson, exercise)]


def _proofs(lesson: Lesson, exercise: Exercise) -> Iterator[Proof]:
    yield Proof(lesson, exercise, "untouched", "untouched", "", Outcome.NOT_ATTEMPTED)
    for name, cell in (("solution", exercise.solution), ("alternative", exercise.alternative)):
        yield Proof(lesson, exercise, "solution", name, cell, Outcome.PASSED)
    for mistake in exercise.mistakes:
        yield Proof(lesson, exercise, "mistake", mistake.name, mistake.cell, mistake.outcome, mistake.says)


def prove(t: Session, proof: Proof) -> str:
    """Makes one attempt, in the lesson's own namespace, from its start.

    Args:
        t: On the cluster to prove it on; its lesson becomes the proof's.
        proof: What is typed, and what must come of it.

    Returns:
        What came of it instead; empty where the proof holds.
    """
    with speaking("en"):  # the language in which a mistake says what it must draw
        try:
            t.lesson(f"{proof.lesson.course}/{proof.lesson.name}")
            t.exercise(proof.exercise.id)
            exec(compile(proof.cell, proof.name, "exec"), {"t": t})
            verdict = t.check(proof.exercise.id)
        except Exception as error:  # a pack's code raises what it likes
            said = str(error) if isinstance(error, TutorError) else f"{type(error).__name__}: {error}"
            return f"broke off: {said}{_line(error, proof)}"
        return _difference(proof, verdict)


def prove_all(t: Session, proofs: Iterable[Proof], done: Callable[[], object]) -> Iterator[str]:
    """What is wrong with exercises, each with file and line.

    Args:
        t: On the cluster to prove them on.
        proofs: Which.
        done: Called after each.
    """
    for proof in proofs:
        if said := prove(t, proof):
            yield proof.describe(said)
        done()


@contextmanager
def opened_session(course: Course, stage: Stage = EMBEDDED) -> Iterator[Session]:
    """A session that knows a course; nothing is kept of what it does.

    Args:
        course: The course.
        stage: Its variables say on which cluster: a fresh embedded one in awaited pace, or kind.
    """
    from k8s_tutor.session import Session  # noqa: PLC0415  only proofs need a cluster

    with environment({**stage.environment, VARIABLE: with_course(course.folder)}):
        session = Session(_open_cluster(course, stage.environment["K8S_TUTOR_CLUSTER"]), say=lambda _: None)
        try:
            yield session
        finally:
            session.close()


def _open_cluster(course: Course, choice: str) -> Cluster:
    from k8s_tutor.cluster.connect import connect_cluster  # noqa: PLC0415  only proofs need a cluster
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415
    from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415

    if choice == "embedded":  # one of its own: what others do on a cluster would move its time
        return EmbeddedCluster(PaceMode.AWAITED)
    return connect_cluster(choice, announce=lambda _: None, images=lambda: course.images)


def _difference(proof: Proof, verdict: Verdict) -> str:
    if verdict.outcome is not proof.outcome:
        return f"the check says {verdict.outcome}, not {proof.outcome}: {verdict}"
    if proof.says not in str(verdict):
        return f"its own answer {proof.says!r} is not in what the check says: {verdict}"
    return ""


def _line(error: Exception, proof: Proof) -> str:
    """The line of the cell an error came from."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == proof.name else line
        trace = trace.tb_next
    return f" (line {line} of its cell)" if line else ""
