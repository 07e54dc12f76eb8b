"""What is asked of a wish, a Deployment: how many, from which drawing, and whether they are there."""

from __future__ import annotations

from k8s_tutor.exercises import Check, Obj, Seen, State, Verdict, Wording, failed, find_container, inspect, msg, see

__all__ = ["are_there", "asks_for", "keeps_image"]


def asks_for(ref: str, wanted: int, *, hint: Wording = "") -> Check:
    """The Deployment wishes for so many Pods."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        asked = deployment["spec"].get("replicas", 1)
        name = deployment["metadata"]["name"]
        if asked == wanted:
            return see(msg("the wish: {asked} of `{name}`", asked=asked, name=name))
        return failed(
            msg("`{name}` wishes for {asked}; the task asks for {wanted}.", name=name, asked=asked, wanted=wanted),
            hint=hint,
        )

    return inspect(ref, look)


def keeps_image(ref: str, image: str, *, hint: Wording = "") -> Check:
    """Its Pods are built from this image."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        if find_container(deployment["spec"]["template"], image=image) is not None:
            return see()
        images = ", ".join(row["image"] for row in deployment["spec"]["template"]["spec"]["containers"])
        return failed(
            msg("the Pods are built from `{images}`; the task asks for `{image}`.", images=images, image=image),
            hint=hint,
        )

    return inspect(ref, look)


def are_there(ref: str) -> Check:
    """As many Pods as it wishes for are ready, and no others are left."""

    def look(_state: State, deployment: Obj) -> Seen | Verdict:
        wanted, status = deployment["spec"].get("replicas", 1), deployment.get("status") or {}
        ready, all_ = status.get("readyReplicas", 0), status.get("replicas", 0)
        fact = msg("there are {all}, and {ready} of them are ready", all=all_, ready=ready)
        current = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
        if current and ready == all_ == wanted:
            return see(fact)
        return failed(
            msg("what is there is not yet what is wished for."),
            fact,
            hint=msg('`t.kubectl("get pods")` shows what they are waiting for.'),
            settling=True,
        )

    return inspect(ref, look)
