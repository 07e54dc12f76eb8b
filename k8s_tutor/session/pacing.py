"""The time of a cluster that can be paused: `t.pause`, `t.step`, `t.play`; on others, why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.session.calls import answer_politely
from k8s_tutor.session.display import Text
from k8s_tutor.session.wait_conditions import format_seconds

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster, HasTime, MovesTime

__all__ = ["TimedSession", "say_if_slept"]

_MOST_STEPS = 100


@answer_politely
class TimedSession:
    """What a session does with time.

    Attributes:
        cluster: Whose time it is.
    """

    cluster: Cluster
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


def say_if_slept(cluster: Cluster, say: Callable[[Wording], None]) -> None:
    """Wakes a cluster that fell asleep while nobody looked, and says so."""
    from k8s_tutor.api.cluster import Feature  # noqa: PLC0415

    if Feature.MOVES_TIME in cluster.features and (slept := time_of(cluster).wake()):
        say(
            msg(
                "Nobody asked this cluster anything for a while: its time stood still for {seconds}, and goes on now.",
                seconds=format_seconds(slept),
            )
        )
