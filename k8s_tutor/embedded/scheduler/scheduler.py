"""The scheduler itself: takes a pod, asks the filters and the scores, binds it or says why not."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.api.runs import Decision, NodeVerdict, Refusal
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import Core, User
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.scheduler import filters, spread
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import (
    ClusterState,
    NodeState,
    SchedulingQueue,
    Waiting,
    nominated_node,
    priority,
)
from k8s_tutor.embedded.scheduler.filters import first_refusal, score
from k8s_tutor.embedded.scheduler.volumes import Binding, Bindings, PodVolumes
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import DEFAULT_SCHEDULER, is_terminal
from k8s_tutor.objects.types import Obj

__all__ = ["Preemption", "Scheduler", "decide", "preempt"]


# ---- Preemption: may pods of lower priority leave so that this one fits?
#
# See kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption. PodDisruptionBudgets are
# respected where that can be: who would break one is spared first, and the node where the fewest do is taken.

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
PREEMPTED = "PreemptionByScheduler"


@dataclass(frozen=True, slots=True)
class Preemption:
    """What preemption can do.

    Attributes:
        node: Where pods shall leave, or are leaving still; `""` for nowhere, and what was nominated is forgotten.
        victims: Those that shall leave now.
        message: What it can do, or why it cannot help: added to the event.
    """

    node: str = ""
    victims: tuple[Obj, ...] = ()
    message: str = ""


def preempt(attempt: Attempt, refusals: Mapping[str, Refusal]) -> Preemption:
    """Finds the node where the fewest and least important pods would have to go."""
    pod = attempt.pod
    if pod["spec"].get("preemptionPolicy") == "Never":
        return Preemption(nominated_node(pod), message="preemption: not eligible due to preemptionPolicy=Never.")
    nodes = attempt.cluster.nodes
    if _waits_for_victims(attempt, refusals):
        words = "preemption: not eligible due to a terminating pod on the nominated node."
        return Preemption(nominated_node(pod), message=words)
    reasons: list[str] = []
    found: list[tuple[NodeState, list[Obj], int]] = []
    for state in nodes:
        refusal = refusals[state.name]
        if refusal.final:
            reasons.append(NOT_HELPFUL)
            continue
        victims, why, broken = _victims(attempt, state)
        if victims:
            found.append((state, victims, broken))
        else:
            reasons += why
    if not found:
        return Preemption(message=f"preemption: {unavailable(len(nodes), reasons)}")
    state, victims, _ = min(found, key=lambda row: (row[2], *_cost(row[1]), row[0].name))
    placement = f"found a potential placement for pod on node {state.name}, preempting {len(victims)} victims"
    return Preemption(state.name, tuple(victims), f"preemption: {placement}")


def _victims(attempt: Attempt, state: NodeState) -> tuple[list[Obj], tuple[str, ...], int]:
    """Who would have to go, most important first; or why even that would not help; how many break a budget by it."""
    lower = [pod for pod in state.pods.values() if priority(pod) < priority(attempt.pod)]
    if not lower:
        return [], (NO_VICTIMS,), 0
    gone = {metadata.uid(pod): pod for pod in lower}
    refusal = _refusal_without(attempt, state, gone)
    if refusal is not None:
        return [], refusal.reasons, 0
    by_importance = sorted(lower, key=lambda pod: (-priority(pod), _started(pod)))
    protected = attempt.protected(by_importance)
    for pod in sorted(by_importance, key=lambda pod: metadata.uid(pod) not in protected):
        spared = {uid: other for uid, other in gone.items() if uid != metadata.uid(pod)}
        if _refusal_without(attempt, state, spared) is None:
            gone = spared
    return [pod for pod in by_importance if metadata.uid(pod) in gone], (), len(protected & gone.keys())


def _refusal_without(attempt: Attempt, state: NodeState, gone: Mapping[str, Obj]) -> Refusal | None:
    after = state.without(gone)
    cluster = attempt.cluster.replaced(after)
    return first_refusal(Attempt(attempt.pod, cluster, attempt.kin, attempt.volumes), after)


def _cost(victims: list[Obj]) -> tuple[int, int, int, float]:
    """Least important first: the greatest priority among them, all of them, how many; then who started last."""
    greatest = max(map(priority, victims))
    first = min((_started(pod) for pod in victims if priority(pod) == greatest), default="")
    return greatest, sum(map(priority, victims)), len(victims), -from_rfc3339(first) if first else 0.0


def _started(pod: Obj) -> str:
    return str((pod.get("status") or {}).get("startTime", ""))


def _waits_for_victims(attempt: Attempt, refusals: Mapping[str, Refusal]) -> bool:
    """Whether those it has asked to leave are still on their way out (`PodEligibleToPreemptOthers`)."""
    nominated = nominated_node(attempt.pod)
    refusal = refusals.get(nominated)
    if refusal is not None and refusal.final:
        return False
    return any(
        _leaves_for_another(pod) and priority(pod) < priority(attempt.pod)
        for state in attempt.cluster.nodes
        if state.name == nominated
        for pod in state.pods.values()
    )


def _leaves_for_another(pod: Obj) -> bool:
    target = conditions.get(pod, "DisruptionTarget") or {}
    preempted = target.get("status") == "True" and target.get("reason") == PREEMPTED
    return metadata.is_deleting(pod) and preempted


# ---- The scheduler itself: takes a pod, asks the filters and the scores, binds it or says why not

NAME = DEFAULT_SCHEDULER
ACCOUNT = User("system:kube-scheduler", ("system:authenticated",))
REMEMBERED_DECISIONS = 1000
_BUDGETS = "poddisruptionbudgets.policy"
_STORAGE = ("persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io")


def decide(attempt: Attempt, time: float = 0.0, number: int = 1) -> Decision:
    """Asks every filter about every node, scores those that pass, and takes the best; names decide between equals."""
    pod = attempt.pod
    nodes = attempt.cluster.nodes
    refusals = {state.name: refusal for state in nodes if (refusal := filters.first_refusal(attempt, state))}
    candidates = [state for state in nodes if state.name not in refusals]
    # Where others have left for it, it goes (`evaluateNominatedNode`): no other node is looked at.
    candidates = [state for state in candidates if state.name == nominated_node(pod)] or candidates
    # As a real one: where one node is left there is nothing to compare, and nothing is scored.
    compared = score(attempt, candidates) if len(candidates) > 1 else [NodeVerdict(one.name) for one in candidates]
    scored = {verdict.node: verdict for verdict in compared}
    verdicts = tuple(scored.get(state.name) or NodeVerdict(state.name, refusals.get(state.name)) for state in nodes)
    decision = Decision(metadata.key(pod), metadata.uid(pod), time, number, verdicts, tuple(filters.FILTERS))
    if scored:
        return replace(decision, node=max(scored.values(), key=lambda verdict: verdict.total).node)
    if not nodes:
        return replace(decision, message="no nodes available to schedule pods")
    message = unavailable(len(nodes), (reason for refusal in refusals.values() for reason in refusal.reasons))
    help_ = preempt(attempt, refusals)
    return replace(
        decision,
        message=f"{message} {help_.message}".rstrip(),
        nominated=help_.node,
        victims=tuple(metadata.key(victim) for victim in help_.victims),
    )


def unavailable(nodes: int, reasons: Iterable[str]) -> str:
    """`0/3 nodes are available: 1 node(s) …, 2 Insufficient cpu.`: reasons counted, sorted as text."""
    rows = sorted(f"{count} {reason}" for reason, count in Counter(reasons).items())
    return f"0/{nodes} nodes are available: {', '.join(rows)}."


class Scheduler:
    """Gives each new pod a node.

    Attributes:
        decisions: The latest decisions, oldest first.
    """

    def __init__(self, core: Core) -> None:
        self.decisions: deque[Decision] = deque(maxlen=REMEMBERED_DECISIONS)
        self._core = core
        self._cluster = ClusterState()
        self._local = Local(core.api, ACCOUNT, "kube-scheduler")
        self._recorder = EventRecorder(self._local, core.loop.clock, NAME)
        self._queue = SchedulingQueue(core.loop, self._schedule)
        self._bindings = Bindings(core, self._local, self._cluster, self._volumes_bound, self._volumes_failed)

    def start(self) -> None:
        """Looks at the nodes and pods there are, then follows every change of them."""
        store = self._core.store
        for resource in ("namespaces", "nodes", "pods", *_STORAGE):
            for obj in store.list(resource):
                self._follow(Change(store.revision, "ADDED", resource, obj, None, self._core.loop.now()))
            store.subscribe(self._follow, resource)

    def _follow(self, change: Change) -> None:
        self._cluster.follow(change)
        if change.resource == "pods":
            self._follow_pod(change)
        elif change.resource == "nodes":
            self._wake_for_node(change)
        elif change.resource in _STORAGE:
            self._wake("volume")

    def _follow_pod(self, change: Change) -> None:
        pod, key = change.obj, metadata.key(change.obj)
        if pod["spec"].get("nodeName"):
            self._queue.remove(key)
            if change.type == "DELETED" or is_terminal(pod):
                self._wake("pod-gone")
            elif change.previous is None or not change.previous["spec"].get("nodeName"):
                self._wake("pod-placed")
        elif change.type == "DELETED" or not _is_mine(pod):
            self._queue.remove(key)
            self._bindings.drop(key)
        elif key not in self._bindings:
            self._queue.add(key, priority(pod))
            if change.previous is not None and _asks_for_something_else(change.previous, pod):
                self._queue.wake(key)

    def _wake(self, event: filters.EventKind) -> None:
        for waiting in self._queue.parked():
            if any(event in filters.WOKEN_BY.get(plugin, ()) for plugin in waiting.refused_by):
                self._queue.wake(waiting.key)

    def _wake_for_node(self, change: Change) -> None:
        """A node came or changed: only pods that a filter now lets onto it are tried again."""
        if change.type == "DELETED" or (change.previous and not _differs(change.previous, change.obj)):
            return
        state = next(state for state in self._cluster.nodes if state.name == metadata.name(change.obj))
        for waiting in self._queue.parked():
            pod = self._core.store.get("pods", waiting.key.namespace, waiting.key.name)
            if pod is not None and self._may_fit(pod, state, waiting):
                self._queue.wake(waiting.key)

    def _may_fit(self, pod: Obj, state: NodeState, waiting: Waiting) -> bool:
        if not waiting.refused_by:  # There was no node at all.
            return True
        attempt = Attempt(pod, self._cluster, volumes=PodVolumes(pod, self._core.store))
        asked = [filters.FILTERS[plugin] for plugin in waiting.refused_by if plugin in filters.FILTERS]
        return any(filter_(attempt, state) is None for filter_ in asked)

    def _schedule(self, waiting: Waiting) -> None:
        store = self._core.store
        pod = store.get("pods", waiting.key.namespace, waiting.key.name)
        if pod is None or pod["spec"].get("nodeName") or not _is_mine(pod):
            return
        waiting.attempts += 1
        now = self._core.loop.now()
        claims = PodVolumes(pod, store)
        if claims.problem:
            words = f"0/{len(self._cluster.nodes)} nodes are available: {claims.problem}. not found"
            decision = Decision(waiting.key, metadata.uid(pod), now, waiting.attempts, message=words)
            self._give_up(pod, waiting, decision, ("VolumeBinding",))
            return
        attempt = Attempt(pod, self._cluster, spread.selector(pod, store), claims, store.list(_BUDGETS))
        decision = decide(attempt, now, waiting.attempts)
        if not decision.node:
            self._give_up(pod, waiting, decision, decision.refused_by())
            return
        node = next(state for state in self._cluster.nodes if state.name == decision.node)
        plan = claims.plan(node.object)
        if plan and plan.claims:
            self._bindings.begin(Binding(pod, waiting, decision, plan, now))
        else:
            self._bind(pod, waiting, decision)

    def _volumes_bound(self, binding: Binding) -> None:
        self._bind(binding.pod, binding.waiting, binding.decision)

    def _volumes_failed(self, binding: Binding, why: str) -> None:
        nominated = binding.decision.node  # written down when its volumes were asked for
        decision = replace(binding.decision, node="", message=why, reason="SchedulerError", nominated=nominated)
        self._give_up(binding.pod, binding.waiting, decision, ("VolumeBinding",))

    def _bind(self, pod: Obj, waiting: Waiting, decision: Decision) -> None:
        try:
            self._local.bind(pod, decision.node)
        except StatusError as error:
            self._cluster.forget(pod, decision.node)
            if error.code != 404:  # Gone is gone; anything else is tried again.
                self._give_up(pod, waiting, replace(decision, node="", message=error.what), ())
                self._queue.wake(waiting.key)
            return
        self.decisions.append(decision)
        message = f"Successfully assigned {decision.pod} to {decision.node}"
        self._recorder.emit(EmitEvent(pod, "Normal", "Scheduled", message))

    def _give_up(self, pod: Obj, waiting: Waiting, decision: Decision, refused_by: Iterable[str]) -> None:
        self.decisions.append(decision)
        self._queue.park(waiting, refused_by)
        self._recorder.emit(EmitEvent(pod, "Warning", "FailedScheduling", decision.message))
        if decision.victims:
            self._withdraw(decision.nominated, priority(pod))
        self._write_down(pod, decision)
        for victim in decision.victims:
            self._preempt(victim, pod, decision.nominated)

    def _withdraw(self, node: str, rank: int) -> None:
        """Who was promised the node and matters less looks for another at once (`prepareCandidate`)."""
        for state in self._cluster.nodes:
            for other in self._cluster.nominated(state) if state.name == node else ():
                if priority(other) < rank:
                    self._try(partial(self._local.patch, other, {"status": {"nominatedNodeName": None}}, "status"))
                    self._queue.wake(metadata.key(other))

    def _write_down(self, pod: Obj, decision: Decision) -> None:
        condition: Obj = {
            "type": "PodScheduled",
            "status": "False",
            "reason": decision.reason,
            "message": decision.message,
            "lastProbeTime": None,
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        status = pod.get("status") or {}
        rows = conditions.set_condition(status.get("conditions"), condition, decision.time)
        patch: Obj = {} if rows == status.get("conditions") else {"conditions": rows}
        if decision.nominated != nominated_node(pod):
            patch["nominatedNodeName"] = decision.nominated or None
        if patch:
            self._try(lambda: self._local.patch(pod, {"status": patch}, "status"))

    def _preempt(self, victim: Key, preemptor: Obj, node: str) -> None:
        pod = self._core.store.get("pods", victim.namespace, victim.name)
        if pod is None or metadata.is_deleting(pod):
            return
        message = f"{NAME}: preempting to accommodate a higher priority pod"
        target = {"type": "DisruptionTarget", "status": "True", "reason": PREEMPTED, "message": message}
        rows = conditions.set_condition((pod.get("status") or {}).get("conditions"), target, self._core.loop.now())
        self._try(lambda: self._local.patch(pod, {"status": {"conditions": rows}}, "status"))
        self._try(lambda: self._local.delete(pod))
        words = f"Preempted by pod {metadata.uid(preemptor)} on node {node}"
        self._recorder.emit(EmitEvent(pod, "Normal", "Preempted", words))

    def _try(self, write: Callable[[], object]) -> None:
        """A refused note is no reason to stop: the object has changed or gone, and will come by again."""
        try:
            write()
        except StatusError:
            return


def _is_mine(pod: Obj) -> bool:
    spec = pod["spec"]
    chosen = spec.get("schedulerName", NAME) == NAME and not spec.get("schedulingGates")
    return chosen and not metadata.is_deleting(pod) and not is_terminal(pod)


def _asks_for_something_else(before: Obj, after: Obj) -> bool:
    return before["spec"] != after["spec"] or metadata.labels(before) != metadata.labels(after)


def _differs(before: Obj, after: Obj) -> bool:
    """Whether a node changed in a way that matters: heartbeats do not."""
    return (
        before.get("spec") != after.get("spec")
        or metadata.labels(before) != metadata.labels(after)
        or (before.get("status") or {}).get("allocatable") != (after.get("status") or {}).get("allocatable")
    )
