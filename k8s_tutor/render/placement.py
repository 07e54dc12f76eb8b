"""Drawing nodes as boxes: bars of what is requested, Pods inside, and below them who is on no node."""

from __future__ import annotations

from html import escape

from k8s_tutor.graph.layout import BAR, BOX_FACT, BOX_HEAD, METER, PAD, Layout, Position
from k8s_tutor.graph.model import Graph, Meter, Node, Slice
from k8s_tutor.language import Wording, is_one_of, msg, msg_template, say
from k8s_tutor.render.alt_text import label
from k8s_tutor.render.cards import draw_head, group, line

__all__ = ["draw_boxes", "draw_heads"]

_SMALL, _NAME = 11.5, 13.0
_MARKED = (msg_template("taint {name}"), msg_template("label {name}"))  # what people have put there
_HAIR = 1.0  # between the slices of a bar


def draw_heads(graph: Graph, layout: Layout, lang: str) -> str:
    """The heads over the nodes, and over the Pods that are on none."""
    placed = {edge.source for edge in graph.edges}
    rows = {
        msg("Nodes"): [node for node in graph.nodes if node.kind == "Node"],
        msg("On no node"): [node for node in graph.nodes if node.kind == "Pod" and node.id not in placed],
    }
    tops = {head: min(layout.places[card.id].y for card in cards) for head, cards in rows.items() if cards}
    return "".join(line(say(head, lang).upper(), "head", (0, y - 12), 11.6, 400) for head, y in tops.items())


def draw_boxes(graph: Graph, layout: Layout, lang: str) -> str:
    """The boxes, and on them the cards: each is a group of its own, so that a card can glide from box to box."""
    drawn = [_box(node, layout.places[node.id], graph, lang) for node in graph.nodes if node.kind == "Node"]
    drawn += [_card(node, layout.places[node.id], lang) for node in graph.nodes if node.kind != "Node"]
    return "".join(drawn)


def _box(node: Node, place: Position, graph: Graph, lang: str) -> str:
    room = place.width - 2 * PAD
    kind = f"{node.kind} · {node.where}" if node.where else node.kind
    name = say(node.title, lang) if node.title is not None else node.name
    rows = [draw_head(kind, node.health, place.width, lang), line(name, "name", (PAD, 46), 14, room, middle=True)]
    y = BOX_HEAD
    if node.health.cause is not None:
        rows.append(line(say(node.health.cause, lang), "marked", (PAD, y + 11), _SMALL, room))
        y += BOX_FACT
    for meter in node.meters:
        rows.append(_meter(meter, y, room, graph, lang))
        y += METER
    for fact in node.facts:
        rows.append(_fact(fact, y + 13, room, lang))
        y += BOX_FACT
    shape = f'<rect class="card inner" width="{place.width}" height="{place.height}" rx="12"/>'
    return group(node, place, label(node, lang), shape + "".join(rows))


def _fact(fact: Wording, y: float, room: float, lang: str) -> str:
    css = "marked" if is_one_of(fact, *_MARKED) else "fact"
    return line(say(fact, lang), css, (PAD, y), _SMALL, room, middle=True)


def _meter(meter: Meter, y: int, room: float, graph: Graph, lang: str) -> str:
    """What each Pod requests, as a slice of what the node has."""
    drawn, start = [], 0
    scale = room / meter.have if meter.have else 0.0
    for part in meter.slices:
        drawn.append(_slice(part, min(start * scale, room), min((start + part.amount) * scale, room), y, graph))
        start += part.amount
    track = f'<rect class="track" x="{PAD}" y="{y + 18}" width="{room:g}" height="{BAR}" rx="2"/>'
    name, amount = say(meter.name, lang), say(meter.amount, lang)
    said = f'<text class="fact" x="{PAD + room:g}" y="{y + 12}" text-anchor="end">{escape(amount)}</text>'
    return line(name, "marked", (PAD, y + 12), _SMALL, room / 3) + said + track + "".join(drawn)


def _slice(part: Slice, left: float, right: float, y: int, graph: Graph) -> str:
    wide = right - left
    pod = graph.by_id.get(part.id)
    title = f"<title>{escape(pod.name)}</title>" if pod is not None else ""
    return (
        f'<rect class="{"bar" if part.own else "bar others"}" x="{PAD + left:.5g}" y="{y + 18}"'
        f' width="{wide - _HAIR if wide > 3 * _HAIR else wide:.4g}" height="{BAR}">{title}</rect>'
    )


def _card(node: Node, place: Position, lang: str) -> str:
    """Name and state in one line, what it requests in the next, then why it is on no node."""
    name = say(node.title, lang) if node.title is not None else node.name
    room = place.width - 2 * PAD
    facts = "".join(
        line(say(fact, lang), "fact" if at == 0 else "marked", (PAD, 40 + at * BOX_FACT), _SMALL, room)
        for at, fact in enumerate(node.facts)
    )
    head = draw_head(name, node.health, place.width, lang, css="inner-name", size=_NAME)
    shape = f'<rect class="card" width="{place.width}" height="{place.height}" rx="8"/>'
    return group(node, place, label(node, lang), shape + head + facts)
