"""Waiting for a kind of one's own: until the server answers for what a CustomResourceDefinition defines."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, WaitTimeout
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.goals import Goal
from k8s_tutor.session.targets import Target
from k8s_tutor.session.waiting import seconds

__all__ = ["to_be_served", "wait_served"]

_BEAT = 0.25  # seconds of the cluster's time between two questions: no object says how far discovery is


def to_be_served(target: Target, goal: Goal) -> bool:
    """Whether a definition is to be established: who waits for that wants to use its kind."""
    return target.kind.kind == "CustomResourceDefinition" and goal.words.removesuffix("=True") == "Established"


def wait_served(client: Client, clock: Clock, definition: Obj, timeout: float) -> float:
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
    look = f't.kubectl("api-resources --api-group {definition["spec"]["group"]}") lists what it serves.'
    try:
        while not all(one.answers(client) for one in wanted):
            if clock.now() >= start + timeout:
                raise WaitTimeout(
                    f"crd/{name} is Established, but the server does not serve its kind yet.",
                    why=f"It was given {seconds(timeout)}; its discovery document or the endpoint is still to follow.",
                    next_step=look,
                )
            _let_pass(client, clock, name, start + timeout)
    except KeyboardInterrupt:
        raise Cancelled(
            f"Stopped waiting for the kind of crd/{name} to be served.",
            why="You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone.",
            next_step=look,
        ) from None
    return clock.now() - start


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


def _let_pass(client: Client, clock: Clock, name: str, deadline: float) -> None:
    until = min(clock.now() + _BEAT, deadline)
    with client.watch("customresourcedefinitions", name=name) as watch:
        while (left := until - clock.now()) > 0:
            try:
                watch.next(left)
            except WatchClosed:
                break
