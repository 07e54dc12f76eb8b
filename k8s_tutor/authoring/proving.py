"""Proofs that an exercise is fair: untouched it is not attempted, both solutions pass, each mistake draws its answer.

On whatever cluster a session is connected to: the tests ask the embedded one and a real one, `lesson check` the first.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_tutor.authoring.source import LessonError, Notebook
from k8s_tutor.course.catalog import exercise_files, list_exercises
from k8s_tutor.course.finding import VARIABLE, with_course
from k8s_tutor.course.record import Course, Lesson, find_literal, location
from k8s_tutor.errors import TutorError
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.verdict import Outcome

if TYPE_CHECKING:
    from k8s_tutor.exercises.verdict import Verdict
    from k8s_tutor.session import Session

__all__ = [
    "EMBEDDED",
    "CellFailed",
    "Proof",
    "Stage",
    "environment",
    "execute",
    "list_proofs",
    "opened_session",
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
            name = f"the mistake {proof.name!r}" if proof.kind == "mistake" else proof.name
            yield f"{proof.where}: {proof.exercise.id}, {name}: {said}"
        done()


@contextmanager
def opened_session(course: Course) -> Iterator[Session]:
    """A session on a fresh embedded cluster in awaited pace, that knows a course; nothing is kept of what it does."""
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  only proofs need a cluster
    from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415
    from k8s_tutor.session import Session  # noqa: PLC0415

    with environment({**EMBEDDED.environment, VARIABLE: with_course(course.folder)}):
        session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda _: None)
        try:
            yield session
        finally:
            session.close()


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
