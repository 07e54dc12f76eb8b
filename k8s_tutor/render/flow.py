"""The picture of requests that were sent: who answered, as bars and moving dots, and in words."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.graph.flow import CLIENT, ENDS, flow, requests, why
from k8s_tutor.graph.layout import Layout, is_compact, layout
from k8s_tutor.graph.model import Edge, EdgeState, Graph, Node, State
from k8s_tutor.language import is_one_of, msg, msg_template, say
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import Traffic
from k8s_tutor.render.alt_text import name_of
from k8s_tutor.render.picture import Picture
from k8s_tutor.render.svg import draw
from k8s_tutor.render.text import admit

__all__ = ["traffic_picture"]

_STEP = "  "
_ALL = msg_template("{requests} → {way}: all answered")
_SOME = msg_template("{requests} → {way}: {answered} answered")
_NONE = msg_template("{requests} → {way}: no answer")


def traffic_picture(snapshot: Snapshot, traffic: Traffic, *, lang: str = "", previous: Layout | None = None) -> Picture:
    """Draws what became of requests.

    Args:
        snapshot: The objects, as they were when the requests had been sent.
        traffic: The requests.
        lang: Language of its words.
        previous: The layout of an earlier picture: what was there stays where it was.

    Returns:
        A picture. In its twin each Pod that could be sent to has a line of its own, `Pod web-1: 31 requests`.
    """
    graph, traffic = admit(flow(snapshot, traffic)), admit(traffic)
    placed = layout(graph, previous if previous and is_compact(graph, previous) else None)
    told = "\n".join(_describe(graph, traffic, lang))
    title = say(msg("Requests to {name}", name=_name(traffic.focus)), lang)
    return Picture(draw(graph, placed, lang, told=(title, told)), told, graph, lang, placed)


def _describe(graph: Graph, traffic: Traffic, lang: str) -> Iterator[str]:
    sent, answered = len(traffic.answers), traffic.answered
    way = _way(graph, lang)
    whole = _NONE if not answered else _ALL if answered == sent else _SOME
    yield say(whole.fill(requests=requests(sent), way=way, answered=answered), lang)
    entrance = graph.outgoing[CLIENT][0]
    if entrance.cause is not None and not is_one_of(entrance.cause, *ENDS):
        yield _STEP + say(entrance.cause, lang)
    ends = [edge for edge in graph.edges if edge.source != CLIENT and edge.relation in ("endpoint", "no-endpoint")]
    for edge in ends:
        yield _STEP + _pod(graph.by_id[edge.target], edge, traffic, lang)
    if traffic.unnamed:
        yield _STEP + say(msg("answered without saying who: {requests}", requests=requests(traffic.unnamed)), lang)
    for failure, count in traffic.failures.items():
        yield _STEP + say(
            msg("no good answer: {requests} ({why})", requests=requests(count), why=why(failure)),
            lang,
        )
    if traffic.clients > 1:
        for client in range(1, traffic.clients + 1):
            yield _STEP + _client(client, traffic, lang)
    if sent < traffic.wanted:
        yield _STEP + say(
            msg("given up after {sent} of {wanted}: nothing came back", sent=sent, wanted=traffic.wanted), lang
        )


def _way(graph: Graph, lang: str) -> str:
    """The cards that every request passes: `LoadBalancer 203.0.113.10 → Service web`."""
    names, here = [], CLIENT
    while onward := [edge for edge in graph.outgoing[here] if edge.relation not in ("endpoint", "no-endpoint")]:
        here = onward[0].target
        names.append(name_of(graph.by_id[here], lang))
    return " → ".join(names)


def _pod(node: Node, edge: Edge, traffic: Traffic, lang: str) -> str:
    name = name_of(node, lang)
    count = edge.load.count if edge.load is not None else 0
    if node.health.state is State.ABSENT:
        return name
    if edge.state is EdgeState.SOLID:
        idle = not count and any(failure.isdigit() for failure in traffic.failures)  # it may have answered badly
        got = say(msg("no good answer") if idle else requests(count), lang)
        return say(msg("{what}: {said}", what=name, said=got), lang)
    got = say(requests(count), lang) if count else say(msg("none"), lang)
    reason = _because(node, edge, lang)
    return say(
        msg("{pod}: {got} ({why})", pod=name, got=got, why=reason)
        if reason
        else msg("{what}: {said}", what=name, said=got),
        lang,
    )


def _because(node: Node, edge: Edge, lang: str) -> str:
    """Why a Pod gets none: the state's word and its cause, where they are not the same."""
    cause = say(edge.cause, lang) if edge.cause is not None else ""
    if edge.cause is None or edge.cause not in (node.health.cause, node.health.word):
        return cause
    word = say(node.health.word, lang)
    return word if cause == word else say(msg("{what}: {said}", what=word, said=cause), lang)


def _client(number: int, traffic: Traffic, lang: str) -> str:
    pods = traffic.pods_of(number)
    if len(pods) == 1:
        return say(msg("client {number} met {pod}", number=number, pod=f"Pod {pods[0]}"), lang)
    return say(msg("client {number} met {count} different Pods", number=number, count=len(pods)), lang)


def _name(focus: str) -> str:
    kind, _, name = focus.partition("/")
    return f"{kind.capitalize()} {name}"
