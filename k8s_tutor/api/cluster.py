"""What every kind of cluster offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from k8s_tutor.api.protocol import KubeAPI
from k8s_tutor.api.runs import Decision, Run
from k8s_tutor.clock import Clock
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj

__all__ = [
    "LOAD_BALANCERS_OFF",
    "Answered",
    "Asked",
    "Cluster",
    "Feature",
    "FunctionImage",
    "HasTime",
    "KeepsClusters",
    "KnowsImages",
    "LeftBehind",
    "LoadBalancers",
    "MovesTime",
    "RecordsDecisions",
    "RecordsRuns",
    "RunsFunctions",
    "SwitchesNodes",
    "describe_load_balancers",
    "require_worker",
]


LOAD_BALANCERS_OFF = msg("Load balancers are off: a Service of type LoadBalancer stays <pending>.")


class LoadBalancers(Protocol):
    """Who gives a Service of type LoadBalancer its address: nobody, until it is asked for.

    Kubernetes itself has no load balancers. On kind MetalLB gives the addresses, on the embedded cluster a simulated
    cloud does; a cluster we did not make is left as it is.
    """

    def switch(self, *, on: bool) -> str:
        """Sees to it that Services get addresses, or that none does; says in one line how it is now. Idempotent.

        Raises:
            ClusterUnavailable: it does not come about; says why.
            UsageError: it is not ours to change.
        """
        ...

    def url(self, service: Obj, port: int) -> str:
        """The URL at which a browser on this machine reaches a Service's address; `""` where none can.

        Args:
            service: A Service that has an address.
            port: One of its ports.
        """
        ...


def describe_load_balancers(addresses: str, giver: Wording) -> str:
    """The line that says that addresses are given."""
    return str(
        msg(
            "Load balancers are on: a Service of type LoadBalancer gets an address of {addresses}, from {giver}.",
            addresses=addresses,
            giver=giver,
        )
    )


class Feature(StrEnum):
    """What a cluster can do beyond the Kubernetes API.

    Lessons and pictures ask for these, never for a cluster's name.
    """

    REACHABLE_LOAD_BALANCER = "host-reachable-load-balancer"
    CONTROLLER_RUNS = "controller-runs"  # it is a `RecordsRuns`
    KERNELS_OWN = "kernels-own"  # each kernel has one of its own, which begins and ends with it
    SCHEDULER_DECISIONS = "scheduler-decisions"  # it is a `RecordsDecisions`
    KNOWS_IMAGES = "knows-images"  # it is a `KnowsImages`
    SWITCHES_NODES = "switches-nodes"  # it is a `SwitchesNodes`
    MOVES_TIME = "moves-time"  # it is a `HasTime`
    FUNCTION_IMAGES = "function-images"  # it is a `RunsFunctions`
    KEEPS_CLUSTERS = "keeps-clusters"  # it is a `KeepsClusters`
    PERSONAL = "personal"  # one person's: whoever is nobody in particular needs not be told from others


@dataclass(frozen=True)
class Asked:
    """A request, as the function behind an image is given it.

    Attributes:
        method: `GET`.
        path: Without the question mark and what follows it.
        query: What follows it, by name.
        headers: Of the request.
        body: As text.
        env: The container's environment.
        pod: The Pod's host name, which is its name unless it says otherwise.
        memory: The container's own: what one request leaves there the next one finds, until the container ends.
    """

    method: str = "GET"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    pod: str = ""
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """What came of a request to the function behind an image.

    Attributes:
        code: Of HTTP.
        body: What is sent.
        content_type: Of that.
        log: What it printed, and how it failed.
        exit_code: The program ends with it, and sends nothing; None: it goes on.
        hangs: It had to be stopped: this program answers nobody any more.
    """

    code: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    log: str = ""
    exit_code: int | None = None
    hangs: bool = False


@dataclass(frozen=True)
class FunctionImage:
    """An image whose program is a function in this process.

    Attributes:
        name: With its tag: `shop:1`.
        program: What its file is called: `shop`.
        source: What is in that file.
        port: Where it listens.
        answer: The function; it raises nothing.
    """

    name: str
    program: str
    source: str
    port: int
    answer: Callable[[Asked], Answered]


class RunsFunctions(Protocol):
    """A cluster whose containers can be functions of this process (`Feature.FUNCTION_IMAGES`)."""

    def load_image(self, image: FunctionImage) -> None:
        """Brings the image onto every node, in place of one of the same name; what runs already stays as it is."""
        ...


class RecordsRuns(Protocol):
    """A cluster that remembers what its own controllers did (`Feature.CONTROLLER_RUNS`)."""

    def controller_runs(self, controller: str, namespace: str, name: str) -> tuple[Run, ...]:
        """The latest runs of one controller about one object, oldest first.

        Args:
            controller: `replicaset-controller`.
            namespace: Of the object.
            name: Of the object.
        """
        ...


class RecordsDecisions(Protocol):
    """A cluster that remembers what its scheduler weighed (`Feature.SCHEDULER_DECISIONS`)."""

    def scheduler_decisions(self, uid: str) -> tuple[Decision, ...]:
        """The decisions about the pod with this UID, oldest first; empty when none was made, or it is long ago."""
        ...


class KnowsImages(Protocol):
    """A cluster that pulls from no registry: what it runs is known beforehand (`Feature.KNOWS_IMAGES`)."""

    def known_images(self) -> tuple[Mapping[str, str], Mapping[str, tuple[int, ...]]]:
        """Those that are simulated, each with its tags in a few words; those with a stand-in, each with its ports."""
        ...


class MovesTime(Protocol):
    """Moves the time of a cluster, or lets it stand still."""

    def pause(self) -> Wording:
        """Nothing goes on any more, until a step or `play`. Idempotent; says how it is."""
        ...

    def play(self, speed: float) -> Wording:
        """Time goes on. Idempotent; says how.

        Args:
            speed: 1 is as on the wall clock.
        """
        ...

    def step(self) -> Wording:
        """Lets the next thing happen; says whose it is, why, and what it does."""
        ...

    def wake(self) -> float:
        """For how many seconds the cluster was asleep, as nobody asked it anything; it is awake now."""
        ...

    def mark(self) -> object:
        """This moment, to come back to."""
        ...

    def knows(self, moment: object) -> bool:
        """Whether a moment is no later than now: asked when time was turned back, one that is has been forgotten."""
        ...

    def before(self, seconds: float) -> object:
        """The moment so many seconds ago.

        Raises:
            UsageError: the cluster is not that old.
        """
        ...

    def before_event(self, reason: str, namespace: str, name: str = "") -> object:
        """The moment just before the latest event with a reason, about the object of a name or any.

        Raises:
            UsageError: there was none.
        """
        ...

    def rewind(self, moment: object, say: Callable[[Wording], None]) -> None:
        """Makes the cluster what it was at a moment, and pauses; says first what is forgotten.

        Raises:
            UsageError: it cannot be; says why, and the cluster stays as it is.
        """
        ...


class HasTime(Protocol):
    """A cluster whose time can be moved (`Feature.MOVES_TIME`).

    Attributes:
        time: What moves it.
    """

    time: MovesTime


@dataclass(frozen=True)
class LeftBehind:
    """A cluster whose process has ended, and that can be gone on with.

    Attributes:
        when: Real seconds since the epoch, of the last time that something happened in it.
        lesson: The lesson that was open; empty for none.
        objects: How many objects a person would call theirs.
        functions: Images that are functions of the process that has ended, by name.
    """

    when: float
    lesson: str
    objects: int
    functions: tuple[str, ...] = ()


class KeepsClusters(Protocol):
    """A cluster that is written down as it goes, and can go on in another process (`Feature.KEEPS_CLUSTERS`).

    Attributes:
        resumed: What this one goes on with; None for one that began here.
    """

    resumed: LeftBehind | None

    def remember(self, learner: str, lesson: str) -> None:
        """Writes down whose it is, and which lesson is open."""
        ...

    def left_behind(self, learner: str) -> LeftBehind | None:
        """The learner's latest whose process has ended; None where there is none, or this one itself is not kept."""
        ...

    def resume(self, learner: str) -> LeftBehind:
        """Makes this cluster what that one was at the last moment that was answered; twice is as once.

        Raises:
            UsageError: there is none, or it is in use, or it leads elsewhere; this one stays as it is.
        """
        ...

    def trouble(self) -> Wording:
        """Why it is not written down any more; empty where all is well."""
        ...


class SwitchesNodes(Protocol):
    """A cluster whose machines can be switched off and on (`Feature.SWITCHES_NODES`)."""

    def switch_node(self, name: str, *, on: bool) -> None:
        """Off: nothing on this machine goes on, nobody on it answers. On: it goes on where it stopped. Idempotent.

        Where its Node was deleted, its kubelet starts anew when it is switched on, and registers it.

        Raises:
            UsageError: there is no such worker.
            ClusterUnavailable: it cannot be done; says why.
        """
        ...


def require_worker(name: str, workers: Sequence[str]) -> str:
    """The name of a machine that may be switched off.

    Raises:
        UsageError: it is none of the workers; the message names the nearest.
    """
    if name in workers:
        return name
    near = nearest(name, workers)
    raise UsageError(
        msg("There is no worker {name}.", name=name),
        why=msg("The workers are {workers}; on the control plane runs the API server.", workers=", ".join(workers)),
        next_step=msg("Did you mean {near}?", near=near) if near else "",
    )


class Cluster(Protocol):
    """A cluster we are connected to.

    Attributes:
        name: `embedded`, `kind` or `context`.
        title: For people: `embedded (in-process Kubernetes 1.37, 3 nodes)`.
        api: The door to its API server.
        clock: The cluster's own time: virtual on the embedded one. Deadlines of waits are counted on it.
        features: What it can do.
        load_balancers: Who gives Services of type LoadBalancer their addresses; off until asked for.
        kubeconfig: Our own kubeconfig file for it; never the user's.
        context: The context in that file.
        namespace: The context's own namespace, where one is before a lesson begins and after it.
    """

    name: str
    api: KubeAPI
    clock: Clock
    load_balancers: LoadBalancers
    kubeconfig: Path
    context: str
    namespace: str

    @property
    def title(self) -> str:
        """See above; a property, as it is said in the reader's language."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """See above; a property, as finding out may take a moment."""
        ...

    def close(self) -> None:
        """Lets go of it: threads, sockets, temporary files. Never deletes a kind cluster."""
        ...

    def delete(self) -> None:
        """Removes what we provisioned; a cluster we did not make is left as it is, and an error says so.

        Raises:
            UsageError: we did not create this cluster.
        """
        ...
