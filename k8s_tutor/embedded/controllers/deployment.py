"""Deployment: one ReplicaSet per version of a template, and the way from one version to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Requeue, Update, UpdateStatus
from k8s_tutor.embedded.controllers import pods, revisions, rollout
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key, owner_key
from k8s_tutor.embedded.controllers.pods import claim, claimants
from k8s_tutor.embedded.controllers.rollout import (
    RolloutProgress,
    Scale,
    condition,
    has_deadline,
    is_complete,
    with_condition,
)
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.deployments import REVISION, Limits, revision_of
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["DeploymentController"]


class DeploymentController:
    """Makes a ReplicaSet for each template and moves the pods over, within maxSurge and maxUnavailable."""

    name: ClassVar[str] = "deployment-controller"
    watches: ClassVar[tuple[str, ...]] = ("deployments.apps", "replicasets.apps", "pods")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Deployment itself; a ReplicaSet's owner or who would adopt it; the owner of a pod that went."""
        if change.resource == "deployments.apps":
            return own_key(change)
        if change.resource == "pods":
            return _owner_of_gone_pod(change, view)
        return claimants(change, view, "Deployment", "deployments.apps")

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """One step of the rollout: a version made, grown or shrunk; then says how it stands."""
        deployment = view.get("deployments.apps", key.namespace, key.name)
        if deployment is None:
            return NOTHING_TO_DO
        claimed = claim(deployment, view.list("replicasets.apps", key.namespace))
        if claimed.patches:
            return Reconciled(
                claimed.patches, (msg("ReplicaSets match the selector or no longer do: adopt, release."),)
            )
        return _Rollout(deployment, claimed.kept, view, now).next()


def _owner_of_gone_pod(change: Change, view: View) -> Iterable[Key]:
    """Recreate waits until the last old pod has gone."""
    if change.type != "DELETED":
        return ()
    for key in owner_key(change.obj, "ReplicaSet"):
        replica_set = view.get("replicasets.apps", key.namespace, key.name)
        if replica_set is not None:
            return owner_key(replica_set, "Deployment")
    return ()


@dataclass
class _Rollout:
    """A Deployment with its versions, at one moment."""

    deployment: Obj
    replica_sets: Sequence[Obj]
    view: View
    now: float
    words: list[Wording] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = Limits.of(self.deployment)
        self.new = revisions.find_new(self.deployment, self.replica_sets)
        self.old = [rs for rs in revisions.by_age(self.replica_sets) if rs is not self.new]
        self.progress = RolloutProgress(self.deployment, self.new, self.old, self.now)

    def next(self) -> Reconciled:
        """The next step, in the order in which the controller of Kubernetes looks at things."""
        if self.new is not None and (actions := self._mark_revision(self.new)):
            return Reconciled(actions, (msg("The ReplicaSet of this template takes the next revision."),))
        if metadata.is_deleting(self.deployment):
            return self._report(self.progress.counts(), [], msg("It is being deleted: only the status is kept."))
        if (paused := self._paused_condition()) is not None:
            return Reconciled([self._status_with(paused)], (paused["message"],))
        if self.deployment["spec"].get("paused"):
            scales = self._resize() or self._tidy()
            return self._report(
                self.progress.counts(), scales, msg("It is paused: its size counts, its template does not.")
            )
        if self._was_scaled():
            return self._report(
                self.progress.counts(),
                self._resize(),
                msg("It was scaled to {replicas}.", replicas=self.limits.replicas),
            )
        return self._roll() if self.limits.rolling else self._recreate()

    def _roll(self) -> Reconciled:
        if self.new is None:
            size = rollout.new_size(self.limits, 0, self.replica_sets)
            return self._create(size)
        limits = self.limits
        words = msg(
            "{replicas} wanted, at most {maximum} in all, at least {minimum_available} available; "
            "new version {new} ({available} available), old versions {old}.",
            replicas=limits.replicas,
            maximum=limits.maximum,
            minimum_available=limits.minimum_available,
            new=rollout.replicas(self.new),
            available=rollout.available(self.new),
            old=sum(rollout.replicas(rs) for rs in self.old),
        )
        actions = self._scale(rollout.scale_new(limits, self.new, self.replica_sets))
        actions = actions or self._scale(rollout.shrink_old(limits, self.new, self.old))
        return self._report(self.progress.status(), actions or self._tidy(), words)

    def _recreate(self) -> Reconciled:
        shrink = self._scale([Scale(rs, 0) for rs in self.old if rollout.replicas(rs) > 0])
        if shrink:
            return self._report(self.progress.status(), shrink, msg("Recreate: first all old pods go."))
        if self._old_pods_run():
            return self._report(self.progress.status(), [], msg("Recreate: old pods still run; wait."))
        if self.new is None:
            return self._create(self.limits.replicas)
        actions = self._scale(rollout.scale_new(self.limits, self.new, self.replica_sets))
        return self._report(self.progress.status(), actions or self._tidy(), msg("Recreate: the old pods are gone."))

    def _old_pods_run(self) -> bool:
        uids = {metadata.uid(rs) for rs in self.old}
        if any((rs.get("status") or {}).get("replicas", 0) for rs in self.old):
            return True
        return any(
            (metadata.controller_of(pod) or {}).get("uid") in uids and not pods.is_terminal(pod)
            for pod in self.view.list("pods", metadata.namespace(self.deployment))
        )

    def _create(self, size: int) -> Reconciled:
        """Makes the ReplicaSet of a template that has none yet."""
        revision = revisions.next_revision(self.old)
        new = revisions.new_replica_set(self.deployment, revision, size, self.limits.maximum)
        name = metadata.name(new)
        if self.view.get("replicasets.apps", metadata.namespace(new), name) is not None:
            status = dict(self.deployment.get("status") or {})
            status["collisionCount"] = int(status.get("collisionCount", 0)) + 1
            return Reconciled(
                [self._with_status(status)],
                (msg("The name {name} is taken by another template: hash again.", name=name),),
            )
        scaled = _scaled(self.deployment, "up", name, 0, size) if size else None
        made = condition("Progressing", "True", "NewReplicaSetCreated", f'Created new replica set "{name}"', self.now)

        def failed(error: StatusError) -> Sequence[Action]:
            message = f'Failed to create new replica set "{name}": {error.what}'
            row = condition("Progressing", "False", "ReplicaSetCreateError", message, self.now)
            event = EmitEvent(self.deployment, "Warning", "ReplicaSetCreateError", message)
            return [self._status_with(row), event] if has_deadline(self.deployment) else [event]

        words = msg(
            "No ReplicaSet has this template: create {name} as revision {revision} with {size}.",
            name=name,
            revision=revision,
            size=size,
        )
        return Reconciled([Create(new, scaled), *self._marked(str(revision), made)], (words,), failed)

    def _mark_revision(self, new: Obj) -> list[Action]:
        """Revision and annotations of the new version, then of the Deployment."""
        rows = revisions.annotated(self.deployment, new, revisions.next_revision(self.old))
        wait = self.deployment["spec"].get("minReadySeconds", 0)
        if rows != metadata.annotations(new) or wait != new["spec"].get("minReadySeconds", 0):
            spec = {key: value for key, value in new["spec"].items() if key != "minReadySeconds"}
            if wait:
                spec["minReadySeconds"] = wait
            return [Update({**new, "metadata": {**new["metadata"], "annotations": rows}, "spec": spec})]
        found = None
        if conditions.get(self.deployment, "Progressing") is None:
            message = f'Found new replica set "{metadata.name(new)}"'
            found = condition("Progressing", "True", "FoundNewReplicaSet", message, self.now)
        return self._marked(rows[REVISION], found)

    def _marked(self, revision: str, progressing: Obj | None) -> list[Action]:
        """The Deployment's revision annotation and Progressing condition, in one write as on a real cluster."""
        status = self.deployment.get("status") or {}
        rows = status.get("conditions") or []
        after = with_condition(rows, progressing) if progressing and has_deadline(self.deployment) else rows
        if metadata.annotations(self.deployment).get(REVISION) == revision and after == rows:
            return []
        annotations = {**metadata.annotations(self.deployment), REVISION: revision}
        meta = {**self.deployment["metadata"], "annotations": annotations}
        return [UpdateStatus({**self.deployment, "metadata": meta, "status": {**status, "conditions": after}})]

    def _paused_condition(self) -> Obj | None:
        """`Deployment is paused`, or resumed, where the status does not yet say so."""
        reason = conditions.reason(self.deployment, "Progressing")
        if not has_deadline(self.deployment) or reason == "ProgressDeadlineExceeded":
            return None
        paused = bool(self.deployment["spec"].get("paused"))
        if paused == (reason == "DeploymentPaused"):
            return None
        if paused:
            return condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", self.now)
        return condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", self.now)

    def _was_scaled(self) -> bool:
        return any(
            metadata.annotations(rs).get(revisions.DESIRED, str(self.limits.replicas)) != str(self.limits.replicas)
            for rs in self.replica_sets
            if rollout.replicas(rs) > 0
        )

    def _resize(self) -> list[Action]:
        """Sizes after a change of `spec.replicas`, without moving from one version to the other."""
        active = [rs for rs in self.replica_sets if rollout.replicas(rs) > 0]
        if len(active) <= 1:
            only = active[0] if active else self.new or (self.old[-1] if self.old else None)
            return self._scale([Scale(only, self.limits.replicas)]) if only is not None else []
        if self.new is not None and self._is_saturated(self.new):
            return self._scale([Scale(rs, 0) for rs in self.old if rollout.replicas(rs) > 0])
        if not self.limits.rolling:
            return []
        replicas = int((self.deployment.get("status") or {}).get("replicas", 0))
        return self._scale(rollout.proportional(self.limits, self.replica_sets, replicas))

    def _is_saturated(self, new: Obj) -> bool:
        wanted = str(self.limits.replicas)
        counts = (str(rollout.replicas(new)), str(rollout.available(new)))
        return counts == (wanted, wanted) and metadata.annotations(new).get(revisions.DESIRED) == wanted

    def _scale(self, scales: Sequence[Scale]) -> list[Action]:
        sizes = {revisions.DESIRED: str(self.limits.replicas), revisions.MAXIMUM: str(self.limits.maximum)}
        latest: dict[str, Obj] = {}
        actions: list[Action] = []
        for scale in scales:
            rs = latest.get(metadata.uid(scale.replica_set), scale.replica_set)
            before = rollout.replicas(rs)
            annotations = {**metadata.annotations(rs), **sizes}
            if before == scale.size and annotations == metadata.annotations(rs):
                continue
            meta = {**rs["metadata"], "annotations": annotations}
            after = {**rs, "metadata": meta, "spec": {**rs["spec"], "replicas": scale.size}}
            word = "up" if scale.size > before else "down"
            event = _scaled(self.deployment, word, metadata.name(rs), before, scale.size)
            actions.append(Update(after, success=event if before != scale.size else None))
            latest[metadata.uid(rs)] = after
        return actions

    def _tidy(self) -> list[Action]:
        """Deletes old versions beyond `revisionHistoryLimit`, oldest revision first, once all is done."""
        if not is_complete(self.deployment, self.deployment.get("status") or {}):
            return []
        limit = int(self.deployment["spec"].get("revisionHistoryLimit", 10))
        kept = sorted((rs for rs in self.old if not metadata.is_deleting(rs)), key=revision_of)
        return [Delete(rs) for rs in kept[: max(len(kept) - limit, 0)] if _is_idle(rs)]

    def _report(self, status: Obj, actions: Sequence[Action], words: Wording) -> Reconciled:
        all_: list[Action] = [*actions]
        if status != self.deployment.get("status"):
            all_.append(self._with_status(status))
        if (seconds := self.progress.seconds_to_deadline(status)) is not None:
            all_.append(Requeue(seconds))
        return Reconciled(all_, (words,))

    def _status_with(self, row: Obj) -> UpdateStatus:
        status = self.deployment.get("status") or {}
        return self._with_status({**status, "conditions": with_condition(status.get("conditions") or [], row)})

    def _with_status(self, status: Obj) -> UpdateStatus:
        return UpdateStatus({**self.deployment, "status": status})


def _scaled(deployment: Obj, word: str, name: str, before: int, after: int) -> EmitEvent:
    message = f"Scaled {word} replica set {name} from {before} to {after}"
    return EmitEvent(deployment, "Normal", "ScalingReplicaSet", message)


def _is_idle(rs: Obj) -> bool:
    status = rs.get("status") or {}
    seen = status.get("observedGeneration", 0) >= rs["metadata"].get("generation", 0)
    return rollout.replicas(rs) == 0 and not status.get("replicas") and seen
