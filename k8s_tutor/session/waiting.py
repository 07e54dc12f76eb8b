"""Waiting is watching, with a deadline on the cluster's own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, follow
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, ClusterUnavailable, WaitTimeout
from k8s_tutor.graph.model import State
from k8s_tutor.language import Message, Wording, join_sentences, msg, msg_n
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.nodeselectors import refusals
from k8s_tutor.objects.services import reason_without_address
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.display import ProgressLine
from k8s_tutor.session.targets import Target, require_object
from k8s_tutor.session.wait_conditions import (
    WaitCondition,
    What,
    choose_condition,
    describe,
    format_seconds,
    parse_condition,
    require_seconds,
)
from k8s_tutor.session.waiting_pods import OwnPodsWaiter, ReadyPodsWaiter, parse_own_pods, parse_ready_pods

if TYPE_CHECKING:
    from k8s_tutor.observe.snapshot import Snapshot

__all__ = [
    "Waiter",
    "is_about_serving",
    "wait_for",
    "wait_gone",
    "wait_until_served",
]

_LOOK = 10.0  # seconds in which to find out why a wait was in vain
_BEAT = 0.5  # seconds of the cluster's time between two looks at the progress line


@dataclass
class Waiter:
    """Waits for one object to come to a state.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        target: The object.
        condition: The state.
        line: Where progress is shown.
    """

    client: Client
    clock: Clock
    target: Target
    condition: WaitCondition
    line: ProgressLine = field(default_factory=ProgressLine)

    def wait(self, timeout: float) -> tuple[Obj | None, float]:
        """The object in that state, and the seconds it took.

        Raises:
            UsageError: there is no such object, and it is not its coming or going that is waited for.
            WaitTimeout: `timeout` seconds of the cluster's time have passed, or the state can never come.
            Cancelled: Ctrl-C.
        """
        start = self.clock.now()
        found = (
            require_object(self.client, self.target) if self.condition.needs_object else self.target.find(self.client)
        )
        try:
            found = found if self.condition.met(found) else self._until_met(start + timeout, timeout)
        except KeyboardInterrupt:
            raise self._cancelled() from None
        finally:
            self.line.clear()
        return found, self.clock.now() - start

    def _until_met(self, deadline: float, timeout: float) -> Obj | None:
        found = None
        wanted = Selection(self.target.kind, self.target.namespace, self.target.name)
        for objects in follow(self.client, self.clock, wanted, deadline, beat=_BEAT):
            found = objects[0] if objects else None
            if self.condition.met(found):
                return found
            self._give_up_if_hopeless(found)
            self.line.update(
                msg(
                    "waiting for {target} to be {words}: {state}",
                    target=self.target,
                    words=self.condition.words,
                    state=describe(found),
                )
            )
        raise self._timed_out(found, timeout)

    def _give_up_if_hopeless(self, found: Obj | None) -> None:
        reason = self.condition.hopeless(found)
        if reason:
            raise WaitTimeout(
                msg("{target} will not be {words}.", target=self.target, words=self.condition.words),
                why=msg("It is {reason}.", reason=reason),
                next_step=self._look(),
            )

    def _timed_out(self, found: Obj | None, timeout: float) -> WaitTimeout:
        return WaitTimeout(
            msg(
                "{target} was not {words} within {timeout:g} s.",
                target=self.target,
                words=self.condition.words,
                timeout=timeout,
            ),
            why=join_sentences(msg("Seen last: {state}.", state=describe(found)), self._trouble()),
            next_step=self._look(),
        )

    def _trouble(self) -> Wording:
        trouble = self.condition.trouble
        return msg("Your function stumbled over it: {trouble}.", trouble=trouble) if trouble else ""

    def _cancelled(self) -> Cancelled:
        return Cancelled(
            msg("Stopped waiting for {target} to be {words}.", target=self.target, words=self.condition.words),
            why=msg("You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone."),
            next_step=msg('See how far it is: t.kubectl("get {plural}").', plural=self.target.kind.plural),
        )

    def _look(self) -> Message:
        return msg('t.events("{target}") tells what happened to it.', target=self.target)


def wait_for(client: Client, clock: Clock, target: Target, what: What | None, timeout: float) -> tuple[Wording, float]:
    """Waits until an object is as wanted, in whichever way that is waited for.

    Args:
        client: Talks to the cluster.
        clock: The cluster's time.
        target: The object.
        what: A state in words, or a function; None for what one usually waits for.
        timeout: Seconds of the cluster's time.

    Returns:
        The state, to be read after "is", and the seconds it took.

    Raises:
        WaitTimeout: it was not; says what was seen last.
        UsageError: no such object, a misspelt state, or a timeout that is no number.
        Cancelled: Ctrl-C.
    """
    require_seconds(timeout)
    what = choose_condition(target.kind.kind) if what is None else what
    try:
        return _wait(client.within(timeout), clock, target, what, timeout)
    except WaitTimeout as error:
        raise _with_cause(client.within(_LOOK), clock, target, error) from None


def wait_gone(client: Client, clock: Clock, target: Target, timeout: float) -> float:
    """Waits until an object is gone; the seconds it took.

    Raises:
        WaitTimeout: it does not go; says what holds it.
        Cancelled: Ctrl-C.
    """
    try:
        return Waiter(client.within(timeout), clock, target, parse_condition("deleted")).wait(timeout)[1]
    except WaitTimeout as error:
        raise _with_cause(client.within(_LOOK), clock, target, error) from None


def _wait(client: Client, clock: Clock, target: Target, what: What, timeout: float) -> tuple[Wording, float]:
    if (count := parse_ready_pods(target, what)) is not None:
        serving = ReadyPodsWaiter(client, clock, target, count)
        return serving.words, serving.wait(timeout)
    if (counts := parse_own_pods(target, what)) is not None:
        keeping = OwnPodsWaiter(client, clock, target, *counts)
        return keeping.words, keeping.wait(timeout)
    waiter = Waiter(client, clock, target, parse_condition(what))
    found, took = waiter.wait(timeout)
    if found is not None and is_about_serving(target, waiter.condition):
        took += wait_until_served(client, clock, found, timeout - took)
    return waiter.condition.words, took


# ---- Why it did not come about: what `t.explain` finds, and how its Pods are


def _with_cause(client: Client, clock: Clock, target: Target, error: WaitTimeout) -> WaitTimeout:
    """The same, with the cause, where there is one to be seen."""
    from k8s_tutor.explain import explain  # noqa: PLC0415  only a wait that failed needs it
    from k8s_tutor.session.pictures import logs_of, look  # noqa: PLC0415

    try:
        obj = target.find(client)
        if obj is None:
            return error
        snapshot = look(client, clock, target.namespace)
    except ClusterUnavailable:  # it fell silent: what was seen last is all there is to say
        return error
    counted = _count_pods(snapshot, obj)
    found = explain(snapshot, str(target), namespace=target.namespace, log=logs_of(client))
    cause: Wording
    step: Wording
    cause, step = msg("The cause: {cause}.", cause=found.cause), _evidence(target)
    if target.kind.kind == "Service" and (reason := reason_without_address(obj)):
        cause, step = reason
    elif found.state in (State.GOOD, State.PLAIN, State.DONE):
        cause, step = "", error.next_step
    return WaitTimeout(error.what, join_sentences(error.why, cause, counted), step)


def _evidence(target: Target) -> Wording:
    return msg('t.explain("{target}") shows it field by field.', target=target)


def _count_pods(snapshot: Snapshot, obj: Obj) -> Wording:
    """How many of an object's Pods have no node, and for what reason most of them."""
    reasons = Counter(reason for pod in _pods_of(snapshot, obj) if (reason := _without_node(pod)))
    if not reasons:
        return ""
    count = sum(reasons.values())
    return msg_n(
        "{n} of its Pods has no node: {reason}.", "{n} of its Pods have no node: {reason}.",
        count, reason=reasons.most_common(1)[0][0],
    )  # fmt: skip


def _pods_of(snapshot: Snapshot, obj: Obj) -> Iterator[Obj]:
    for child in snapshot.owned_by(metadata.uid(obj)):
        if child.get("kind") == "Pod":
            yield child
        else:
            yield from _pods_of(snapshot, child)


def _without_node(pod: Obj) -> str:
    """What the scheduler says of most nodes, `Insufficient cpu`; empty for a Pod that has one."""
    if conditions.status(pod, "PodScheduled") != "False":
        return ""
    clauses = refusals(conditions.message(pod, "PodScheduled")).clauses
    return max(clauses, key=lambda clause: clause.nodes).reason if clauses else ""


# ---- Waiting for a kind of one's own: until the server answers for what a CustomResourceDefinition defines

_SERVED_BEAT = 0.25  # seconds of the cluster's time between two questions: no object says how far discovery is


def is_about_serving(target: Target, condition: WaitCondition) -> bool:
    """Whether a definition is to be established: who waits for that wants to use its kind."""
    return (
        target.kind.kind == "CustomResourceDefinition" and str(condition.words).removesuffix("=True") == "Established"
    )


def wait_until_served(client: Client, clock: Clock, definition: Obj, timeout: float) -> float:
    """The seconds it took until what an established definition serves can be found and listed.

    `Established` says that the names are taken. The endpoint and the discovery document follow "a few seconds" later
    (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/), and until then
    an object of the new kind is one of no kind.

    Args:
        client: Talks to the cluster; knows the kinds afterwards.
        clock: The cluster's time.
        definition: A CustomResourceDefinition.
        timeout: Seconds of the cluster's time.

    Raises:
        WaitTimeout: they cannot, after so long.
        Cancelled: Ctrl-C.
    """
    wanted = _Served.by(definition)
    name = metadata.name(definition)
    start = clock.now()
    look = msg(
        't.kubectl("api-resources --api-group {group}") lists what it serves.', group=definition["spec"]["group"]
    )
    try:
        definitions = Selection("customresourcedefinitions", name=name)
        for _ in follow(client, clock, definitions, start + timeout, beat=_SERVED_BEAT):
            if all(one.answers(client) for one in wanted):
                return clock.now() - start
    except KeyboardInterrupt:
        raise Cancelled(
            msg("Stopped waiting for the kind of crd/{name} to be served.", name=name),
            why=msg("You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone."),
            next_step=look,
        ) from None
    raise WaitTimeout(
        msg("crd/{name} is Established, but the server does not serve its kind yet.", name=name),
        why=msg(
            "It was given {seconds}; its discovery document or the endpoint is still to follow.",
            seconds=format_seconds(timeout),
        ),
        next_step=look,
    )


@dataclass(frozen=True)
class _Served:
    group: str
    version: str
    kind: str

    @classmethod
    def by(cls, definition: Obj) -> list[_Served]:
        spec = definition["spec"]
        versions = [str(version["name"]) for version in spec["versions"] if version.get("served")]
        return [cls(str(spec["group"]), version, str(spec["names"]["kind"])) for version in versions]

    def answers(self, client: Client) -> bool:
        kind = client.refresh_kinds().of(f"{self.group}/{self.version}", self.kind)
        if kind is None:
            return False
        try:
            client.raw("GET", kind.path(), limit=1)
        except StatusError as error:
            return error.code == 403  # served, though not to us
        return True
