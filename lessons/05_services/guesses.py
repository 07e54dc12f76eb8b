"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]


def _same_address(before: State, now: State) -> Truth | None:
    old, new = before.find("pod/web-1"), now.find("pod/web-1")
    if old is None or new is None or old["metadata"]["uid"] == new["metadata"]["uid"]:
        return None
    was, now_is = old["status"].get("podIP"), new["status"].get("podIP")
    if not now_is:
        return None
    answer = "old" if was == now_is else "another"
    return Truth(answer, msg("pod/web-1 was at {was}, and is at {now}", was=was, now=now_is))


def _whose_address(_before: State, now: State) -> Truth | None:
    service = now.find("service/web")
    if service is None:
        return None
    address, pods = service["spec"]["clusterIP"], now.list("pods")
    if address in [pod["status"].get("podIP") for pod in pods]:
        return Truth("pod", msg("a Pod is at {address}", address=address))
    if address in [pod["status"].get("hostIP") for pod in pods]:
        return Truth("node", msg("a node is at {address}", address=address))
    return Truth("service", msg("clusterIP of service/web: {address}; no Pod and no node has it", address=address))


def _lines(_before: State, now: State) -> Truth | None:
    slices = now.list("endpointslices", "kubernetes.io/service-name=web")
    ends = [end for one in slices for end in one.get("endpoints") or ()]
    ready = sum(1 for end in ends if (end.get("conditions") or {}).get("ready"))
    if ready == len(ends):
        return None
    return Truth(len(ends), msg("EndpointSlice of web: {all} endpoints, {ready} of them ready", all=len(ends), ready=ready))


GUESSES = (
    Guess(
        "services-a",
        msg("Will it have its old address?"),
        _same_address,
        {"old": msg("yes, its old one"), "another": msg("no, another one")},
    ),
    Guess(
        "services-b",
        msg("Whose is it?"),
        _whose_address,
        {"pod": msg("one of the Pods'"), "node": msg("a node's"), "service": msg("neither a Pod's nor a node's")},
        looks_at=("pods", "services"),
    ),
    Guess(
        "services-c",
        msg("How many of the three lines will you see in the picture?"),
        _lines,
        looks_at=("endpointslices",),
    ),
)
"""In the order of the lesson."""
