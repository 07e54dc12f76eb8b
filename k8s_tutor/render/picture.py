"""A picture as a value: SVG, its text twin, DOT; shows itself in notebooks, with or without a kernel."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.graph import layout
from k8s_tutor.graph.fold import spread
from k8s_tutor.graph.layout import Layout, Position, arrange
from k8s_tutor.graph.model import EdgeState, Graph, Node
from k8s_tutor.graph.rollout import Rollout
from k8s_tutor.language import Message, is_one_of, msg, msg_template, say
from k8s_tutor.render.alt_text import describe_graph, label, name_of
from k8s_tutor.render.cards import draw_card, line, shown_facts
from k8s_tutor.render.rollout import rollout
from k8s_tutor.render.svg import Frame, document, draw
from k8s_tutor.render.text import admit, kind_word, width

__all__ = ["Picture", "ShownDrawing", "anatomy", "dot", "export", "html", "picture"]


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        svg: A whole SVG document.
        alt_text: The same in words, line by line.
        graph: What was drawn; None for time lines.
        lang: Language of its words.
        layout: Where the cards stand; give it to the next picture and they stay there. None for time lines.
    """

    svg: str
    alt_text: str
    graph: Graph | None = field(default=None, repr=False, compare=False)
    lang: str = ""
    layout: Layout | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return self.alt_text

    def to_dot(self) -> str:
        """The graph in Graphviz' language, for other programs.

        Raises:
            UsageError: this picture is no graph but a time line.
        """
        if self.graph is None:
            raise UsageError(
                msg("a time line is no graph: there is no DOT of it"), next_step=msg('save it as ".svg" or ".txt"')
            )

        return dot(self.graph, self.lang)

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file; the ending says how: `.svg`, `.txt`, `.dot`, or what Graphviz draws (`.png`).

        Returns:
            The file written.

        Raises:
            UsageError: an unknown ending, a file that cannot be written, or Graphviz is needed and not there.
        """
        target = Path(path)
        if not target.parent.is_dir():
            raise UsageError(
                msg("there is no folder {folder} to save the picture in", folder=target.parent),
                next_step=msg("make it first"),
            )
        suffix = target.suffix.lower()
        if suffix in (".svg", ".txt", ".dot", ".gv"):
            text = self.svg if suffix == ".svg" else f"{self.alt_text}\n" if suffix == ".txt" else self.to_dot()
            content = text.encode()
        else:
            content = export(self.to_dot(), suffix)
        try:
            target.write_bytes(content)
        except OSError as error:
            raise UsageError(
                msg("{target} cannot be written", target=target), why=error.strerror or str(error)
            ) from error
        return target

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: an image with the twin as its alternative text; plain text elsewhere."""
        return {"text/html": html(self.svg, self.alt_text), "text/plain": self.alt_text}


def picture(
    graph: Graph, *, lang: str = "", previous: Layout | None = None, styled: bool = True, room: int = 0
) -> Picture:
    """Draws a graph.

    Args:
        graph: What to draw.
        lang: Language of its words.
        previous: The layout of an earlier picture: what was there stays where it was.
        styled: With its own style sheet (a picture that stands alone), or without (the page has one).
        room: The width there is, 0 for any.
    """
    graph = admit(graph)
    if graph.lens == "anatomy" and any(node.parts for node in graph.nodes):
        svg, told = anatomy(graph, lang, styled=styled)
        return Picture(svg, told, graph, lang)
    if isinstance(graph, Rollout):
        svg, told = rollout(graph, lang, styled=styled, room=room)
        return Picture(svg, told, graph, lang)
    placed = arrange(graph, previous, room)
    return Picture(draw(graph, placed, lang, styled=styled), describe_graph(graph, lang), graph, lang, placed)


def html(svg: str, told: str) -> str:
    """An `<img>` that carries its picture in itself, so that it shows wherever HTML does, and is read aloud.

    As large as it was drawn: a narrow page scrolls it rather than making its text too small to read.
    """
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    alt = escape(told, quote=True)
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:none;height:auto">'


# ---- Graphs in Graphviz' language, the exchange format of graphs; its program is needed for pixels only

_STYLES = {EdgeState.SOLID: "solid", EdgeState.BROKEN: "dashed", EdgeState.WAITING: "dotted"}
_FORMATS = ("png", "pdf", "jpg", "gif", "webp", "ps", "json")


def dot(graph: Graph, lang: str = "") -> str:
    """The DOT document of a graph: nodes are called by their ids, labels say what cards say."""
    import graphviz  # noqa: PLC0415  (40 ms that only pictures need)

    document = graphviz.Digraph(
        "k8s_tutor", graph_attr={"rankdir": "LR"}, node_attr={"shape": "box", "style": "rounded"}
    )
    names = {
        node.id: f"n{index}" for index, node in enumerate(graph.nodes)
    }  # ids hold colons, which DOT takes for ports
    for node in graph.nodes:
        document.node(names[node.id], graphviz.escape(_label(node, lang)), tooltip=graphviz.escape(label(node, lang)))
    for edge in graph.edges:
        said = edge.cause or edge.label
        text = graphviz.escape(say(said, lang)) if said is not None else None
        document.edge(names[edge.source], names[edge.target], text, style=_STYLES[edge.state])
    return str(document.source)


def export(source: str, suffix: str) -> bytes:
    """Has Graphviz draw a DOT document.

    Args:
        source: The document.
        suffix: The wanted format as a file's ending, `.png`.

    Raises:
        UsageError: no such format, or the Graphviz program is not installed.
    """
    import graphviz  # noqa: PLC0415

    wanted = suffix.lower().lstrip(".")
    if wanted not in _FORMATS:
        raise UsageError(
            msg('a picture cannot be saved as "{suffix}"', suffix=suffix),
            next_step=msg("use .svg, .txt, .dot, or {formats}", formats="." + ", .".join(_FORMATS)),
        )
    try:
        return bytes(graphviz.Source(source).pipe(format=wanted))
    except graphviz.ExecutableNotFound as error:
        raise UsageError(
            msg(
                "a .{wanted} file needs the Graphviz program, and it is not installed (or not on the PATH)",
                wanted=wanted,
            ),
            why=msg("SVG, text and DOT need no other program, pixels do"),
            next_step=msg('save as ".svg", or install Graphviz: graphviz.org/download'),
        ) from error


def _label(node: Node, lang: str) -> str:
    kind, word = kind_word(node.kind, lang), say(node.health.word, lang)
    return "\n".join(row for row in (kind, name_of(node, lang).removeprefix(f"{kind} "), word) if row)


# ---- A drawing of a lesson in a notebook: it stands in the page itself, so that it follows the page's theme

_HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


@dataclass(frozen=True)
class ShownDrawing:
    """A drawing, ready to be shown.

    Attributes:
        svg: A whole `<svg>`, or HTML around one, whose ids and rules are its own alone.
        alt_text: Its text twin: also read aloud, and shown where a frontend takes the picture away.
    """

    svg: str
    alt_text: str

    def __repr__(self) -> str:
        return self.alt_text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the picture, with its words for those who hear them."""
        said = "".join(f"<p>{escape(line)}</p>" for line in self.alt_text.splitlines())
        caption = f'<figcaption style="{_HIDDEN}">{said}</figcaption>'
        html = f'<figure style="margin:0;max-width:960px;position:relative">{self.svg.strip()}{caption}</figure>'
        return {"text/html": html, "text/plain": self.alt_text}


# ---- One object, large, with its parts


_BORDER, _TITLE = 16, 40  # around the card, and above it for the node's name
_GAP, _LEAD = 34, 14
_ROW, _MARGIN = 38, 16
_NODE = (msg("Node"), msg("the machine it was put on; it stays there until its end"))
_POD = (msg("Pod"), msg("the smallest thing Kubernetes starts and deletes: always as a whole"))
_ADDRESS = (msg("Address"), msg("one for the whole Pod; inside it, containers meet on localhost"))
_LABELS = (msg("Labels"), msg("free words by which others find it"))
_CONTAINER = (msg("Container"), msg("a program, started from an image"))
_CONTAINERS = (msg("Containers"), msg("programs, each started from its own image, with files of its own"))
_EXPLAINED = (
    (msg_template("address {address}"), _ADDRESS),
    (msg_template("address {address}, shared by its containers"), _ADDRESS),
    (msg("no address yet"), _ADDRESS),
    (msg_template("labels {labels}"), _LABELS),
)


@dataclass(frozen=True, slots=True)
class _Point:
    """Something to explain: at which height, its name and what it is."""

    y: int
    words: tuple[Message, Message]


def anatomy(graph: Graph, lang: str = "", *, styled: bool = True) -> tuple[str, str]:
    """The annotated picture of the pod in a graph of the lens `anatomy`, and its twin.

    Returns:
        SVG and text.
    """
    pod = next(node for node in graph.nodes if node.parts)
    machine = next((node for node in graph.nodes if node.kind == "Node"), None)
    card = Position(0, 0, layout.WIDE, layout.height_of(pod), 0)
    points = list(_points(pod, machine))
    said = [(say(point.words[0], lang), say(point.words[1], lang)) for point in points]
    told = [
        f"{number}. {say(msg('{what}: {said}', what=name, said=text), lang)}"
        for number, (name, text) in enumerate(said, 1)
    ]
    words = "\n".join([describe_graph(graph, lang), *told])
    edge = card.width + (_BORDER if machine else 0)
    x = edge + _GAP + _LEAD
    tops = spread([(point.y - 16, _ROW) for point in points], 4)
    notes = [
        _note(number, point.y, (edge, x, top), text)
        for number, (point, top, text) in enumerate(zip(points, tops, said, strict=True), 1)
    ]
    right = max(x + 22 + max(width(name, 13, bold=True), width(text, 11.5)) for name, text in said)
    top = min(-_TITLE - _BORDER if machine else 0, *tops) - _MARGIN
    bottom = max(card.height + _BORDER, tops[-1] + _ROW) + _MARGIN
    frame = Frame(-_BORDER - _MARGIN, top, round(right) + _BORDER + 2 * _MARGIN, bottom - top)
    title = say(msg("Anatomy of Pod {name}", name=pod.name), lang)
    body = _machine(machine, card) + draw_card(pod, card, lang) + "".join(notes)
    return document(body, frame, title, words, styled=styled), words


def _points(pod: Node, machine: Node | None) -> Iterator[_Point]:
    if machine is not None:
        yield _Point(-_TITLE + 14, _NODE)
    yield _Point(40, _POD)
    for index, fact in enumerate(shown_facts(pod)):
        for sentence, words in _EXPLAINED:
            if is_one_of(fact, sentence):
                yield _Point(layout.HEAD + index * layout.FACT, words)
    first = layout.HEAD + len(pod.facts) * layout.FACT
    yield _Point(first + 38, _CONTAINERS if len(pod.parts) > 1 else _CONTAINER)


def _machine(machine: Node | None, card: Position) -> str:
    if machine is None:
        return ""
    wide, tall = card.width + 2 * _BORDER, card.height + _TITLE + 2 * _BORDER
    return (
        f'<rect class="lane" x="{-_BORDER}" y="{-_TITLE - _BORDER}" width="{wide}" height="{tall}" rx="14"/>'
        + line(machine.kind, "kind", (0, -_TITLE + 4), 11, 120)
        + line(machine.name, "name", (0, -_TITLE + 24), 14, card.width - 10, middle=True)
    )


def _note(number: int, y: int, at: tuple[float, float, float], text: tuple[str, str]) -> str:
    edge, x, top = at
    middle = top + 16
    return (
        f'<path class="guide" d="M{edge:g} {y}h{_LEAD / 2:g}L{x - _LEAD:g} {middle:g}H{x - 2:g}"/>'
        f'<circle class="tag" cx="{x + 8:g}" cy="{middle:g}" r="10"/>'
        f'<text class="tag-text" x="{x + 8:g}" y="{middle + 4:g}" text-anchor="middle">{number}</text>'
        f'<text class="inner-name" x="{x + 26:g}" y="{top + 12:g}">{escape(text[0])}</text>'
        f'<text class="fact" x="{x + 26:g}" y="{top + 29:g}">{escape(text[1])}</text>'
    )
