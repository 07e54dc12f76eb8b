"""Checks of Deployments that several exercises of this lesson share."""

from __future__ import annotations

from k8s_tutor.exercises import Check, Obj, Seen, State, Verdict, exists, failed, find_container, inspect, msg, see

__all__ = ["PODINFO", "is_resumed", "is_rolled_out", "is_the_old_one", "keeps", "runs"]

PODINFO = "ghcr.io/stefanprodan/podinfo"


def runs(ref: str, image: str) -> Check:
    """The Deployment's template has a container of this image."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        template = deployment["spec"]["template"]
        if find_container(template, image=image) is not None:
            return see(msg("its template: {reference}", reference=image))
        images = [str(one.get("image", "")) for one in template["spec"].get("containers") or ()]
        return failed(
            msg("{ref} makes Pods of the image `{actual}`; the task asks for `{image}`.", ref=ref,
                actual=", ".join(images), image=image),
            hint=msg("The image stands in the template: a Deployment's Pods follow what is written there."),
        )  # fmt: skip

    return inspect(ref, look)


def keeps(ref: str, count: int) -> Check:
    """The Deployment wants so many Pods."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        wanted = deployment["spec"].get("replicas", 1)
        if wanted == count:
            return see()
        return failed(
            msg("{ref} keeps {wanted}; the task asks for {count} Pods.", ref=ref, wanted=wanted, count=count),
            hint=msg("`spec.replicas` is the number that is kept; without it, that is 1."),
        )

    return inspect(ref, look)


def is_resumed(ref: str) -> Check:
    """Nobody holds the Deployment's rollouts."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        if not deployment["spec"].get("paused"):
            return see()
        return failed(
            msg("{ref} is paused: what is written in its template changes nothing.", ref=ref),
            hint=msg("What `kubectl rollout pause` began, `kubectl rollout resume` ends."),
        )

    return inspect(ref, look)


def is_rolled_out(ref: str) -> Check:
    """All of its Pods are of the present template and available."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        status = deployment.get("status") or {}
        wanted = deployment["spec"].get("replicas", 1)
        updated, all_, available = (
            status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas")
        )
        seen = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
        if seen and (updated, all_, available) == (wanted, wanted, wanted):
            return see(msg("{ref}: {available} of {wanted} Pods available, all of the newest version", ref=ref,
                           available=available, wanted=wanted))  # fmt: skip
        stuck = any(
            row.get("type") == "Progressing" and row.get("status") == "False" for row in status.get("conditions") or ()
        )
        return failed(
            msg("the rollout of {ref} is not finished.", ref=ref),
            msg("Pods of the newest version: {updated}, of older ones: {old}, available: {available}, wanted: {wanted}",
                updated=updated, old=all_ - updated, available=available, wanted=wanted),
            hint=msg('`t.graph("{ref}", lens="rollout")` shows where it stands, `t.explain("{ref}")` why.', ref=ref),
            settling=not (stuck and seen),
        )  # fmt: skip

    return inspect(ref, look)


def _controller(replica_set: Obj) -> str:
    """The uid of the Deployment whose version it is; empty until one has taken it for its own."""
    owners = replica_set["metadata"].get("ownerReferences") or ()
    return next((str(owner.get("uid", "")) for owner in owners if owner.get("controller")), "")


def is_the_old_one(ref: str, start_over: str) -> Check:
    """The Deployment is there, and has the versions it had: it was not deleted and made anew.

    What a Deployment made anew has lost is its history: its first ReplicaSet is gone with the old one.
    """
    kind, _, name = ref.partition("/")

    def look(state: State) -> Seen | Verdict:
        there = exists(ref, gone_hint=msg('`t.exercise("{exercise}")` brings it back.', exercise=start_over))(state)
        if isinstance(there, Verdict):
            return there
        first, deployment = state.find(f"replicaset/{name}-first"), state.find(ref) or {}
        if first is not None and _controller(first) in ("", deployment["metadata"]["uid"]):
            return see()
        return failed(
            msg("Deployment `{name}` has lost the version it began with.", name=name),
            hint=msg('Deleting it took all its Pods away. `t.exercise("{exercise}")` starts over.',
                     exercise=start_over),
        )  # fmt: skip

    return look
