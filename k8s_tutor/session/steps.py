"""Recording what a controller does in its three steps, for a controller that a learner wrote.

Not a framework: it calls nothing and decides nothing. The controller says what it observed, what it makes of it and
what it does, and this writes it down, run by run.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar, cast

from k8s_tutor.api.runs import Act, Fact, Run, merged
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg, msg_template

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster, RecordsRuns
    from k8s_tutor.render.picture import Picture
    from k8s_tutor.render.steps import Stepper
    from k8s_tutor.session.targets import Target

__all__ = ["Steps", "read_runs"]

Param = ParamSpec("Param")
Result = TypeVar("Result")

_MOST = 500  # runs that are kept
_EVENTS = {
    "ADDED": msg_template("{what} created"),
    "MODIFIED": msg_template("{what} changed"),
    "DELETED": msg_template("{what} deleted"),
}


class _Draft:
    """A run that is going on."""

    def __init__(self, owner: Steps, number: int, cause: str) -> None:
        self.owner = owner
        self.number = number
        self.cause = cause
        self.facts: list[Fact] = []
        self.sources = ""
        self.analysis: list[str] = []
        self.because = ""
        self.acts: list[Act] = []
        self.error = ""

    @property
    def begun(self) -> bool:
        return bool(self.facts or self.analysis or self.acts or self.error)

    @property
    def decided(self) -> bool:
        return bool(self.analysis or self.acts)

    def run(self) -> Run:
        facts, analysis, acts = tuple(self.facts), tuple(self.analysis), tuple(self.acts)
        return Run(self.number, self.cause, facts, self.sources, analysis, self.because, acts, self.error)


_now: ContextVar[_Draft | None] = ContextVar("k8s_tutor_run", default=None)  # kopf runs handlers side by side


class Steps:
    """The runs of a controller, as it tells them.

        steps = t.steps("etcdcluster/db")

        @steps                                  # each call is a run
        def reconcile(name):
            steps.observe(wanted=3, running=["db-0", "db-2"])
            steps.analyse("db-1 is missing", because="2 of 3: quorum holds")
            steps.act("create Pod db-1")

    Without the decorator a run is what happens in `with steps.run("Pod db-1 deleted"):`, or simply from one `observe`
    to the next. `with t.steps(…) as steps:` shows what was recorded at its end.

    Attributes:
        subject: Whose controller: `EtcdCluster db`.
    """

    def __init__(self, subject: str, runs: tuple[Run, ...] = ()) -> None:
        self.subject = subject
        self._done = list(runs)
        self._count = runs[-1].number if runs else 0
        self._heard: list[Callable[[], None]] = []

    # ---- what a controller says

    def observe(self, sources: str = "", /, **facts: object) -> None:
        """What was seen.

        Args:
            sources: Where: `spec.size · Pods app=db`.
            **facts: `wanted=3, running=["db-0"]`; Kubernetes objects are told by their names.
        """
        draft = self._draft()
        if draft is None or draft.decided:
            draft = self._begin(draft.cause if draft is not None and not draft.begun else "")
        draft.facts += [Fact(name.replace("_", " "), _said(value)) for name, value in facts.items()]
        draft.sources = sources or draft.sources

    def analyse(self, *findings: str, because: str = "") -> None:
        """What follows from it: `"db-1 is missing"`, and why that calls for what comes next."""
        draft = self._draft() or self._begin("")
        draft.analysis += [str(finding) for finding in findings]
        draft.because = because or draft.because

    def act(self, what: str) -> contextlib.AbstractContextManager[None]:
        """What is done about it: `steps.act("create Pod db-1")`.

        As `with steps.act("create Pod db-1"):` around the deed, a failure is written down too, and goes on its way.
        """
        draft = self._draft() or self._begin("")
        draft.acts.append(Act(str(what)))
        return _watched(draft, len(draft.acts) - 1)

    @contextlib.contextmanager
    def run(self, cause: object = "") -> Iterator[None]:
        """One run.

        Args:
            cause: What woke the controller: words, an object, or an event of a watch.
        """
        self._finish()
        draft = self._begin(_cause(cause))
        try:
            yield
        except BaseException as error:
            last = self._draft() or draft
            if not any(act.failed for act in last.acts):
                last.error = _failure(error)
            raise
        finally:
            self._finish()

    def __call__(self, function: Callable[Param, Result]) -> Callable[Param, Result]:
        """Makes each call of a function a run; its cause is the argument called `cause` or `event`, if it has one."""
        if not callable(function):
            raise UsageError(
                msg("Steps decorate a function."), next_step=msg("Write @steps above `def reconcile(…):`.")
            )
        signature = inspect.signature(function)

        def cause(args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
            with contextlib.suppress(TypeError):
                given = signature.bind(*args, **kwargs).arguments
                given = {**given, **given.get("kwargs", {})}
                return given.get("cause") or given.get("event") or ""
            return ""

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def waiting(*args: Param.args, **kwargs: Param.kwargs) -> Any:
                with self.run(cause(args, kwargs)):
                    return await cast("Awaitable[Any]", function(*args, **kwargs))

            return cast("Callable[Param, Result]", waiting)

        @functools.wraps(function)
        def called(*args: Param.args, **kwargs: Param.kwargs) -> Result:
            with self.run(cause(args, kwargs)):
                return function(*args, **kwargs)

        return called

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        draft = self._draft()
        if value is not None and draft is not None and not any(act.failed for act in draft.acts):
            draft.error = _failure(value)
        self._finish()
        if kind is None:
            from k8s_tutor.session.display import show  # noqa: PLC0415

            show(self.picture())

    # ---- what was recorded

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs so far; idle ones in a row that saw the same are one."""
        draft = self._draft()
        going_on = [draft.run()] if draft is not None and draft.begun else []
        return merged([*self._done, *going_on])

    def picture(self, run: int = 0) -> Picture:
        """One run as a picture, by its number; the last that did something by default."""
        from k8s_tutor.render.steps import run_picture  # noqa: PLC0415

        return run_picture(self.subject, self.runs, run)

    def stepper(self) -> Stepper:
        """All runs, to go through forward and back with buttons or arrow keys."""
        from k8s_tutor.render.steps import Stepper  # noqa: PLC0415  brings anywidget

        return Stepper(self)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` after each run; returns what ends that."""
        self._heard.append(listener)

        def unsubscribe() -> None:
            if listener in self._heard:
                self._heard.remove(listener)

        return unsubscribe

    def __repr__(self) -> str:
        from k8s_tutor.render.steps import describe_runs  # noqa: PLC0415

        return describe_runs(self.subject, self.runs)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.picture()._repr_mimebundle_(**options)

    # ---- inside

    def _draft(self) -> _Draft | None:
        draft = _now.get()
        return draft if draft is not None and draft.owner is self else None

    def _begin(self, cause: str) -> _Draft:
        self._finish()
        self._count += 1
        draft = _Draft(self, self._count, cause)
        _now.set(draft)
        return draft

    def _finish(self) -> None:
        draft = self._draft()
        if draft is None:
            return
        _now.set(None)
        if not draft.begun and not draft.cause:
            self._count -= 1
            return
        self._done.append(draft.run())
        del self._done[:-_MOST]
        for listener in tuple(self._heard):
            listener()


def read_runs(cluster: Cluster, controller: str, target: Target) -> tuple[Run, ...]:
    """What one of the cluster's own controllers did about an object.

    Raises:
        UsageError: this cluster does not tell.
    """
    from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

    if Feature.CONTROLLER_RUNS not in cluster.features:
        raise UsageError(
            msg("This cluster does not tell what its {controller} does inside.", controller=controller),
            why=msg("Its controllers are programs of their own, and keep no record of their runs."),
            next_step=msg('The embedded cluster tells: connect("embedded").'),
        )
    return cast("RecordsRuns", cluster).controller_runs(controller, target.namespace, target.name)


@contextlib.contextmanager
def _watched(draft: _Draft, index: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        draft.acts[index] = Act(draft.acts[index].words, _failure(error))
        raise


def _failure(error: BaseException) -> str:
    """The first line of what an error says, or its name where it says nothing."""
    said = str(getattr(error, "what", "") or error).strip()
    return said.partition("\n")[0] or type(error).__name__


def _cause(cause: object) -> str:
    """A cause in words: of a watch's event `Pod db-1 deleted`, of an object `Pod db-1`."""
    if isinstance(cause, str):
        return cause
    if isinstance(cause, Mapping):
        kind, obj = cause.get("type"), cause.get("object")
    else:
        kind, obj = getattr(cause, "type", None), getattr(cause, "object", None)
    if kind and isinstance(obj, Mapping):
        what = _title(obj)
        return str(_EVENTS[kind].fill(what=what)) if kind in _EVENTS else f"{what} {str(kind).lower()}"
    return _said(cause) if cause is not None else ""


def _said(value: object) -> str:
    """A value as people say it."""
    if isinstance(value, bool):
        return str(msg("yes") if value else msg("no"))
    if isinstance(value, Mapping) and "metadata" in value:
        return _title(value)
    if isinstance(value, Mapping):
        parts = [f"{key}={_said(one)}" for key, one in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [_named(one) for one in value]
    elif isinstance(value, (set, frozenset)):
        parts = sorted(_named(one) for one in value)
    else:
        parts = [] if value is None else [str(value)]
    return ", ".join(parts) or str(msg("none"))


def _named(value: object) -> str:
    """One of several: of objects the name alone."""
    if isinstance(value, Mapping) and "metadata" in value:
        return str(value["metadata"].get("name", ""))
    return _said(value)


def _title(obj: Mapping[str, Any]) -> str:
    return f"{obj.get('kind', '')} {obj.get('metadata', {}).get('name', '')}".strip()
