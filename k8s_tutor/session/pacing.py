"""The time of a cluster that can be paused, stepped, turned back, and gone on with in another kernel: `t.pause`, …

On others, why it cannot.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from k8s_tutor.clock import date_and_time
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg, msg_n
from k8s_tutor.session.calls import answer_politely
from k8s_tutor.session.display import Text
from k8s_tutor.session.learner import NOBODY, Learner
from k8s_tutor.session.wait_conditions import format_seconds

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster, HasTime, KeepsClusters, LeftBehind, MovesTime
    from k8s_tutor.session.belongings import OwnedClient

__all__ = ["TimedSession", "offer_to_resume"]

_MOST_STEPS = 100
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_SPAN = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>ms|s|min|h)")
_CELL = re.compile(r"cell\s+(?P<number>\d+)")
_EVENT = re.compile(r"(?P<reason>[A-Z]\w+)(\s+(\w+/)?(?P<name>\S+))?")


@answer_politely
class TimedSession:
    """What a session does with time.

    Attributes:
        cluster: Whose time it is.
        client: The verbs of its API.
        namespace: Where everything happens.
        learner: Whose it is.
    """

    cluster: Cluster
    client: OwnedClient
    namespace: str
    learner: Learner
    _tell: Callable[[str], None]

    def pause(self) -> None:
        """Lets the cluster's time stand still: nothing goes on until `t.step()` or `t.play()`.

        Raises:
            UsageError: this cluster's time cannot be paused.
        """
        self._tell(str(time_of(self.cluster).pause()))

    def step(self, times: int = 1) -> Text:
        """Lets one thing happen (a controller acts, the scheduler decides, a kubelet reports), and tells whose and why.

        Time is paused before it and after it.

        Args:
            times: So many, one after the other.

        Raises:
            UsageError: this cluster's time cannot be stepped, or no such number.
        """
        if not 1 <= times <= _MOST_STEPS:
            raise UsageError(
                msg("{times} steps cannot be taken.", times=times),
                why=msg("It is 1 to {most} at a time.", most=_MOST_STEPS),
                next_step=msg("t.play() lets time go on by itself."),
            )
        time = time_of(self.cluster)
        time.pause()
        return Text("\n".join(str(time.step()) for _ in range(times)))

    def play(self, speed: float = 1.0) -> None:
        """Lets the cluster's time go on.

        Args:
            speed: 1 is as on the wall clock, 2 twice as fast.

        Raises:
            UsageError: this cluster's time goes its own way, or no such speed.
        """
        time = time_of(self.cluster)
        if not 0 < speed < float("inf"):
            raise UsageError(
                msg("time cannot pass at speed {speed}", speed=speed),
                why=msg("1 is as on the wall clock, 2 twice as fast"),
                next_step=msg("t.pause() lets it stand still."),
            )
        self._tell(str(time.play(speed)))

    def rewind(self, to: str) -> None:
        """Turns the cluster's time back and pauses it there; what happened later is forgotten: another future begins.

        Args:
            to: How far, `"30 s"`, `"2 min"`; just before an event, `"Killing"`, `"Killing pod/web"`; or as it was
                before a cell ran, `"cell 12"`.

        Raises:
            UsageError: it cannot be turned back, or not so far.
        """
        self._turn_back(to, lambda words: self._tell(str(words)))

    def _turn_back(self, to: str, say: Callable[[Wording], None]) -> None:
        time = time_of(self.cluster)
        moment = self._moment(time, str(to).strip())
        time.rewind(moment, say)
        self.client.refresh_kinds()
        for number in [number for number, mark in self._cells().items() if not time.knows(mark)]:
            del self._cells()[number]

    def resume(self) -> None:
        """Goes on with the cluster of an earlier kernel that has ended: it is again what it was, lesson and all.

        The time in between did not happen. This kernel's own cluster, if anything was done in it, is kept as that
        one was. What cells have defined in Python has ended with its kernel.

        Raises:
            UsageError: there is none, it is in use, or its journal cannot be played.
        """
        keeper = keeper_of(self.cluster)
        if keeper.resumed is not None:
            self._tell(str(msg("It goes on already: {what}.", what=_describe(keeper.resumed))))
            return
        who: Learner = vars(self).get("learner", NOBODY)  # somebody signed in has none
        left = keeper.resume(who.label)
        self.client.refresh_kinds()
        self._cells().clear()
        self._tell(str(msg("You go on with {what}.", what=_describe(left))))
        if left.functions:
            names = ", ".join(left.functions)
            self._tell(str(msg("Functions have ended with their kernel: run the cells of {names} again.", names=names)))
        self._go_on(left.lesson)

    def _go_on(self, lesson: str) -> None:
        """Goes where an earlier kernel was."""

    def _moment(self, time: MovesTime, to: str) -> object:
        if found := _SPAN.fullmatch(to):
            return time.before(float(found["number"]) * _UNITS[found["unit"]])
        if found := _CELL.fullmatch(to):
            return self._cell(int(found["number"]))
        if found := _EVENT.fullmatch(to):
            return time.before_event(found["reason"], self.namespace, found["name"] or "")
        raise UsageError(
            msg("{to!r} says no moment to turn back to.", to=to),
            why=msg("It is a time, an event, or a cell."),
            next_step=msg(
                "For example {example}.", example='t.rewind("30 s"), t.rewind("Killing"), t.rewind("cell 12")'
            ),
        )

    def _cell(self, number: int) -> object:
        cells = self._cells()
        if number in cells:
            return cells[number]
        raise UsageError(
            msg("What the cluster was like before cell {number} is not known.", number=number),
            why=msg("Known are {cells}.", cells=", ".join(map(str, cells))) if cells else msg("No cell is known."),
            next_step=msg("The numbers stand in brackets at the left of the cells."),
        )

    def _cells(self) -> dict[int, object]:
        """The moments before cells, by their numbers."""
        found: dict[int, object] = vars(self).setdefault("_moments", {})
        return found

    def _before_any_cell(self) -> None:
        """A notebook is about to run a cell: wakes a cluster that fell asleep, says if it is kept no more."""
        from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

        features = self.cluster.features
        if Feature.MOVES_TIME in features and (slept := time_of(self.cluster).wake()):
            words = msg(
                "Nobody asked this cluster anything for a while: its time stood still for {seconds}, and goes on now.",
                seconds=format_seconds(slept),
            )
            self._tell(str(words))
        trouble = str(keeper_of(self.cluster).trouble()) if Feature.KEEPS_CLUSTERS in features else ""
        if vars(self).get("_trouble", "") != trouble:
            self._trouble = trouble
            self._tell(trouble)
        self._remember_cell()

    def _remember_cell(self) -> None:
        """One may want to come back to before this cell."""
        from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if shell is not None and Feature.MOVES_TIME in self.cluster.features:
            self._cells()[int(shell.execution_count)] = time_of(self.cluster).mark()


def time_of(cluster: Cluster) -> MovesTime:
    """What moves a cluster's time.

    Raises:
        UsageError: nobody does.
    """
    from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

    if Feature.MOVES_TIME not in cluster.features:
        raise UsageError(
            msg("The time of this cluster cannot be paused, stepped or turned back."),
            why=msg("It is real: its controllers and kubelets are programs that go by the clock on the wall."),
            next_step=msg('On the embedded cluster it can: connect("embedded").'),
        )
    return cast("HasTime", cluster).time


def keeper_of(cluster: Cluster) -> KeepsClusters:
    """What goes on with clusters of kernels that have ended.

    Raises:
        UsageError: nothing needs to.
    """
    from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

    if Feature.KEEPS_CLUSTERS not in cluster.features:
        raise UsageError(
            msg("Only the embedded cluster is gone on with."),
            why=msg("This one does not live in the kernel: what you have made in it is there, whatever ends."),
            next_step=msg("t.lesson(…) begins a lesson; t.objects(…) shows what there is."),
        )
    return cast("KeepsClusters", cluster)


def offer_to_resume(cluster: Cluster, learner: str) -> Wording:
    """What an earlier kernel has left, in one line; empty where that is nothing."""
    from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

    left = keeper_of(cluster).left_behind(learner) if Feature.KEEPS_CLUSTERS in cluster.features else None
    if left is None:
        return ""
    return msg("t.resume() goes on with {what}; who begins anew loses nothing, it stays.", what=_describe(left))


def _describe(left: LeftBehind) -> Wording:
    when = date_and_time(left.when)
    objects = msg_n("{n} object", "{n} objects", left.objects)
    if not left.lesson:
        return msg("your cluster of {when}: {objects}", when=when, objects=objects)
    return msg("your cluster of {when}: lesson {lesson}, {objects}", when=when, lesson=left.lesson, objects=objects)
