"""Waiting until so many Pods are there: behind a Service, or of what keeps Pods."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, follow
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, WaitTimeout
from k8s_tutor.language import Message, Wording, msg, msg_n
from k8s_tutor.objects import metadata, pods, selectors, services
from k8s_tutor.session.display import ProgressLine
from k8s_tutor.session.targets import Target, require_object
from k8s_tutor.session.wait_conditions import format_seconds

__all__ = ["OwnPodsWaiter", "ReadyPodsWaiter", "parse_own_pods", "parse_ready_pods"]

_BEAT = 0.5  # seconds of the cluster's time between two looks at the progress line


# ---- Waiting for a Service: until so many ready pods stand behind it, as its EndpointSlices say

_WORDS = re.compile(r"(\d+) ready pods?", re.IGNORECASE)
_PROXIES_FOLLOW = 1.5
"""Seconds after which every node's kube-proxy has written a change down; by default it does so once a second."""


def parse_ready_pods(target: Target, what: object) -> int | None:
    """The number in `3 ready pods` of a Service; None for any other state."""
    if target.kind.kind != "Service" or not isinstance(what, str):
        return None
    found = _WORDS.fullmatch(what.strip())
    return int(found[1]) if found else None


@dataclass
class ReadyPodsWaiter:
    """Waits until a Service has exactly so many ready endpoints, and the nodes know it.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        service: The Service; it need not exist yet.
        wanted: How many.
        line: Where progress is shown.
    """

    client: Client
    clock: Clock
    service: Target
    wanted: int
    line: ProgressLine = field(default_factory=ProgressLine)

    @property
    def words(self) -> Message:
        """The state, to be read after "is"."""
        return msg_n("served by {n} ready pod", "served by {n} ready pods", self.wanted)

    def wait(self, timeout: float) -> float:
        """The seconds it took.

        Raises:
            WaitTimeout: `timeout` seconds of the cluster's time have passed.
            Cancelled: Ctrl-C.
        """
        start = self.clock.now()
        try:
            self._until_ready(start + timeout, timeout)
        except KeyboardInterrupt:
            raise _stopped(self.service, self.words) from None
        finally:
            self.line.clear()
        took = self.clock.now() - start
        self._let_proxies_follow()
        return took

    def _until_ready(self, deadline: float, timeout: float) -> None:
        ready = 0
        slices = Selection(
            "endpointslices", self.service.namespace, labels=f"{services.SERVICE_NAME}={self.service.name}"
        )
        for found in follow(self.client, self.clock, slices, deadline, beat=_BEAT):
            ready = services.ready(found)
            if ready == self.wanted:
                return
            self.line.update(
                msg(
                    "waiting for {service} to be {words}: it has {ready}",
                    service=self.service,
                    words=self.words,
                    ready=ready,
                )
            )
        raise self._timed_out(ready, timeout)

    def _let_proxies_follow(self) -> None:
        """No object says how far the nodes' proxies are: whoever asks the Service next should meet the new state."""
        slices = Selection("endpointslices", self.service.namespace)
        for _ in follow(self.client, self.clock, slices, self.clock.now() + _PROXIES_FOLLOW):
            pass

    def _timed_out(self, ready: int, timeout: float) -> WaitTimeout:
        return WaitTimeout(
            msg(
                "{service} was not {words} within {seconds}.",
                service=self.service,
                words=self.words,
                seconds=format_seconds(timeout),
            ),
            why=msg("Seen last: {ready} of them.", ready=ready),
            next_step=msg('t.graph("{service}") shows who is behind it, and why not.', service=self.service),
        )


# ---- Waiting for what keeps Pods: until so many are there, and so many of them are ready

_OWN_WORDS = re.compile(r"(?:(\d+) of )?(\d+) (?:ready pods?|pods? ready)", re.IGNORECASE)
_KEEPERS = ("Deployment", "ReplicaSet", "StatefulSet")


def parse_own_pods(target: Target, what: object) -> tuple[int, int] | None:
    """Ready and all, in `3 of 5 pods ready` or `3 ready pods` of a Deployment or its like; None for any other state."""
    if target.kind.kind not in _KEEPERS or not isinstance(what, str):
        return None
    found = _OWN_WORDS.fullmatch(what.strip())
    return (int(found[1] or found[2]), int(found[2])) if found else None


@dataclass
class OwnPodsWaiter:
    """Waits until exactly so many Pods are there, none of them on its way out, and so many are ready.

    The Pods themselves are counted; their keeper has to say the same, which it does a moment later.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        keeper: The Deployment or its like.
        ready: How many ready ones.
        total: How many in all.
        line: Where progress is shown.
    """

    client: Client
    clock: Clock
    keeper: Target
    ready: int
    total: int
    line: ProgressLine = field(default_factory=ProgressLine)

    @property
    def words(self) -> Wording:
        """The state, to be read after "is"."""
        return msg("at {ready} of {total} pods ready", ready=self.ready, total=self.total)

    def wait(self, timeout: float) -> float:
        """The seconds it took.

        Raises:
            UsageError: there is no such object.
            WaitTimeout: `timeout` seconds of the cluster's time have passed.
            Cancelled: Ctrl-C.
        """
        start = self.clock.now()
        selector = str(selectors.of(require_object(self.client, self.keeper)["spec"]["selector"]))
        wanted = Selection("pods", self.keeper.namespace, labels=selector)
        counts = (0, 0)
        try:
            for found in follow(self.client, self.clock, wanted, start + timeout, beat=_BEAT):
                counts = (sum(map(pods.is_ready, found)), len(found))
                steady = counts == (self.ready, self.total) and not any(map(metadata.is_deleting, found))
                if steady and self._keeper_says_so():
                    return self.clock.now() - start
                self.line.update(
                    msg(
                        "waiting for {keeper} to be {words}: it is at {seen}",
                        keeper=self.keeper,
                        words=self.words,
                        seen=_of(*counts),
                    )
                )
        except KeyboardInterrupt:
            raise _stopped(self.keeper, self.words) from None
        finally:
            self.line.clear()
        raise WaitTimeout(
            msg(
                "{keeper} was not {words} within {seconds}.",
                keeper=self.keeper,
                words=self.words,
                seconds=format_seconds(timeout),
            ),
            why=msg("Seen last: {seen}.", seen=_of(*counts)),
            next_step=msg('t.graph("{keeper}") shows its pods, and what is the matter with them.', keeper=self.keeper),
        )

    def _keeper_says_so(self) -> bool:
        status = (self.keeper.find(self.client) or {}).get("status") or {}
        return (status.get("readyReplicas", 0), status.get("replicas", 0)) == (self.ready, self.total)


def _of(ready: int, total: int) -> Message:
    return msg("{ready} of {total} pods ready", ready=ready, total=total)


def _stopped(target: Target, words: Wording) -> Cancelled:
    return Cancelled(
        msg("Stopped waiting for {target} to be {words}.", target=target, words=words),
        why=msg("You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone."),
        next_step=msg('t.graph("{target}") shows how far it is.', target=target),
    )
