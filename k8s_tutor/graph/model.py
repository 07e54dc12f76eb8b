"""What a graph is: nodes, their health, edges, and sentences as data so that they can be said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from k8s_tutor.language import Message, Wording, msg

__all__ = [
    "LOOKS",
    "UNSAID",
    "Edge",
    "EdgeState",
    "Graph",
    "Health",
    "Load",
    "Look",
    "Meter",
    "Node",
    "Part",
    "Slice",
    "State",
]


class State(StrEnum):
    """How a thing is doing, as far as a picture needs to know; how each looks is in `LOOKS`."""

    GOOD = "good"
    WAITING = "waiting"
    UNREADY = "unready"
    FAILING = "failing"
    DONE = "done"
    LEAVING = "leaving"
    ABSENT = "absent"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is told apart without colour.

    Attributes:
        glyph: One character, for text.
        shape: The name of the mark that pictures draw.
        border: The name of the border that pictures draw around the card.
    """

    glyph: str
    shape: str
    border: str


LOOKS: Mapping[State, Look] = {
    State.GOOD: Look("●", "disc", "solid"),
    State.WAITING: Look("◌", "dashed-ring", "dashed"),
    State.UNREADY: Look("◐", "half-disc", "solid"),
    State.FAILING: Look("✖", "cross", "heavy"),
    State.DONE: Look("✔", "tick", "solid"),
    State.LEAVING: Look("⊖", "minus", "dotted"),
    State.ABSENT: Look("∅", "slash", "dotted"),
    State.PLAIN: Look("", "none", "solid"),
}
"""One row a state: no two share glyph or shape."""


@dataclass(frozen=True, slots=True)
class Health:
    """A state, the word for it, and the cause where one is known; what is no message is Kubernetes' own, as it is."""

    state: State
    word: Wording
    cause: Wording | None = None

    @property
    def look(self) -> Look:
        """Glyph, shape and border of the state."""
        return LOOKS[self.state]


UNSAID = Health(State.PLAIN, "")
"""Of things that have no state of their own (a ConfigMap)."""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests that went this way.

    Attributes:
        count: How many.
        most: What a full bar or a dense line stands for.
    """

    count: int
    most: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.count / self.most if self.most else 0.0


@dataclass(frozen=True, slots=True)
class Slice:
    """What one pod requests of a node: its UID, thousandths of a core or bytes, and whether it has a card here."""

    id: str
    amount: int
    own: bool


@dataclass(frozen=True, slots=True)
class Meter:
    """What is requested of what a node has.

    Attributes:
        resource: `cpu` or `memory`.
        have: What it has for pods, in thousandths of a core or bytes.
        slices: What each pod requests, in the order of the bar.
        name: The resource, for people.
        amount: The sum in words.
    """

    resource: str
    have: int
    slices: tuple[Slice, ...]
    name: Wording
    amount: Wording

    @property
    def said(self) -> Message:
        """All of it in words."""
        return msg("{what}: {said}", what=self.name, said=self.amount)


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside a node: a container of a pod.

    Attributes:
        id: Stable and unique in the graph.
        kind: `container`, `init container`, `sidecar`, `ephemeral container`.
        name: Its name.
        health: Its own state.
        facts: Lines of facts, the most important first.
    """

    id: str
    kind: Wording
    name: str
    health: Health
    facts: tuple[Wording, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One card.

    Attributes:
        id: The object's UID, or something made up from one (`lb:<uid>`, `stack:<uid>`): it lasts as long as the thing.
        kind: `Pod`; of things that are no object, what people call them (`LoadBalancer`).
        name: Its name, or an address.
        health: How it is.
        where: What stands beside the kind: a pod's node.
        facts: Lines of facts, the most important first.
        parts: What is inside; a card with parts is drawn large.
        title: Instead of the name, where there is none (a ghost: "no Pod has app=web").
        count: How many objects a folded card stands for; 1 for one object.
        namespace: The object's namespace.
        owner: UID of its controller, `""` for one that stands alone.
        load: Requests it answered, in pictures of traffic.
        meters: What is requested of a node, in pictures of placement.
    """

    id: str
    kind: str
    name: str
    health: Health = UNSAID
    where: str = ""
    facts: tuple[Wording, ...] = ()
    parts: tuple[Part, ...] = ()
    title: Wording | None = None
    count: int = 1
    namespace: str = ""
    owner: str = ""
    load: Load | None = None
    meters: tuple[Meter, ...] = ()


class EdgeState(StrEnum):
    """`SOLID` works, `BROKEN` does not (the edge's cause says why), `WAITING` not yet."""

    SOLID = "solid"
    BROKEN = "broken"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Edge:
    """One line between two cards.

    Attributes:
        source: Node id; the one that owns, selects, routes, runs on.
        target: Node id.
        relation: The id of the relation that found it (see `graph.relations`).
        field: The field of which object causes it, as a path people can look up.
        state: Whether it works.
        cause: Why it does not.
        label: A short text on the line, e.g. how many it stands for.
        load: Requests it carried, in pictures of traffic.
    """

    source: str
    target: str
    relation: str
    field: str = ""
    state: EdgeState = EdgeState.SOLID
    cause: Wording | None = None
    label: Wording | None = None
    load: Load | None = None

    @property
    def id(self) -> str:
        """Unique in a graph."""
        return f"{self.relation}:{self.source}>{self.target}"


@dataclass(frozen=True)
class Graph:
    """Nodes and edges that belong together, in a stable order.

    Attributes:
        nodes: In the snapshot's order.
        edges: By relation, then in the order of their sources.
        focus: What was asked for, `""` for a whole namespace.
        lens: The id of the lens.
        namespace: The namespace looked at.
        notes: Sentences about the whole, e.g. that there is nothing.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    focus: str = ""
    lens: str = "default"
    namespace: str = ""
    notes: tuple[Wording, ...] = field(default=())

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Nodes by id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Edge, ...]]:
        """Edges by source."""
        return _grouped(self, "source")

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Edge, ...]]:
        """Edges by target."""
        return _grouped(self, "target")


def _grouped(graph: Graph, end: str) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        groups.setdefault(getattr(edge, end), []).append(edge)
    return {key: tuple(edges) for key, edges in groups.items()}
