"""Graphs in Graphviz' language, the exchange format of graphs; its program is needed for pixels only."""

from __future__ import annotations

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.model import EdgeState, Graph, Node
from k8s_tutor.render.twin import label, name_of
from k8s_tutor.render.words import say

__all__ = ["dot", "export"]

_STYLES = {EdgeState.SOLID: "solid", EdgeState.BROKEN: "dashed", EdgeState.WAITING: "dotted"}
_FORMATS = ("png", "pdf", "jpg", "gif", "webp", "ps", "json")


def dot(graph: Graph, lang: str = "en") -> str:
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
            f'a picture cannot be saved as "{suffix}"', next_step="use .svg, .txt, .dot, or ." + ", .".join(_FORMATS)
        )
    try:
        return bytes(graphviz.Source(source).pipe(format=wanted))
    except graphviz.ExecutableNotFound as error:
        raise UsageError(
            f"a .{wanted} file needs the Graphviz program, and it is not installed (or not on the PATH)",
            why="SVG, text and DOT need no other program, pixels do",
            next_step='save as ".svg", or install Graphviz: graphviz.org/download',
        ) from error


def _label(node: Node, lang: str) -> str:
    word = say(node.health.word, lang)
    return "\n".join(row for row in (node.kind, name_of(node, lang).removeprefix(f"{node.kind} "), word) if row)
