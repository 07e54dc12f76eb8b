"""From a snapshot to a graph: what was asked for, everything tied to it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.cards import card, ghost
from k8s_tutor.graph.fold import ABOVE, folded
from k8s_tutor.graph.lens import Lens, lens_of
from k8s_tutor.graph.model import Edge, Graph, Node, Phrase, phrase
from k8s_tutor.graph.relations import RELATIONS, Link
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import is_sender

__all__ = ["build"]


def build(snapshot: Snapshot, focus: str = "", lens: str = "default", *, above: int = ABOVE) -> Graph:
    """The graph of a namespace, or of one object and what is tied to it.

    Args:
        snapshot: The objects.
        focus: `"pod/web"`, `"service/web"`, `"deploy/web"`: that object, what it leads to and what leads to it;
            `""` for everything.
        lens: Which relations count: `default`, `traffic`, `endpoints`, `ownership`, `placement`; or `anatomy`, of one
            pod.
        above: Pods of one owner up to which each keeps its own card, where the lens folds.

    Returns:
        The graph. An object that does not exist is drawn as missing: that is no error, it is what there is to see.

    Raises:
        UsageError: the focus is not of the form `kind/name`, its kind is unknown, or there is no such lens.
    """
    chosen = lens_of(lens)
    whole = _seen(snapshot, focus, chosen)
    return folded(whole, above) if chosen.fold else whole


def _seen(snapshot: Snapshot, focus: str, lens: Lens) -> Graph:
    if not focus and lens.id != "anatomy":
        return _everything(snapshot, lens)
    kind, name = _parse(focus, snapshot)
    if lens.id == "anatomy" and kind != "Pod":
        raise UsageError(f"{kind} {name} has no anatomy to show, a Pod has", next_step='focus on a Pod: "pod/web"')
    obj = snapshot.find(kind, name)
    if obj is None:
        gone = ghost(f"{kind}/{name}", kind, phrase("not-there", f"{kind} {name}"), name)
        return Graph((gone,), (), focus, lens.id, snapshot.namespace)
    return _around(obj, snapshot, lens, focus)


def _parse(focus: str, snapshot: Snapshot) -> tuple[str, str]:
    word, slash, name = focus.partition("/")
    if not slash or not name:
        raise UsageError(
            f'"{focus}" does not say which object', next_step='write kind/name, for example "pod/web" or "deploy/web"'
        )
    kind = snapshot.kind_of(word)
    if not kind:
        raise UsageError(
            f'nothing here is of a kind "{word}"', next_step='write kind/name, for example "pod/web" or "deploy/web"'
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
    notes: tuple[Phrase, ...] = () if graph.nodes else (phrase("nothing-here", snapshot.namespace or "*"),)
    return Graph(graph.nodes, graph.edges, "", lens.id, snapshot.namespace, notes)


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
        if metadata.uid(found) in kept and (metadata.uid(found) == uid or not _retired(found, snapshot))
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
