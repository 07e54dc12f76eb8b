"""A course as tests of pytest, and the table that closes the run: what was declared, what ran, what passed.

    course.toml::sources                          a step of `k8s-tutor lesson check`
    course.toml::en/01_pods.ipynb::first run      a notebook, twice, each time from fresh
    course.toml::proofs::pods-1-untouched         an exercise: untouched, solved in two ways, with each of its mistakes

What did not run has not passed: where less ran than the course declares, and nobody has asked for a part of it, the
run is red.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from k8s_tutor.authoring.checking import STEPS, Account, CourseCheck, count_code, count_declared, open_course
from k8s_tutor.authoring.commands import require_packages
from k8s_tutor.authoring.factory import CourseBuilder, load
from k8s_tutor.authoring.outputs import differences
from k8s_tutor.authoring.proving import (
    EMBEDDED,
    KIND,
    Proof,
    Stage,
    environment,
    execute,
    list_proofs,
    list_uncompared,
    opened_session,
    play,
    prove,
)
from k8s_tutor.authoring.source import Notebook, Source, emptied, learners_cells
from k8s_tutor.course.finding import VARIABLE, with_course
from k8s_tutor.course.record import RECORD, Course, location
from k8s_tutor.errors import TutorError
from k8s_tutor.language import Message, msg
from k8s_tutor.language.choice import VARIABLE as LANGUAGE

if TYPE_CHECKING:
    from k8s_tutor.session import Session

__all__ = ["LessonsPlugin", "prepare"]

_STAGES = {"embedded": EMBEDDED, "kind": KIND}
_RUNS = ("first run", "second run")
_ACCOUNT = "k8s-lessons"  # the name of a test's property: what it counts for, so that the tests of xdist's workers tell
_KIND_NAME = "K8S_TUTOR_KIND_NAME"
_ENDS = ("passed", "failed")  # of a test; one that pytest-rerunfailures takes again has not ended
_PART = ("keyword", "markexpr", "deselect", "lf", "stepwise", "maxfail")  # options that ask for a part of the tests


def prepare(config: pytest.Config, folders: Sequence[Path], cluster: str) -> None:
    """Has pytest check courses, and beside them only what is named on its command line.

    Args:
        config: Of this run.
        folders: Courses, or lessons of courses.
        cluster: `embedded` or `kind`.

    Raises:
        pytest.UsageError: a package is missing; several processes would make one kind cluster.
    """
    try:
        require_packages("nbval")
    except TutorError as error:
        raise pytest.UsageError(str(error)) from error
    if cluster == "kind" and hasattr(config, "workerinput"):
        raise pytest.UsageError(str(msg("Lessons run on kind one after the other: leave out {option}.", option="-n")))
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []
    absolute = dict.fromkeys(folder.expanduser().absolute() for folder in folders)
    config.pluginmanager.register(LessonsPlugin(tuple(absolute), cluster), "k8s-tutor-lessons")


# ---- Tests: a tree for each course


@dataclass(frozen=True)
class Findings:
    """What came of a test.

    Attributes:
        complaints: What is wrong, each with its place.
        counts: What it counts for, by the row of the table: how many ran, how many of them passed.
    """

    complaints: Sequence[str]
    counts: Mapping[str, tuple[int, int]]


class Step(pytest.Item):
    """One thing that is checked; a failure says what and where, without a trace of ours."""

    def __init__(self, *, take: Callable[[], Findings], **rest: Any) -> None:
        super().__init__(**rest)
        self._take = take

    @property
    def _course(self) -> str:
        course = self.getparent(CourseFile)
        return str(course.folder) if course else ""

    def runtest(self) -> None:
        """See `pytest.Item`."""
        found = self._take()
        for row, (ran, passed) in found.counts.items():
            self.user_properties.append((_ACCOUNT, [self._course, row, ran, passed]))
        if found.complaints:
            pytest.fail("\n".join(found.complaints), pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """See `pytest.Item`: what stands over a failure."""
        inside = [node.name for node in self.listchain() if node.path == self.path and not isinstance(node, CourseFile)]
        return self.path, None, f"{self.path.parent.name}: {', '.join(inside)}"


class CourseFile(pytest.File):
    """A course: the steps of `k8s-tutor lesson check`, its notebooks, its proofs.

    Attributes:
        folder: What the option named.
    """

    def __init__(self, *, folder: Path, cluster: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.folder = folder
        self._cluster = cluster

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """See `pytest.Collector`."""
        try:
            builder = open_course(self.folder)
        except TutorError as error:
            raise self.CollectError(str(error)) from error
        check = CourseCheck(builder)
        for name in STEPS:
            yield Step.from_parent(self, name=name, take=lambda name=name: _take(check, name))
        with suppress(TutorError):  # the step `sources` says it
            for source in builder.sources():
                for language in builder.languages:
                    runs = NotebookRuns(builder, source, language, self._cluster)
                    name = f"{language}/{source.name}.ipynb"
                    yield NotebookFile.from_parent(self, name=name, runs=runs)
        yield Proofs.from_parent(self, name="proofs", builder=builder, stage=_STAGES[self._cluster])

    def setup(self) -> None:
        """On kind, one cluster for all that follows."""
        if self._cluster == "kind":
            stack = ExitStack()
            self.addfinalizer(stack.close)
            stack.enter_context(_opened_kind(open_course(self.folder).course))


def _take(check: CourseCheck, name: str) -> Findings:
    complaints = check.take(name).complaints
    return Findings(complaints, {"checks": (1, int(not complaints))})


@contextmanager
def _opened_kind(course: Course) -> Iterator[None]:
    """Our cluster on kind: made and removed, unless `K8S_TUTOR_KIND_NAME` names one to stay."""
    from k8s_tutor.cluster.connect import connect_cluster, remove_kind_cluster  # noqa: PLC0415  only for kind

    stays = os.environ.get(_KIND_NAME, "")
    with environment({**KIND.environment, _KIND_NAME: stays or "k8s-tutor-lessons"}):
        try:
            connect_cluster("kind", announce=lambda _: None, images=lambda: course.images)
            yield
        finally:
            if not stays:
                remove_kind_cluster()


class NotebookFile(pytest.Collector):
    """A notebook in one language."""

    def __init__(self, *, runs: NotebookRuns, **rest: Any) -> None:
        super().__init__(**rest)
        self._runs = runs

    def collect(self) -> Iterator[pytest.Item]:
        """See `pytest.Collector`."""
        for name in _RUNS:
            yield Step.from_parent(self, name=name, take=self._runs.run)


@dataclass(frozen=True)
class NotebookRuns:
    """Runs a notebook as its author has committed it, and compares.

    Attributes:
        builder: Its course.
        source: What it is made from.
        language: Its language.
        cluster: `embedded` or `kind`.
    """

    builder: CourseBuilder
    source: Source
    language: str
    cluster: str

    def run(self) -> Findings:
        """One run, in a fresh kernel."""
        path = self.builder.notebook_path(self.source, self.language)
        if not path.exists():
            return self._find([str(msg("{where}: is missing", where=location(path)))], 0, 0)
        return (self._run_on_kind if self.cluster == "kind" else self._play)(path, load(path))

    def _play(self, path: Path, committed: Notebook) -> Findings:
        played, named = play([path], self._variables), learners_cells(self.source)
        places = [
            self.source.where(named[name]) if name in named else location(path) for name in list_uncompared(committed)
        ]
        complaints = [str(msg("{where}: asks nbval not to compare it", where=place)) for place in places]
        said = [f"{location(path)}:\n{played.complaint}"] if played.complaint else []
        return self._find([*complaints, *said], played.ran, played.passed - len(complaints))

    def _run_on_kind(self, path: Path, committed: Notebook) -> Findings:
        cells = count_code(committed)
        stage = Stage({**KIND.environment, **self._variables, LANGUAGE: self.language}, KIND.timeout)
        try:
            found = differences(committed, execute(emptied(committed), stage))
        except TutorError as error:
            return self._find([f"{location(path)}: {error}"], 0, 0)
        return self._find([f"{location(path)}, {one}" for one in found], cells, cells - len(found))

    @property
    def _variables(self) -> dict[str, str]:
        return {VARIABLE: with_course(self.builder.course.folder)}

    def _find(self, complaints: list[str], ran: int, passed: int) -> Findings:
        rows = {f"notebooks {self.language}": (1, int(not complaints)), f"cells {self.language}": (ran, passed)}
        return Findings(complaints, rows)


class Proofs(pytest.Collector):
    """The proofs of a course's exercises: they share a session."""

    def __init__(self, *, builder: CourseBuilder, stage: Stage, **rest: Any) -> None:
        super().__init__(**rest)
        self._builder = builder
        self._stage = stage
        self._session: Session | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """See `pytest.Collector`."""
        for lesson in self._builder.lessons:
            with suppress(TutorError):  # the step `exercises` says it
                for proof in list_proofs(lesson):
                    yield Step.from_parent(self, name=str(proof), take=lambda proof=proof: self._prove(proof))

    def setup(self) -> None:
        """Opens the session."""
        stack = ExitStack()
        self.addfinalizer(stack.close)
        self._session = stack.enter_context(opened_session(self._builder.course, self._stage))

    def _prove(self, proof: Proof) -> Findings:
        assert self._session is not None  # `setup` comes before any test
        said = prove(self._session, proof)
        return Findings([proof.describe(said)] if said else [], {proof.kind: (1, int(not said))})


# ---- The plugin that an option asks for


class LessonsPlugin:
    """What `--k8s-lessons` adds to a run.

    Args:
        folders: Courses, or lessons of courses.
        cluster: `embedded` or `kind`.
    """

    def __init__(self, folders: tuple[Path, ...], cluster: str) -> None:
        self._folders = folders
        self._cluster = cluster
        self._ran: dict[str, Counter[str]] = {}
        self._passed: dict[str, Counter[str]] = {}
        self._accounts: list[Account] = []

    @pytest.hookimpl(tryfirst=True)  # before others sort items and leave some out
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Adds the courses' tests: by their record, not by folders, in which there may be tests of another kind."""
        for folder in self._folders:
            course: CourseFile = CourseFile.from_parent(
                session, path=_record_of(folder), folder=folder, cluster=self._cluster
            )
            items.extend(session.genitems(course))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts; also what workers of xdist report."""
        for name, value in report.user_properties if report.when == "call" and report.outcome in _ENDS else ():
            if name == _ACCOUNT:
                course, row, ran, passed = cast("tuple[str, str, int, int]", value)
                self._ran.setdefault(course, Counter())[row] += ran
                self._passed.setdefault(course, Counter())[row] += passed

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Draws up the account; a run in which less ran than was declared is no good one."""
        if hasattr(session.config, "workerinput") or session.config.option.collectonly:
            return
        self._accounts = [self._draw_up(folder) for folder in self._folders]
        good = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if good and any(account.missing for account in self._accounts) and not _wants_part(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """The table, and one line on each course."""
        for account in self._accounts:
            where = msg("lessons: {name}, on {cluster}", name=account.name, cluster=self._cluster)
            terminalreporter.section(str(where))
            if account.declared:
                terminalreporter.write_line(str(account))
            good = not (account.missing or account.failed)
            terminalreporter.write_line(str(_conclude(account, _wants_part(config))), green=good, red=not good)

    def _draw_up(self, folder: Path) -> Account:
        ran, passed = (counts.get(str(folder), Counter()) for counts in (self._ran, self._passed))
        try:
            builder = open_course(folder)
            return Account(builder.course.name, count_declared(builder, len(_RUNS)), ran, passed)
        except TutorError:
            return Account(location(folder), Counter(), ran, passed)


def _conclude(account: Account, part: bool) -> Message:
    if not account.declared:
        return msg("✗ {name} cannot be read; the error above says why.", name=account.name)
    if account.failed:
        return msg(
            "✗ {count} of what ran did not pass; {missing} did not run.", count=account.failed, missing=account.missing
        )
    if account.missing:
        if part:
            return msg("✗ {missing} did not run: only a part was asked for.", missing=account.missing)
        return msg("✗ {missing} did not run, and what did not run has not passed.", missing=account.missing)
    return msg("✓ All that {name} declares has run and passed.", name=account.name)


def _record_of(folder: Path) -> Path:
    """The record of a course, or of the course that a lesson is in."""
    return (folder if (folder / RECORD).exists() or not (folder.parent / RECORD).exists() else folder.parent) / RECORD


def _wants_part(config: pytest.Config) -> bool:
    return any(config.getoption(name, None) for name in _PART)
