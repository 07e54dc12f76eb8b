"""A picture as a value: SVG, its text twin, DOT; shows itself in notebooks, with or without a kernel."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.layout import Layout, layout
from k8s_tutor.graph.model import Graph
from k8s_tutor.render.anatomy import anatomy
from k8s_tutor.render.svg import draw
from k8s_tutor.render.twin import twin

__all__ = ["Picture", "html", "picture"]


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        svg: A whole SVG document.
        twin: The same in words, line by line.
        graph: What was drawn; None for time lines.
        lang: Language of its words.
        layout: Where the cards stand; give it to the next picture and they stay there. None for time lines.
    """

    svg: str
    twin: str
    graph: Graph | None = field(default=None, repr=False, compare=False)
    lang: str = "en"
    layout: Layout | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return self.twin

    def to_dot(self) -> str:
        """The graph in Graphviz' language, for other programs.

        Raises:
            UsageError: this picture is no graph but a time line.
        """
        if self.graph is None:
            raise UsageError("a time line is no graph: there is no DOT of it", next_step='save it as ".svg" or ".txt"')
        from k8s_tutor.render.dot import dot  # noqa: PLC0415  (imports graphviz: 60 ms for those who want it)

        return dot(self.graph, self.lang)

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file; the ending says how: `.svg`, `.txt`, `.dot`, or what Graphviz draws (`.png`).

        Returns:
            The file written.

        Raises:
            UsageError: an unknown ending, or the Graphviz program is needed and not there.
        """
        target = Path(path)
        if not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent} to save the picture in", next_step="make it first")
        suffix = target.suffix.lower()
        if suffix in (".svg", ".txt", ".dot", ".gv"):
            text = self.svg if suffix == ".svg" else f"{self.twin}\n" if suffix == ".txt" else self.to_dot()
            target.write_text(text, encoding="utf-8", newline="\n")
        else:
            from k8s_tutor.render.dot import export  # noqa: PLC0415

            target.write_bytes(export(self.to_dot(), suffix))
        return target

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: an image with the twin as its alternative text; plain text elsewhere."""
        return {"text/html": html(self.svg, self.twin), "text/plain": self.twin}


def picture(graph: Graph, *, lang: str = "en", previous: Layout | None = None) -> Picture:
    """Draws a graph.

    Args:
        graph: What to draw.
        lang: Language of its words.
        previous: The layout of an earlier picture: what was there stays where it was.
    """
    if graph.lens == "anatomy" and any(node.parts for node in graph.nodes):
        svg, told = anatomy(graph, lang)
        return Picture(svg, told, graph, lang)
    placed = layout(graph, previous)
    return Picture(draw(graph, placed, lang), twin(graph, lang), graph, lang, placed)


def html(svg: str, told: str) -> str:
    """An `<img>` that carries its picture in itself, so that it shows wherever HTML does, and is read aloud."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    alt = escape(told, quote=True)
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%;height:auto">'
