"""Which Pods are on which nodes: nodes with what is requested of them, Pods inside, and who is on no node and why.

A node's bars count what every Pod on it requests, whoever's it is; Pods of other namespaces are one card a node.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from k8s_tutor.graph.cards import health_of
from k8s_tutor.graph.model import UNSAID, Edge, Graph, Health, Meter, Node, Slice, State
from k8s_tutor.language import Message, Wording, is_one_of, join_words, msg, msg_n, msg_template
from k8s_tutor.objects import conditions, metadata, pods, quantity
from k8s_tutor.objects.nodeselectors import refusals
from k8s_tutor.objects.quantity import Amounts
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import is_sender

__all__ = ["MEASURED", "OTHERS", "place_pods", "shorten"]

MEASURED = ("cpu", "memory")
"""What bars show."""
OTHERS = "pods of other namespaces"
"""Stands in a snapshot's `forbidden` where only those of one namespace can be seen."""

_NODES = 9  # that get a box of their own
_CARDS = ((3, 7), (6, 5), (_NODES, 4))  # up to so many nodes, so many cards in each: two screens at most
_PENDING = 6  # cards of Pods without a node
_OTHERS_ON = "others:"
_NAMES: Mapping[str, Wording] = {"cpu": "CPU", "memory": msg("memory")}
_EFFECTS = {
    "NoSchedule": msg("NoSchedule: no new Pods but those that tolerate it"),
    "NoExecute": msg("NoExecute: none but those that tolerate it"),
    "PreferNoSchedule": msg("PreferNoSchedule: rather none here"),
}
_REQUESTS = msg_template("requests {amounts}")
_CALM = (State.GOOD, State.DONE)
_ROLE, _USUAL = "node-role.kubernetes.io/", ("kubernetes.io", "k8s.io")
_SHORT: Sequence[tuple[str, Message]] = (
    ("untolerated taint", msg("a taint it does not tolerate")),
    ("were unschedulable", msg("cordoned")),
    ("node affinity/selector", msg("not the labels it asks for")),
    ("Too many pods", msg("no room for one more Pod")),
    ("anti-affinity", msg("a Pod it may not be near to")),
    ("pod affinity", msg("no Pod it wants to be near to")),
    ("free ports", msg("the host port is taken")),
    ("topology spread", msg("would spread Pods too unevenly")),
)


@dataclass(frozen=True, slots=True)
class _View:
    """What is looked at: a snapshot, and whose cards are drawn.

    Attributes:
        only: UIDs of Pods or nodes; None for all of the namespace.
    """

    snapshot: Snapshot
    only: Collection[str] | None

    def owns(self, pod: Obj, node: str = "") -> bool:
        """Whether a Pod gets a card of its own, by itself or by the UID of its node."""
        home = self.snapshot.namespace
        if (home and metadata.namespace(pod) != home) or is_sender(pod):
            return False
        return self.only is None or metadata.uid(pod) in self.only or node in self.only

    def nodes(self) -> list[Obj]:
        """The nodes to draw: those that are named, else all."""
        found = list(self.snapshot.of("Node"))
        return [node for node in found if metadata.uid(node) in (self.only or ())] or found


@dataclass(slots=True)
class _Machine:
    """A node and the Pods on it: one's own, and others that hold something.

    Attributes:
        node: None where one may only see its name.
    """

    id: str
    name: str
    node: Obj | None = None
    health: Health = UNSAID
    own: list[Obj] = field(default_factory=list)
    others: list[Obj] = field(default_factory=list)

    @property
    def holding(self) -> list[tuple[Obj, bool]]:
        """Pods that hold what they request, and whether they are one's own: these last, for they move when others'
        come before them."""
        both = [*((pod, False) for pod in self.others), *((pod, True) for pod in self.own)]
        return [(pod, own) for pod, own in both if not pods.is_terminal(pod)]


def place_pods(snapshot: Snapshot, focus: str = "", only: Collection[str] | None = None) -> Graph:
    """The graph of nodes and the Pods on them, and of Pods that are on none.

    Args:
        snapshot: Nodes, and the Pods of as many namespaces as can be seen; its `namespace` is the one looked at.
        focus: What was asked for.
        only: UIDs of Pods or nodes: who gets cards. None for all of the namespace. The others are counted all the same.
    """
    view = _View(snapshot, only)
    machines = _machines(view)
    boxes, rest = (machines, []) if len(machines) <= _NODES else (machines[: _NODES - 1], machines[_NODES - 1 :])
    room = next(cards for most, cards in _CARDS if len(boxes) <= most)
    nodes: list[Node] = []
    edges: list[Edge] = []
    for machine in boxes:
        inside = _inside(machine, snapshot, room)
        nodes += [_box(machine), *inside]
        edges += [Edge(card.id, machine.id, "node", "spec.nodeName") for card in inside]
    nodes += [_more_nodes(rest)] if rest else []
    nodes += _pending(view)
    return Graph(tuple(nodes), tuple(edges), focus, "placement", snapshot.namespace, _notes(snapshot, nodes))


def _notes(snapshot: Snapshot, nodes: Sequence[Node]) -> tuple[Wording, ...]:
    said: list[Wording] = []
    if snapshot.of("Node") and OTHERS in snapshot.forbidden:
        said.append(
            msg(
                "Pods outside namespace {namespace} are not counted: you have no right to list them.",
                namespace=snapshot.namespace,
            )
        )
    elif not snapshot.of("Node"):
        said.append(msg("Nodes are known by their names only: you have no right to list them."))
    if not any(node.kind == "Pod" and not node.id.startswith(_OTHERS_ON) for node in nodes):
        said.append(msg("No Pod of namespace {namespace} is here.", namespace=snapshot.namespace or "*"))
    return tuple(said)


def _machines(view: _View) -> list[_Machine]:
    """Where not all will be shown, those with Pods or trouble first; else by age and name."""
    nodes = view.nodes()
    found = {
        metadata.name(node): _Machine(metadata.uid(node), metadata.name(node), node, health_of(node, view.snapshot))
        for node in nodes
    }
    for pod in view.snapshot.of("Pod"):
        name = str((pod.get("spec") or {}).get("nodeName") or "")
        if name and not nodes:  # who may not list nodes knows their names from Pods
            found.setdefault(name, _Machine(f"node-named:{name}", name))
        if machine := found.get(name):
            if view.owns(pod, machine.id):
                machine.own.append(pod)
            elif not pods.is_terminal(pod):
                machine.others.append(pod)
    machines = list(found.values())
    if len(machines) > _NODES:
        machines.sort(key=lambda machine: (not machine.own, machine.health.state in _CALM))
    return machines


# ---- Boxes: what is requested of a node, and what it wants of Pods


def _box(machine: _Machine) -> Node:
    facts: list[Wording] = []
    meters: tuple[Meter, ...] = ()
    labels = metadata.labels(machine.node or {})
    if machine.node is not None:
        have = quantity.allocatable(machine.node)
        meters = tuple(_meter(name, have.get(name, 0), machine) for name in MEASURED)
        facts = [
            msg("{count} of {most} Pods", count=len(machine.holding), most=have.get("pods", 0)),
            *_marks(machine.node),
        ]
    roles = ", ".join(sorted(key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE)))
    return Node(machine.id, "Node", machine.name, machine.health, roles, tuple(facts), meters=meters)


def _meter(name: str, have: int, machine: _Machine) -> Meter:
    slices = []
    for pod, own in machine.holding:
        if amount := quantity.requests(pod).get(name, 0):
            slices.append(Slice(metadata.uid(pod), amount, own))
    return _filled(name, sum(part.amount for part in slices), have, tuple(slices))


def _filled(name: str, asked: int, have: int, slices: tuple[Slice, ...] = ()) -> Meter:
    share = round(100 * asked / have) if have else 0
    said = msg(
        "{asked} of {have} requested ({share} %)",
        asked=quantity.show(name, asked),
        have=quantity.show(name, have),
        share=share,
    )
    return Meter(name, have, slices, _NAMES[name], said)


def _marks(node: Obj) -> Iterator[Wording]:
    """Taints, and the labels that people gave."""
    for taint in (node.get("spec") or {}).get("taints") or ():
        effect, value = str(taint.get("effect", "")), taint.get("value")
        yield msg("taint {name}", name=f"{taint.get('key', '')}={value}" if value else taint.get("key", ""))
        yield _EFFECTS.get(effect, effect)
    for key, value in sorted(metadata.labels(node).items()):
        prefix, slash, _ = key.partition("/")
        if not slash or not prefix.endswith(_USUAL):
            yield msg("label {name}", name=f"{key}={value}")


def _more_nodes(machines: Sequence[_Machine]) -> Node:
    ready = sum(machine.health.state is State.GOOD for machine in machines)
    state = State.GOOD if ready == len(machines) else State.UNREADY
    facts: list[Wording] = [msg("{count} Pods", count=sum(len(machine.holding) for machine in machines))]
    for name in MEASURED:
        asked = sum(quantity.requests(pod).get(name, 0) for machine in machines for pod, _own in machine.holding)
        have = sum(quantity.allocatable(machine.node or {}).get(name, 0) for machine in machines)
        facts.append(_filled(name, asked, have).said)
    word = msg("{ready} of {wanted} ready", ready=ready, wanted=len(machines))
    return Node(
        "nodes:more", "Node", "", Health(state, word), facts=tuple(facts),
        title=msg("{count} more nodes", count=len(machines)), count=len(machines),
    )  # fmt: skip


# ---- Cards: one's own Pods, as many as there is room for; the others as one


def _inside(machine: _Machine, snapshot: Snapshot, room: int) -> list[Node]:
    cards = _fitted([_card(pod, snapshot) for pod in machine.own], room, machine.id)
    if machine.others:
        wanted: Amounts = {}
        for pod in machine.others:
            wanted = quantity.add(wanted, quantity.requests(pod))
        count = len(machine.others)
        title = msg_n("{n} other Pod", "{n} other Pods", n=count)
        key = f"{_OTHERS_ON}{machine.id}"
        cards.append(Node(key, "Pod", "", UNSAID, facts=(_together(wanted, count),), title=title, count=count))
    return cards


def _card(pod: Obj, snapshot: Snapshot) -> Node:
    fact = msg("has ended, holds nothing") if pods.is_terminal(pod) else _requests(quantity.requests(pod))
    return Node(
        metadata.uid(pod), "Pod", metadata.name(pod), health_of(pod, snapshot), facts=(fact,),
        namespace=metadata.namespace(pod), owner=(metadata.controller_of(pod) or {}).get("uid", ""),
    )  # fmt: skip


def _requests(wanted: Mapping[str, int]) -> Wording:
    said = [
        msg("{resource} {amount}", resource=_NAMES.get(name, name), amount=quantity.show(name, amount))
        for name, amount in wanted.items()
        if amount
    ]
    return _REQUESTS.fill(amounts=join_words(said)) if said else msg("requests nothing")


def _together(wanted: Mapping[str, int], count: int) -> Wording:
    fact = _requests(wanted)
    if isinstance(fact, Message) and is_one_of(fact, _REQUESTS) and count > 1:
        return msg("request {amounts} together", amounts=fact.values["amounts"])
    return fact


def _fitted(cards: list[Node], room: int, key: str) -> list[Node]:
    """All of them; else calm Pods of one owner as one; else those of one state as one; else the rest as one."""
    for group in (_by_itself, _by_owner, _by_state):
        rows = _grouped(cards, group, key)
        if len(rows) <= room:
            return rows
    rows.sort(key=lambda card: card.health.state in _CALM)
    return [*rows[: room - 1], _stack(f"stack:{key}/rest", rows[room - 1 :])]


def _by_itself(card: Node) -> str:
    return card.id


def _by_owner(card: Node) -> str:
    return card.owner if card.owner and card.health.state in _CALM else card.id


def _by_state(card: Node) -> str:
    return card.health.state


def _by_trouble(card: Node) -> str:
    return repr((card.health.state, card.facts[1:]))


def _grouped(cards: Sequence[Node], group: Callable[[Node], str], key: str) -> list[Node]:
    families: dict[str, list[Node]] = {}
    for card in cards:
        families.setdefault(group(card), []).append(card)
    return [row[0] if len(row) == 1 else _stack(f"stack:{key}/{name}", row) for name, row in families.items()]


def _stack(key: str, cards: Sequence[Node]) -> Node:
    """One card for several: what they have in common is said of each."""
    first, count = cards[0], sum(card.count for card in cards)
    alike = tuple(fact for fact in first.facts if all(fact in card.facts for card in cards))
    family = first.name.rpartition("-")[0] if first.owner and len({card.owner for card in cards}) == 1 else ""
    same = len({card.health.word for card in cards}) == 1
    word = first.health.word if same else msg("not all alike")
    return Node(
        key, "Pod", "", Health(first.health.state, word), facts=tuple(_of_each(fact) for fact in alike),
        title=msg("{count} Pods {name}", count=count, name=family) if family else msg("{count} Pods", count=count),
        count=count, namespace=first.namespace, owner=first.owner if family else "",
    )  # fmt: skip


def _of_each(fact: Wording) -> Wording:
    if isinstance(fact, Message) and is_one_of(fact, _REQUESTS):
        return msg("each requests {amounts}", amounts=fact.values["amounts"])
    return fact


# ---- Who is on no node, and why


def _pending(view: _View) -> list[Node]:
    waiting = [
        _waiting_card(pod, view.snapshot)
        for pod in view.snapshot.of("Pod")
        if not (pod.get("spec") or {}).get("nodeName") and not pods.is_terminal(pod) and view.owns(pod)
    ]
    if len(waiting) <= _PENDING:
        return waiting
    rows = _grouped(waiting, _by_trouble, "pending")
    if len(rows) <= _PENDING:
        return rows
    return [*rows[: _PENDING - 1], _stack("stack:pending/rest", rows[_PENDING - 1 :])]


def _waiting_card(pod: Obj, snapshot: Snapshot) -> Node:
    card = _card(pod, snapshot)
    reasons = shorten(conditions.message(pod, "PodScheduled")) if card.health.state is State.UNREADY else ()
    nominated = str((pod.get("status") or {}).get("nominatedNodeName") or "")
    if nominated:
        reasons = (*reasons, msg("less important Pods are leaving {name} for it", name=nominated))
    elif not reasons and card.health.state is State.WAITING:
        reasons = (_unnoticed(pod),) if card.health.word == "Pending" else ()
    health = Health(card.health.state, card.health.word)
    return Node(
        card.id, "Pod", card.name, health, facts=(*card.facts, *reasons), namespace=card.namespace, owner=card.owner
    )


def _unnoticed(pod: Obj) -> Wording:
    """Nobody has said anything yet: is there anybody who would?"""
    name = str((pod.get("spec") or {}).get("schedulerName") or pods.DEFAULT_SCHEDULER)
    return (
        msg("the scheduler has not said anything yet")
        if name == pods.DEFAULT_SCHEDULER
        else msg("waits for a scheduler called {name}", name=name)
    )


def shorten(message: str) -> tuple[Wording, ...]:
    """What the scheduler says of a Pod that fits nowhere, a short phrase a reason; nodes of other kinds last."""
    clauses = sorted(refusals(message).clauses, key=lambda clause: "untolerated taint" in clause.reason)
    return tuple(
        _short(clause.reason) if not clause.nodes
        else msg_n("{n} node: {reason}", "{n} nodes: {reason}", n=clause.nodes, reason=_short(clause.reason))
        for clause in clauses
    )  # fmt: skip


def _short(reason: str) -> Wording:
    if reason.startswith("Insufficient "):
        name = reason.removeprefix("Insufficient ")
        return msg("not enough {resource} left", resource=_NAMES.get(name, name))
    return next((short for words, short in _SHORT if words in reason), reason)
