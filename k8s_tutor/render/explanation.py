"""An explanation as cards: one a field, in the order of the evidence, the command to type at the end.

And what an opened card of a live picture says: what the object is, how it is and why, what happened to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from k8s_tutor.explain.explanation import Evidence, Explanation
from k8s_tutor.graph.model import LOOKS, State
from k8s_tutor.language.message import Message, msg, plain
from k8s_tutor.render.cards import mark
from k8s_tutor.render.text import FONT, page_css

__all__ = ["WHAT", "ExplanationCards", "answer", "cards"]

_MONO = "ui-monospace,'Cascadia Mono','Noto Sans Mono',monospace"
_COLOURS = {State.GOOD: "ok", State.UNREADY: "warn", State.FAILING: "bad"}

_RULES = f"""
{{font:13px/1.45 {FONT};color:var(--ink);background:var(--page);border-radius:10px;padding:12px 14px;max-width:46em}}
 .head{{display:flex;gap:10px;align-items:baseline;font-size:15px;font-weight:600}}
 .head svg{{flex:none;align-self:center}}
 ol{{list-style:none;margin:10px 0 0;padding:0}}
 li{{position:relative;margin:0 0 22px;padding:8px 12px;border:1px solid var(--line);border-radius:10px}}
 li{{background:var(--card)}}
 li::after{{content:"↓";position:absolute;left:22px;bottom:-22px;color:var(--flow);font-size:15px;line-height:22px}}
 li.last{{border-width:2px}}
 .kind{{color:var(--soft);font-size:11px}}
 .name{{font-weight:600;font-size:14px;margin-left:6px;overflow-wrap:anywhere}}
 .field{{font:12px/1.5 {_MONO};color:var(--soft);overflow-wrap:anywhere}}
 .value{{color:var(--ink);white-space:pre-wrap}}
 .next{{padding:8px 12px;background:var(--lane);border:1px solid var(--line);border-radius:10px}}
 .next code{{font:12px/1.5 {_MONO};color:var(--ink);background:none;overflow-wrap:anywhere;user-select:all}}
"""


@dataclass(frozen=True, repr=False)
class ExplanationCards:
    """An explanation that a notebook shows as cards, and anything else as text.

    Attributes:
        explanation: What is explained.
    """

    explanation: Explanation

    def __str__(self) -> str:
        return str(self.explanation)

    def __repr__(self) -> str:
        return str(self.explanation)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: cards; the same words where there is no HTML."""
        return {"text/html": cards(self.explanation), "text/plain": str(self.explanation)}


def cards(explanation: Explanation) -> str:
    """The HTML of an explanation: a headline with the mark of the state, a card a step, the next command."""
    colour = _COLOURS.get(explanation.state, "wait")
    steps = "".join(
        _card(step, last=number == len(explanation.steps), colour=colour)
        for number, step in enumerate(explanation.steps, 1)
    )
    shown = mark(LOOKS[explanation.state].shape, 7, 7)
    glyph = (
        f'<svg width="14" height="14" aria-hidden="true" style="color:var(--{colour})">{shown}</svg>' if shown else ""
    )
    command = ""
    if explanation.next_command:
        words = msg("Next: {command}", command="")
        command = (
            f'<div class="next"><span class="kind">{_safe(str(words))}</span>'
            f" <code>{_safe(explanation.next_command)}</code></div>"
        )
    headline = _safe(str(explanation.headline))
    return (
        f'<section class="k8s-explanation" role="group" aria-label="{headline}">'
        f"<style>{page_css('.k8s-explanation', _RULES)}</style>"
        f'<div class="head">{glyph if shown else ""}<span>{headline}</span></div>'
        f"<ol>{steps}</ol>{command}</section>"
    )


def _card(step: Evidence, *, last: bool, colour: str) -> str:
    kind, _, name = step.ref.partition(" ")
    value = f' <span class="value">= {_safe(step.value)}</span>' if step.value else ""
    style = f' class="last" style="border-color:var(--{colour})"' if last else ""
    return (
        f'<li{style}><span class="kind">{_safe(kind)}</span><span class="name">{_safe(name)}</span>'
        f"<div>{_safe(str(step.sentence))}</div>"
        f'<div class="field">{_safe(step.field)}{value}</div></li>'
    )


def _safe(text: str) -> str:
    return escape(plain(text), quote=True)


# ---- What an opened card says

WHAT: Mapping[str, Message] = {
    "Pod": msg("The smallest thing Kubernetes starts and deletes: one or more containers that share an address."),
    "Service": msg("One name and one address for all Pods with certain labels, whichever they are just now."),
    "Deployment": msg(
        "Keeps so many Pods of one version running, and replaces them step by step with the next version."
    ),
    "ReplicaSet": msg("Keeps so many Pods of one template running: makes what is missing, deletes what is too many."),
    "StatefulSet": msg("Keeps Pods with names and volumes of their own, made and deleted in order."),
    "DaemonSet": msg("Keeps one Pod on every node that fits."),
    "Job": msg("Runs Pods until so many have ended well."),
    "CronJob": msg("Makes a Job whenever its time has come."),
    "Node": msg("A machine that runs Pods."),
    "ConfigMap": msg("Settings, apart from the programs that read them."),
    "Secret": msg("Like a ConfigMap, for what not everybody may read."),
    "PersistentVolumeClaim": msg("Asks for storage that outlives the Pods that use it."),
    "PersistentVolume": msg("A piece of storage, there for one claim."),
    "Ingress": msg("Rules by which requests from outside find a Service, by host and path."),
    "EndpointSlice": msg("The list of addresses behind a Service, and which of them are ready."),
}
_OTHER = msg("An object of a kind that somebody has added to this cluster.")


def answer(kind: str, explained: Explanation, events: Sequence[str], log: str, command: str) -> str:
    """The HTML of an opened card.

    Args:
        kind: What kind of object it is.
        explained: How it is, and why.
        events: The latest about it, a line each.
        log: The last lines of its container; empty where there is none.
        command: The kubectl line that shows the same.
    """
    parts = [f"<p>{_safe(str(WHAT.get(kind, _OTHER)))}</p>", cards(explained)]
    if events:
        parts.append(f"<h4>{_safe(str(msg('Events')))}</h4><pre>{_lines(events)}</pre>")
    if log:
        parts.append(f"<h4>{_safe(str(msg('Log, its last lines')))}</h4><pre>{_lines(log.splitlines())}</pre>")
    shows = _safe(str(msg("The same in a terminal:")))
    return "".join(parts) + f"<h4>{shows}</h4><code>{_safe(command)}</code>"


def _lines(rows: Sequence[str]) -> str:
    return "\n".join(_safe(row) for row in rows)
