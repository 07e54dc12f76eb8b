"""What just changed, a line each: what the live picture's log says."""

from __future__ import annotations

from k8s_tutor.graph.diff import Difference
from k8s_tutor.graph.model import Node, State, phrase
from k8s_tutor.render.twin import name_of
from k8s_tutor.render.words import say

__all__ = ["news"]


def news(changes: Difference, lang: str = "en") -> list[str]:
    """Sentences about cards that came, went, or are in another state; cards of what is not there make no news.

    The cause comes after its consequences, as the last line is the one that is read: first what counts pods, then the
    pods, then what came and went.
    """
    changed = sorted(changes.changed, key=lambda pair: pair[1].kind == "Pod")
    lines = [line for before, after in changed for line in _changed(before, after, lang)]
    lines += [say(phrase("log-added", name_of(node, lang)), lang) for node in changes.added if _real(node)]
    lines += [say(phrase("log-removed", name_of(node, lang)), lang) for node in changes.removed if _real(node)]
    return lines


def _real(node: Node) -> bool:
    return node.health.state is not State.ABSENT and node.count == 1


def _changed(before: Node, after: Node, lang: str) -> list[str]:
    name = name_of(after, lang)
    was, now = say(before.health.word, lang), say(after.health.word, lang)
    if was != now and after.count == 1:
        return [say(phrase("log-changed", name, was, now), lang)]
    parts = {part.id: part for part in before.parts}
    return [
        say(phrase("log-changed", f"{name}, {part.name}", say(parts[part.id].health.word, lang), word), lang)
        for part in after.parts
        if part.id in parts and (word := say(part.health.word, lang)) != say(parts[part.id].health.word, lang)
    ]
