"""From a snapshot to a graph: what was asked for, everything tied to it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.cards import card, ghost
from k8s_tutor.graph.fold import ABOVE, folded
from k8s_tutor.graph.model import Edge, Graph, Node
from k8s_tutor.graph.placement import place_pods
from k8s_tutor.graph.relations import RELATIONS, Link
from k8s_tutor.graph.rollout import Rollout, only_deployment, rollout
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import is_sender

__all__ = ["LENSES", "Difference", "Lens", "build", "difference", "lens_of"]


# ---- Ways to look at the same objects: which relations are followed, which kinds get a card of their own


@dataclass(frozen=True, slots=True)
class Lens:
    """One row of the table of lenses.

    Attributes:
        id: What people write: `lens="traffic"`.
        relations: Ids of the relations that are drawn.
        around_focus: Ids of relations that are drawn for the focused object only.
        kinds: Kinds that get a card even when nothing is tied to them; None means every kind but those of `QUIET`.
        hidden: Kinds that never get a card.
        fold: Whether many pods of one owner become one card before their column is full.
        around: Makes the graph of one object, where there is more to it than relations to follow; it is given the
            snapshot, the object and the focus.
        of: What the focus is where none is said; None where that means the whole namespace.
    """

    id: str
    relations: tuple[str, ...]
    around_focus: tuple[str, ...] = ()
    kinds: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset({"Event", "EndpointSlice", "Endpoints"})
    fold: bool = True
    around: Callable[[Snapshot, Obj, str], Graph] | None = None
    of: Callable[[Snapshot], str] | None = None

    def shows(self, kind: str) -> bool:
        """Whether objects of a kind are shown for their own sake in the picture of a namespace."""
        if kind in self.hidden:
            return False
        return kind not in QUIET if self.kinds is None else kind in self.kinds


_OF_THE_CLUSTER = frozenset({"nodes"})  # who has rights in a namespace alone never sees them: no reason to say so

QUIET = frozenset({"EndpointSlice", "Node", "ConfigMap", "Secret", "PersistentVolumeClaim"})
"""Kinds that are shown only where something on show is tied to them."""

LENSES: tuple[Lens, ...] = (
    Lens("default", ("owner", "load-balancer", "ingress", "endpoint", "no-endpoint", "volume"), ("node", "reference")),
    Lens(
        "traffic",
        ("load-balancer", "node-port", "ingress", "endpoint", "no-endpoint"),
        kinds=frozenset({"Service", "Ingress"}),
    ),
    Lens(
        "endpoints",
        ("load-balancer", "ingress", "slice", "slice-endpoint", "no-endpoint"),
        kinds=frozenset({"Service", "Ingress", "EndpointSlice"}),
        hidden=frozenset({"Event", "Endpoints"}),
        fold=False,
    ),
    Lens("ownership", ("owner",), hidden=frozenset({"Event", "Endpoints"})),
    Lens("anatomy", (), ("node",)),
    Lens(
        "storage",
        ("owner", "reference", "volume", "kept-claim"),
        kinds=frozenset({"Pod", "PersistentVolumeClaim"}),
        fold=False,
    ),
    Lens("placement", ("node",), kinds=frozenset({"Pod", "Node"}), fold=False),
    Lens("rollout", ("owner",), fold=False, around=rollout, of=only_deployment),
)


def lens_of(word: str) -> Lens:
    """The lens of that id.

    Raises:
        UsageError: there is none.
    """
    for lens in LENSES:
        if lens.id == word:
            return lens
    raise UsageError(
        msg('there is no lens "{word}"', word=word),
        next_step=msg("lens= takes one of: {lenses}", lenses=", ".join(lens.id for lens in LENSES)),
    )


# ---- From a snapshot to a graph: what was asked for, everything tied to it, and nothing else


def build(
    snapshot: Snapshot, focus: str = "", lens: str = "default", *, above: int | None = ABOVE, opened: str = ""
) -> Graph:
    """The graph of a namespace, or of one object and what is tied to it.

    Args:
        snapshot: The objects.
        focus: `"pod/web"`, `"service/web"`, `"deploy/web"`: that object, what it leads to and what leads to it;
            `""` for everything.
        lens: Which relations count: `default`, `traffic`, `endpoints`, `ownership`, `storage`, `placement`; or
            `anatomy`, of one pod, `rollout`, of one Deployment.
        above: Pods of one owner up to which each keeps its own card, where the lens folds; None folds nothing.
        opened: The id of a folded card that has been opened.

    Returns:
        The graph. An object that does not exist is drawn as missing: that is no error, it is what there is to see.

    Raises:
        UsageError: the focus is not of the form `kind/name`, its kind is unknown, or there is no such lens.
    """
    chosen = lens_of(lens)
    if chosen.id == "placement":
        return place_pods(snapshot, focus, _meant(snapshot, focus) if focus else None)
    whole = _seen(snapshot, focus, chosen)
    if isinstance(whole, Rollout) or above is None:
        return whole  # a rollout has its own measure: it is as tall with 500 Pods as with eight
    return folded(whole, above if chosen.fold else len(whole.nodes), opened)


def _seen(snapshot: Snapshot, focus: str, lens: Lens) -> Graph:
    if lens.of is not None:
        focus = focus or lens.of(snapshot)
    if not focus and lens.id != "anatomy":
        return _everything(snapshot, lens)
    kind, name = _parse(focus, snapshot)
    if lens.id == "anatomy" and kind != "Pod":
        raise UsageError(
            msg("{kind} {name} has no anatomy to show, a Pod has", kind=kind, name=name),
            next_step=msg('focus on a Pod: "pod/web"'),
        )
    obj = snapshot.find(kind, name)
    if obj is None:
        unseen = kind in {snapshot.kind_of(word) for word in snapshot.forbidden}
        why = (
            msg(
                "Not to be seen in namespace {namespace}, as you have no right to list it: {what}",
                namespace=snapshot.namespace or "*",
                what=f"{kind} {name}",
            )
            if unseen
            else None
        )
        gone = ghost(f"{kind}/{name}", kind, why or msg("{thing} does not exist", thing=f"{kind} {name}"), name)
        return Graph((gone,), (), focus, lens.id, snapshot.namespace)
    if lens.around is not None:
        return lens.around(snapshot, obj, focus)
    return _around(obj, snapshot, lens, focus)


def _meant(snapshot: Snapshot, focus: str) -> set[str]:
    """UIDs of the object, and of what it owns or sends requests to: whose placement was asked for."""
    obj = snapshot.find(*_parse(focus, snapshot))
    if obj is None:
        return set()
    links = _links(snapshot, ("owner", "endpoint"))
    return _reach(metadata.uid(obj), [link.edge for link in links], forward=True)


def _parse(focus: str, snapshot: Snapshot) -> tuple[str, str]:
    word, slash, name = focus.partition("/")
    if not slash or not name:
        raise UsageError(
            msg('"{focus}" does not say which object', focus=focus),
            next_step=msg('write kind/name, for example "pod/web" or "deploy/web"'),
        )
    kind = snapshot.kind_of(word)
    if not kind:
        raise UsageError(
            msg('nothing here is of a kind "{word}"', word=word),
            next_step=msg('write kind/name, for example "pod/web" or "deploy/web"'),
        )
    return kind, name


def _everything(snapshot: Snapshot, lens: Lens) -> Graph:
    links = _links(snapshot, lens.relations)
    busy = {end for link in links for end in (link.edge.source, link.edge.target)}
    shown = [
        obj
        for obj in snapshot.objects
        if lens.shows(str(obj.get("kind", ""))) and not _retired(obj, snapshot) and not _not_theirs(obj)
    ]
    ids = {metadata.uid(obj) for obj in shown}
    tied = [obj for obj in snapshot.objects if metadata.uid(obj) in busy and metadata.uid(obj) not in ids]
    keep = [obj for obj in tied if _belongs(obj, ids, links)]
    graph = _graph(snapshot, [*shown, *keep], links, lens, "")
    return Graph(graph.nodes, graph.edges, "", lens.id, snapshot.namespace, _notes(snapshot, empty=not graph.nodes))


def _notes(snapshot: Snapshot, *, empty: bool) -> tuple[Wording, ...]:
    """What the picture of a namespace does not show: not seeing is another thing than there being nothing."""
    where = snapshot.namespace or "*"
    unseen = [word for word in snapshot.forbidden if word not in _OF_THE_CLUSTER]
    if unseen:
        return (
            msg(
                "Not to be seen in namespace {namespace}, as you have no right to list it: {what}",
                namespace=where,
                what=", ".join(unseen),
            ),
        )
    return (msg("Nothing here yet: namespace {namespace} holds nothing to draw.", namespace=where),) if empty else ()


def _around(obj: Obj, snapshot: Snapshot, lens: Lens, focus: str) -> Graph:
    uid = metadata.uid(obj)
    links = [
        link
        for link in _links(snapshot, (*lens.relations, *lens.around_focus))
        if link.edge.relation in lens.relations or link.edge.source == uid
    ]
    edges = [link.edge for link in links]
    kept = {*_reach(uid, edges, forward=True), *_reach(uid, edges, forward=False)}
    objects = [
        found
        for found in snapshot.objects
        if metadata.uid(found) in kept
        and (metadata.uid(found) == uid or not (_retired(found, snapshot) or _not_theirs(found)))
    ]
    return _graph(snapshot, objects, [link for link in links if _inside(link.edge, kept)], lens, focus, uid)


def _graph(
    snapshot: Snapshot, objects: Sequence[Obj], links: Sequence[Link], lens: Lens, focus: str, inside: str = ""
) -> Graph:
    ordered = sorted(
        (obj for obj in objects if obj.get("kind") not in lens.hidden), key=lambda obj: snapshot.rank[metadata.uid(obj)]
    )
    nodes = [card(obj, snapshot, inside=metadata.uid(obj) == inside) for obj in ordered]
    ids = {node.id for node in nodes}
    brought: dict[str, Node] = {}
    for link in links:
        if link.brings is not None and (link.edge.source in ids or link.edge.target in ids):
            brought.setdefault(link.brings.id, link.brings)
    ids |= set(brought)
    edges = tuple(link.edge for link in links if _inside(link.edge, ids))
    return Graph((*nodes, *brought.values()), edges, focus, lens.id, snapshot.namespace)


def _links(snapshot: Snapshot, relations: Sequence[str]) -> list[Link]:
    return [link for relation in RELATIONS if relation.id in relations for link in relation.find(snapshot)]


def _reach(start: str, edges: Iterable[Edge], *, forward: bool) -> set[str]:
    steps: dict[str, list[str]] = {}
    for edge in edges:
        here, there = (edge.source, edge.target) if forward else (edge.target, edge.source)
        steps.setdefault(here, []).append(there)
    found, todo = {start}, [start]
    while todo:
        for there in steps.get(todo.pop(), ()):
            if there not in found:
                found.add(there)
                todo.append(there)
    return found


def _inside(edge: Edge, ids: set[str]) -> bool:
    return edge.source in ids and edge.target in ids


def _belongs(obj: Obj, shown: set[str], links: Sequence[Link]) -> bool:
    uid = metadata.uid(obj)
    ends = ((link.edge.source, link.edge.target) for link in links)
    return not _not_theirs(obj) and any(
        (source == uid and target in shown) or (target == uid and source in shown) for source, target in ends
    )


def _retired(obj: Obj, snapshot: Snapshot) -> bool:
    """A ReplicaSet of an earlier revision: kept by its Deployment for a roll-back, with nothing left in it."""
    if obj.get("kind") != "ReplicaSet" or not metadata.owners(obj):
        return False
    return not (obj.get("spec") or {}).get("replicas") and not snapshot.owned_by(metadata.uid(obj))


def _not_theirs(obj: Obj) -> bool:
    """No concern of a learner's picture: the API server's own Service, and the Pods that send our test requests."""
    api_server = metadata.key(obj) == ("default", "kubernetes") and obj.get("kind") in ("Service", "EndpointSlice")
    return api_server or is_sender(obj)


# ---- What differs between two graphs, as something to say: "Pod web-1 deleted", "Pod web-2: Pending → Running"


@dataclass(frozen=True, slots=True)
class Difference:
    """What it takes to get from one graph to the next.

    Attributes:
        added: Cards of the new graph that the old one lacks.
        removed: Cards of the old graph that the new one lacks.
        changed: Pairs (before, after) of cards that are not the same any more.
        edges_added: Lines of the new graph that the old one lacks.
        edges_removed: Lines of the old graph that the new one lacks.
        edges_changed: Pairs (before, after) of lines that are not the same any more.
    """

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()
    changed: tuple[tuple[Node, Node], ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    edges_changed: tuple[tuple[Edge, Edge], ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.removed, self.changed, self.edges_added, self.edges_removed, self.edges_changed))


def difference(before: Graph, after: Graph) -> Difference:
    """The difference of two graphs; empty (false) when they are the same."""
    old_nodes, new_nodes = before.by_id, after.by_id
    old_edges = {edge.id: edge for edge in before.edges}
    new_edges = {edge.id: edge for edge in after.edges}
    return Difference(
        added=tuple(node for node in after.nodes if node.id not in old_nodes),
        removed=tuple(node for node in before.nodes if node.id not in new_nodes),
        changed=tuple(
            (old_nodes[node.id], node) for node in after.nodes if node.id in old_nodes and old_nodes[node.id] != node
        ),
        edges_added=tuple(edge for edge in after.edges if edge.id not in old_edges),
        edges_removed=tuple(edge for edge in before.edges if edge.id not in new_edges),
        edges_changed=tuple(
            (old_edges[edge.id], edge) for edge in after.edges if edge.id in old_edges and old_edges[edge.id] != edge
        ),
    )
