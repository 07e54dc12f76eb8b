"""Waiting is watching, with a deadline on the cluster's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, UsageError, WaitTimeout
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.goals import Goal, describe
from k8s_tutor.session.progress import ProgressLine
from k8s_tutor.session.targets import Target, must_exist

__all__ = ["Waiter", "must_be_seconds", "seconds"]

_BEAT = 0.5  # seconds of the cluster's time between two looks at the progress line


@dataclass
class Waiter:
    """Waits for one object to come to a state.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        target: The object.
        goal: The state.
        line: Where progress is shown.
    """

    client: Client
    clock: Clock
    target: Target
    goal: Goal
    line: ProgressLine = field(default_factory=ProgressLine)

    def wait(self, timeout: float) -> tuple[Obj | None, float]:
        """The object in that state, and the seconds it took.

        Raises:
            UsageError: there is no such object, and it is not its coming or going that is waited for.
            WaitTimeout: `timeout` seconds of the cluster's time have passed, or the state can never come.
            Cancelled: Ctrl-C.
        """
        start = self.clock.now()
        found = must_exist(self.client, self.target) if self.goal.needs_object else self.target.find(self.client)
        try:
            found = self._until_met(found, start + timeout, timeout)
        except KeyboardInterrupt:
            raise self._cancelled() from None
        finally:
            self.line.clear()
        return found, self.clock.now() - start

    def _until_met(self, found: Obj | None, deadline: float, timeout: float) -> Obj | None:
        """Each round is one watch: a server may end a watch whenever it likes, then we look again."""
        while True:
            if self.goal.met(found):
                return found
            self._give_up_if_hopeless(found)
            if self.clock.now() >= deadline:
                raise self._timed_out(found, timeout)
            found = self._follow(found, deadline)

    def _follow(self, found: Obj | None, deadline: float) -> Obj | None:
        """Watches until something changed for good, the deadline, or the end of the watch; the latest state."""
        kind, name, namespace = self.target.kind, self.target.name, self.target.namespace
        items, version = self.client.list_with_version(kind, namespace, fields=f"metadata.name={name}")
        found = items[0] if items else None
        with self.client.watch(kind, namespace, name=name, since=version) as watch:
            while not self.goal.met(found) and (left := deadline - self.clock.now()) > 0:
                self._give_up_if_hopeless(found)
                self.line.update(f"waiting for {self.target} to be {self.goal.words}: {describe(found)}")
                try:
                    event = watch.next(min(left, _BEAT))
                except WatchClosed:
                    return self.target.find(self.client)
                if event is None or event.type == "BOOKMARK":
                    continue
                if event.type == "ERROR":  # too old a version: look again
                    return self.target.find(self.client)
                found = None if event.type == "DELETED" else event.object
        return found

    def _give_up_if_hopeless(self, found: Obj | None) -> None:
        reason = self.goal.hopeless(found)
        if reason:
            raise WaitTimeout(
                f"{self.target} will not be {self.goal.words}.",
                why=f"It is {reason}.",
                next_step=self._look(),
            )

    def _timed_out(self, found: Obj | None, timeout: float) -> WaitTimeout:
        return WaitTimeout(
            f"{self.target} was not {self.goal.words} within {timeout:g} s.",
            why=f"Seen last: {describe(found)}.{self._trouble()}",
            next_step=self._look(),
        )

    def _trouble(self) -> str:
        return f" Your function stumbled over it: {self.goal.trouble}." if self.goal.trouble else ""

    def _cancelled(self) -> Cancelled:
        return Cancelled(
            f"Stopped waiting for {self.target} to be {self.goal.words}.",
            why="You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone.",
            next_step=f'See how far it is: t.kubectl("get {self.target.kind.plural}").',
        )

    def _look(self) -> str:
        return f't.events("{self.target}") tells what happened to it.'


def must_be_seconds(timeout: object) -> None:
    """Sees to it that a deadline is a number.

    Raises:
        UsageError: it is something else, `"5s"`.
    """
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool):
        raise UsageError(f"timeout is a number of seconds, not {timeout!r:.40}.", next_step="For example timeout=60.")


def seconds(value: float) -> str:
    """A duration as people say it: `0.4 s`, `12 s`."""
    return f"{value:.1f} s" if value < 9.95 else f"{value:.0f} s"
