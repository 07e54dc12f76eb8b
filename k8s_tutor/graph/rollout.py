"""A Deployment's rollout: its versions side by side, the room they have, and why it stands where it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.cards import card
from k8s_tutor.graph.model import Edge, Graph, Health, Node, State
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.deployments import Limits, plain_template, revision_of, wanted_replicas
from k8s_tutor.objects.types import Json, Obj
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["MOST_PODS", "MOST_VERSIONS", "Counts", "Role", "Rollout", "Version", "only_deployment", "rollout"]

MOST_PODS = 8
"""Pods of a version up to which each has a mark of its own; and marks at most."""
MOST_VERSIONS = 6
"""Versions that get a card; of more, the latest."""


class Role(StrEnum):
    """What a version is in the rollout; `ONLY` where there is no other to be told from."""

    OLD = "old"
    NEW = "new"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods of a version: how many its ReplicaSet shall have, has, has ready, and has ready for `minReadySeconds`."""

    desired: int
    current: int
    ready: int
    available: int

    @classmethod
    def of(cls, replica_set: Obj) -> Counts:
        """Those of a ReplicaSet."""
        status = replica_set.get("status") or {}
        seen = (int(status.get(key) or 0) for key in ("replicas", "readyReplicas", "availableReplicas"))
        return cls(wanted_replicas(replica_set), *seen)


@dataclass(frozen=True, slots=True)
class Version:
    """One ReplicaSet of a Deployment.

    Attributes:
        node: Its card.
        revision: The number of the version.
        role: Old or new.
        counts: Its Pods, counted.
        pods: Marks of its Pods; of many, one for all that are alike.
        changed: Fields of the template that differ from the version before.
    """

    node: Node
    revision: int
    role: Role
    counts: Counts
    pods: tuple[Node, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rollout(Graph):
    """The graph of a Deployment, its ReplicaSets and their Pods, with what a rollout is about.

    Attributes:
        deployment: Its card; the health is the rollout's.
        limits: How many Pods there may be, and how many have to be available.
        versions: Those that have Pods or shall have, and the newest, by revision.
        kept: Earlier ones that are kept to go back to: their revisions and images.
    """

    deployment: Node
    limits: Limits
    versions: tuple[Version, ...]
    kept: tuple[tuple[int, str], ...] = ()

    @property
    def shown(self) -> tuple[Version, ...]:
        """The versions that get a card."""
        return self.versions[-MOST_VERSIONS:]

    @property
    def total(self) -> int:
        """Pods there are of all versions; those on their way out are not counted, as Kubernetes does."""
        return sum(version.counts.current for version in self.versions)


def rollout(snapshot: Snapshot, obj: Obj, focus: str) -> Rollout:
    """The rollout of a Deployment.

    Args:
        snapshot: What stands around it.
        obj: The Deployment, or a ReplicaSet or Pod of one.
        focus: What was asked for.

    Raises:
        UsageError: it is nothing that a Deployment rolls out.
    """
    deployment = _deployment(snapshot, obj)
    limits = Limits.of(deployment)
    sets = sorted(_controlled(snapshot, deployment, "ReplicaSet"), key=revision_of)
    versions = tuple(_versions(snapshot, deployment, sets))
    shown = versions[-MOST_VERSIONS:]
    ids = {version.node.id for version in versions}
    kept = tuple((revision_of(each), _images(each)) for each in sets if metadata.uid(each) not in ids)
    health = _health(deployment, versions, limits)
    facts = (*_ailing(health, versions), *_strategy(deployment))
    top = replace(card(deployment, snapshot), health=health, facts=facts)
    nodes = [top, *(node for version in shown for node in (version.node, *version.pods))]
    edges = [edge for version in shown for edge in _edges(top, version)]
    return Rollout(
        tuple(nodes), tuple(edges), focus, "rollout", snapshot.namespace,
        deployment=top, limits=limits, versions=versions, kept=kept,
    )  # fmt: skip


def only_deployment(snapshot: Snapshot) -> str:
    """What a rollout is asked of where nothing is named: the Deployment, where there is only one.

    Raises:
        UsageError: there is none, or several.
    """
    names = [metadata.name(obj) for obj in snapshot.of("Deployment")]
    if len(names) == 1:
        return f"deployment/{names[0]}"
    raise UsageError(
        msg("a rollout is a Deployment's; which one?"),
        why=msg("here are: {names}", names=", ".join(names)) if names else msg("there is none here"),
        next_step='t.graph("deploy/web", lens="rollout")',
    )


def _deployment(snapshot: Snapshot, obj: Obj) -> Obj:
    """The Deployment that an object is, or is of."""
    found: Obj | None = obj
    while found is not None and found.get("kind") != "Deployment":
        found = snapshot.by_uid.get((metadata.controller_of(found) or {}).get("uid", ""))
    if found is None:
        raise UsageError(
            msg("{object} is no Deployment and not of one: it has no rollout to show", object=metadata.title(obj)),
            next_step=msg('focus on a Deployment: t.graph("deploy/web", lens="rollout")'),
        )
    return found


def _controlled(snapshot: Snapshot, owner: Obj, kind: str) -> list[Obj]:
    owned = snapshot.owned_by(metadata.uid(owner))
    return [obj for obj in owned if obj.get("kind") == kind and metadata.is_controlled_by(obj, owner)]


def _edges(top: Node, version: Version) -> Iterator[Edge]:
    yield Edge(top.id, version.node.id, "owner", "metadata.ownerReferences[0]")
    for pod in version.pods:
        yield Edge(version.node.id, pod.id, "owner", "metadata.ownerReferences[0]")


# ---- Versions


def _versions(snapshot: Snapshot, deployment: Obj, sets: Sequence[Obj]) -> Iterator[Version]:
    """Those with Pods, wanted or there, and the newest in any case."""
    newest = sets[-1] if sets else None
    fresh = newest is not None and _template(newest) == _template(deployment)
    pods = {metadata.uid(each): _controlled(snapshot, each, "Pod") for each in sets}
    busy = [
        each
        for each in sets
        if each is newest or pods[metadata.uid(each)] or Counts.of(each).desired or Counts.of(each).current
    ]
    for each in busy:
        before = sets[sets.index(each) - 1] if each is not sets[0] else None
        role = Role.OLD if each is not newest or not fresh else Role.NEW if len(busy) > 1 else Role.ONLY
        yield Version(
            node=card(each, snapshot),
            revision=revision_of(each),
            role=role,
            counts=Counts.of(each),
            pods=_marks(metadata.uid(each), [card(pod, snapshot) for pod in pods[metadata.uid(each)]]),
            changed=tuple(_changed(_template(before), _template(each))) if before and role is not Role.ONLY else (),
        )


def _marks(owner: str, pods: Sequence[Node]) -> tuple[Node, ...]:
    """One mark a Pod; of more than there is room for, one for all that are alike, in the order of their states."""
    if len(pods) <= MOST_PODS:
        return tuple(pods)
    alike: dict[Health, list[Node]] = {}
    for pod in pods:
        alike.setdefault(pod.health, []).append(pod)
    if len(alike) > MOST_PODS:  # too many causes to tell each
        alike = {}
        for pod in pods:
            alike.setdefault(replace(pod.health, cause=None), []).append(pod)
    states = list(State)
    ordered = sorted(alike.items(), key=lambda item: states.index(item[0].state))
    return tuple(_alike(owner, health, group) for health, group in ordered)


def _alike(owner: str, health: Health, pods: Sequence[Node]) -> Node:
    first = pods[0]
    if len(pods) == 1:
        return replace(first, health=health)
    key = f"alike:{owner}:{health.state}:{_sentence(health.word)}:{_sentence(health.cause or '')}"
    title = msg("{count} Pods", count=len(pods))
    return Node(key, "Pod", "", health, title=title, count=len(pods), namespace=first.namespace, owner=owner)


def _sentence(words: Wording) -> str:
    return words.template if isinstance(words, Message) else ""


def _template(obj: Obj) -> Obj:
    return plain_template((obj.get("spec") or {}).get("template") or {})


def _images(replica_set: Obj) -> str:
    rows = (_template(replica_set).get("spec") or {}).get("containers") or ()
    return ", ".join(str(row.get("image", "")).rpartition("/")[2] for row in rows)


def _changed(before: Json, after: Json, name: str = "") -> list[str]:
    """The names of the fields in which two templates differ, the innermost that people know by name."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        keys = dict.fromkeys((*before, *after))
        found = [field for key in keys for field in _changed(before.get(key), after.get(key), key)]
        return list(dict.fromkeys(found))
    if name == "containers" and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return list(dict.fromkeys(field for old, new in pairs for field in _changed(old, new, name)))
    return [name]


# ---- How the rollout is, and why


def _strategy(deployment: Obj) -> Iterator[Wording]:
    strategy = (deployment.get("spec") or {}).get("strategy") or {}
    if strategy.get("type") == "Recreate":
        yield msg("Recreate: all old Pods go before the first new one comes")
        return
    rolling = strategy.get("rollingUpdate") or {}
    room = (str(rolling.get("maxSurge", "25%")), str(rolling.get("maxUnavailable", "25%")))
    yield msg("RollingUpdate: maxSurge {surge}, maxUnavailable {unavailable}", surge=room[0], unavailable=room[1])


def _health(deployment: Obj, versions: Sequence[Version], limits: Limits) -> Health:
    """Paused, stuck, complete or under way: what the Deployment says of itself, and what it waits for."""
    spec = deployment.get("spec") or {}
    if metadata.is_deleting(deployment):
        return Health(State.LEAVING, "Terminating")
    if spec.get("paused"):
        pending = not versions or versions[-1].role is Role.OLD or any(each.counts.desired for each in versions[:-1])
        return Health(
            State.WAITING,
            msg("Paused"),
            msg("a change of the template waits; no step is made until the rollout is resumed")
            if pending
            else msg("nothing is under way; changes of the template will wait until it is resumed"),
        )
    if conditions.reason(deployment, "Progressing") == "ProgressDeadlineExceeded":
        return Health(State.FAILING, msg("Stuck"), _stuck(deployment, versions))
    if conditions.is_true(deployment, "ReplicaFailure"):
        return Health(State.FAILING, msg("Stuck"), conditions.message(deployment, "ReplicaFailure"))
    if _unseen(deployment) or not versions or versions[-1].role is Role.OLD:
        return Health(
            State.WAITING, msg("Progressing"), msg("the Deployment controller has not come to the latest change yet")
        )
    return _progress(deployment, versions, limits)


def _unseen(deployment: Obj) -> bool:
    generation = int((deployment.get("metadata") or {}).get("generation") or 0)
    return int((deployment.get("status") or {}).get("observedGeneration") or 0) < generation


def _stuck(deployment: Obj, versions: Sequence[Version]) -> Wording:
    seconds = int((deployment.get("spec") or {}).get("progressDeadlineSeconds") or 600)
    if message := conditions.message(deployment, "ReplicaFailure"):
        return msg(
            "ProgressDeadlineExceeded: no progress for more than {seconds} s: {why}", seconds=seconds, why=message
        )
    return msg(
        "ProgressDeadlineExceeded: no progress for more than {seconds} s; not available yet: {count}",
        seconds=seconds,
        count=versions[-1].counts.desired - versions[-1].counts.available if versions else 0,
    )


def _ailing(health: Health, versions: Sequence[Version]) -> Iterator[Wording]:
    """Of a rollout that is stuck, what is the matter with the first new Pod that something is the matter with."""
    if health.state is State.FAILING and versions:
        ailing = (pod.health for pod in versions[-1].pods if pod.health.state not in (State.GOOD, State.LEAVING))
        yield from (found.cause or found.word for found in list(ailing)[:1])


def _progress(deployment: Obj, versions: Sequence[Version], limits: Limits) -> Health:
    new, old = versions[-1].counts, [version.counts for version in versions[:-1]]
    total = sum(counts.current for counts in (new, *old))
    up = sum(counts.available for counts in (new, *old))
    if not limits.replicas and not total:
        return Health(State.PLAIN, msg("0 Pods wanted"))
    if new.current == total == up == limits.replicas and not any(counts.desired for counts in old):
        return Health(State.GOOD, msg("Complete"))
    missing = new.desired - new.available
    if not total - new.current and conditions.reason(deployment, "Progressing") == "NewReplicaSetAvailable":
        return Health(
            State.UNREADY, msg("Complete"), msg("{count} of {wanted} available", count=up, wanted=limits.replicas)
        )
    return Health(State.WAITING, msg("Progressing"), _why(new, old, limits, missing))


def _why(new: Counts, old: Sequence[Counts], limits: Limits, missing: int) -> Wording:
    """What the next step waits for."""
    left = sum(counts.current for counts in old)
    desired = new.desired + sum(counts.desired for counts in old)
    if not limits.rolling and left:
        return msg("old Pods still to go: {count}", count=left)
    if missing > 0 and left and new.desired < limits.replicas and desired >= limits.maximum:
        return msg(
            "no further Pod may come and no old one may go until a new one is available; waiting for {count}",
            count=missing,
        )
    if missing > 0:
        return msg("new Pods that are not available yet: {count}", count=missing)
    return msg("old Pods still to go: {count}", count=left) if left else msg("the next step is being made")
