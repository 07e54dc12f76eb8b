"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, Obj, State, Truth, msg

__all__ = ["GUESSES"]

_REVISION = "deployment.kubernetes.io/revision"


def _images(obj: Obj) -> list[str]:
    return [str(container.get("image", "")) for container in obj["spec"].get("containers") or ()]


def _is_ready(pod: Obj) -> bool:
    rows = (pod.get("status") or {}).get("conditions") or ()
    return any(row.get("type") == "Ready" and row.get("status") == "True" for row in rows)


def _after_relabelling(_before: State, now: State) -> Truth | None:
    made = [pod for pod in now.list("pods") if pod["metadata"].get("generateName") == "trio-"]
    counted = now.list("pods", "app=trio")
    if len(counted) == len(made) or len(counted) < 3:
        return None
    return Truth(
        len(made),
        msg("Pods that trio has made: {made}, those with app=trio: {counted}", made=len(made), counted=len(counted)),
    )


def _after_a_new_image(before: State, now: State) -> Truth | None:
    trio = now.find("replicaset/trio")
    if trio is None or not any(image.endswith(":6.9.2") for image in _images(trio["spec"]["template"])):
        return None
    was = {pod["metadata"]["uid"] for pod in before.list("pods", "app=trio")}
    there = now.list("pods", "app=trio")
    if not all(pod["metadata"]["uid"] in was for pod in there):
        answer = "replaced"
    else:
        answer = "nothing" if all(image.endswith(":6.9.1") for pod in there for image in _images(pod)) else "restarted"
    images = sorted({image.rpartition("/")[2] for pod in there for image in _images(pod)})
    return Truth(answer, msg("the Pods of trio run {images}", images=", ".join(images)))


def _new_ones_at_once(_before: State, now: State) -> Truth | None:
    pods = now.list("pods", "app=web")
    new = [pod for pod in pods if any("--unready" in (one.get("command") or ()) for one in pod["spec"]["containers"])]
    if not new:
        return None
    ready = sum(map(_is_ready, pods))
    return Truth(
        len(new),
        msg("new Pods: {new}, old ones: {old}, ready: {ready}", new=len(new), old=len(pods) - len(new), ready=ready),
    )


def _still_serving(_before: State, now: State) -> Truth | None:
    web = now.find("deployment/web")
    rows = ((web or {}).get("status") or {}).get("conditions") or ()
    if not any(row.get("type") == "Progressing" and row.get("status") == "False" for row in rows):
        return None
    ready = sum(map(_is_ready, now.list("pods", "app=web")))
    return Truth(ready, msg("the rollout is stuck, and {ready} Pods are ready", ready=ready))


def _number_after_going_back(before: State, now: State) -> Truth | None:
    was, web = before.find("deployment/web"), now.find("deployment/web")
    if was is None or web is None:
        return None
    old, new = (one["metadata"].get("annotations", {}).get(_REVISION, "") for one in (was, web))
    if old == new or not new.isdecimal():
        return None
    return Truth(int(new), msg("deployment/web is at revision {new}, and was at {old}", new=new, old=old))


GUESSES = (
    Guess(
        "deployments-a",
        msg("How many Pods of `trio`'s making will there be then, counted or not?"),
        _after_relabelling,
    ),
    Guess(
        "deployments-b",
        msg("What becomes of the three Pods?"),
        _after_a_new_image,
        {
            "replaced": msg("they are replaced by new ones"),
            "restarted": msg("they stay, and start again with the new image"),
            "nothing": msg("nothing"),
        },
        looks_at=("pods", "replicasets"),
    ),
    Guess(
        "deployments-c",
        msg("How many new Pods are there before a single one of them is ready?"),
        _new_ones_at_once,
    ),
    Guess(
        "deployments-d",
        msg("How many Pods of `web` will still serve when this rollout is stuck?"),
        _still_serving,
        looks_at=("pods", "deployments"),
    ),
    Guess(
        "deployments-e",
        msg("Which number will the version in use have afterwards?"),
        _number_after_going_back,
        looks_at=("deployments",),
    ),
)
"""In the order of the lesson."""
