"""A picture as a value: SVG, its text twin, DOT; shows itself in notebooks, with or without a kernel."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.layout import Layout, arrange
from k8s_tutor.graph.model import EdgeState, Graph, Node
from k8s_tutor.graph.rollout import Rollout
from k8s_tutor.language import msg, say
from k8s_tutor.render.alt_text import describe_graph, label, name_of
from k8s_tutor.render.anatomy import anatomy
from k8s_tutor.render.rollout import rollout
from k8s_tutor.render.svg import draw
from k8s_tutor.render.text import admit, kind_word

__all__ = ["Picture", "ShownDrawing", "dot", "export", "html", "picture"]


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
