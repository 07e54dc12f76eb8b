"""One decision of a scheduler as a table: nodes, what each filter said of them, how they were scored, who won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from k8s_tutor.api.runs import Decision, NodeVerdict, Score
from k8s_tutor.language import Message, join_words, msg, msg_n, msg_template
from k8s_tutor.render.text import FONT, admit, page_css

__all__ = ["PlacementTable"]

_ABOUT: Mapping[str, Message] = {
    "TaintToleration": msg_template("fewer taints that say: rather not"),
    "NodeAffinity": msg_template("labels that it would like"),
    "PodTopologySpread": msg_template("fewer Pods of its kind"),
    "InterPodAffinity": msg_template("Pods that it would like near it"),
    "NodeResourcesFit": msg_template("more CPU and memory left"),
    "NodeResourcesBalancedAllocation": msg_template("CPU and memory filled alike"),
    "ImageLocality": msg_template("large images already there"),
}
_SHARES: Mapping[str, Message] = {
    "NodeResourcesFit": msg_template("CPU {cpu} %, memory {memory} % left"),
    "NodeResourcesBalancedAllocation": msg_template("CPU {cpu} %, memory {memory} % requested"),
}
_ALWAYS = tuple(_SHARES)  # shown also where they do not differ: a reader can work them out
_ROWS = 12  # nodes that get a row

_RULES = f"""
{{font:13px/1.45 {FONT};color:var(--ink);background:var(--page);border-radius:10px;padding:12px 14px;overflow-x:auto}}
 .head{{font-size:15px;font-weight:600}}
 table{{border-collapse:collapse;margin:10px 0;font-size:13px;background:var(--card);color:var(--ink)}}
 tr{{background:var(--card)}}
 th{{text-align:left;vertical-align:top;padding:6px 10px;border:1px solid var(--line);font-weight:600}}
 td{{text-align:left;vertical-align:top;padding:6px 10px;border:1px solid var(--line)}}
 td{{max-width:15em;white-space:normal}}
 thead th{{background:var(--lane)}}
 .small{{display:block;color:var(--soft);font-size:11.5px;font-weight:400}}
 .no{{color:var(--bad);font-weight:600}}
 .yes{{color:var(--ok);font-weight:600}}
 .unasked{{color:var(--soft)}}
 tr.chosen th{{border-left:4px solid var(--flow)}}
 p{{margin:4px 0}}
"""


@dataclass(frozen=True, repr=False)
class PlacementTable:
    """A decision that a notebook shows as a table, and anything else as sentences.

    Attributes:
        decision: What was decided, or recomputed.
        recomputed: Why it had to be recomputed; None for a scheduler's own record.
        left_out: Filters that could not be recomputed and have something to say about this Pod.
        attempts: How many attempts there were.
    """

    decision: Decision
    recomputed: Message | None = None
    left_out: tuple[str, ...] = ()
    attempts: int = 1

    def __post_init__(self) -> None:
        """Takes in what a scheduler said by the door that all text comes in by."""
        object.__setattr__(self, "decision", admit(self.decision))
        object.__setattr__(self, "recomputed", admit(self.recomputed))

    def __str__(self) -> str:
        return "\n".join(str(words) for words in (self._head, *self._told, *self._more, *self._closing))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: a table; the same in sentences where there is no HTML."""
        return {"text/html": self._html(), "text/plain": str(self)}

    # ---- what there is to say

    @property
    def _head(self) -> Message:
        node, pod = self.decision.node, self.decision.pod.name
        if self.recomputed is not None:
            if not node:
                return msg("Pod {pod} is on no node. Which could run it?", pod=pod)
            return msg("Pod {pod} is on {node}. Which nodes could run it?", pod=pod, node=node)
        if node:
            return msg("Pod {pod} → {node}", pod=pod, node=node)
        return msg("Pod {pod}: no node (attempt {n} of {all})", pod=pod, n=self.decision.attempt, all=self.attempts)

    @cached_property
    def _shown(self) -> Sequence[NodeVerdict]:
        rows = self.decision.verdicts
        if len(rows) <= _ROWS:
            return rows
        chosen = self.decision.node
        return sorted(rows, key=lambda row: (row.node != chosen, row.refusal is not None, -row.total))[:_ROWS]

    @property
    def _more(self) -> list[Message]:
        hidden = len(self.decision.verdicts) - len(self._shown)
        return [msg_n("and {n} more node", "and {n} more nodes", n=hidden)] if hidden else []

    @property
    def _closing(self) -> list[Message]:
        if self.recomputed is not None:
            said = [msg("{why} What stands here is recomputed from what the API shows now.", why=self.recomputed)]
            if self.left_out:
                said.append(msg("Not recomputed: {filters}.", filters=", ".join(self.left_out)))
            return said
        if not self.decision.node:
            return [msg("{message}", message=self.decision.message)]
        scored = [row for row in self.decision.verdicts if row.scores]
        if not scored:
            return [msg("{node} is the only node left: nothing to compare, no scores.", node=self.decision.node)]
        most = max(row.total for row in scored)
        equal = [row.node for row in scored if row.total == most and row.node != self.decision.node]
        if not equal:
            return [msg("{node} has the most points: {points}.", node=self.decision.node, points=most)]
        words = msg(
            "{node} and {others} have the most points: {points}. Between equals this scheduler takes the first by name;"
            " a real one draws lots.",
            node=self.decision.node, others=", ".join(equal), points=most,
        )  # fmt: skip
        return [words]

    @property
    def _told(self) -> list[Message]:
        return [self._sentence(row) for row in self._shown]

    def _sentence(self, row: NodeVerdict) -> Message:
        if row.refusal is not None:
            reasons = ", ".join(row.refusal.reasons)
            return msg("✖ {node}: {filter} refuses: {why}", node=row.node, filter=row.refusal.plugin, why=reasons)
        passes = msg_n("passes {n} filter", "passes all {n} filters", n=len(self.decision.filters))
        if not row.scores:
            return msg("✔ {node}: {passes}", node=row.node, passes=passes)
        parts = [_in_words(score) for score in self._compared(row)]
        if self._alike:
            parts.append(msg("alike {points}", points=_sum(self._others(row))))
        return msg(
            "✔ {node}: {passes}; {points} points: {parts}", node=row.node, passes=passes, points=row.total,
            parts=join_words(parts),
        )  # fmt: skip

    # ---- which columns

    @cached_property
    def _refusing(self) -> Sequence[str]:
        """Filters with a column, in the order in which they are asked: those that refused; all of a recomputation."""
        if self.recomputed is not None:
            return self.decision.filters
        return [name for name in self.decision.filters if name in self.decision.refused_by()]

    @cached_property
    def _alike(self) -> frozenset[str]:
        """Scores that are the same for all nodes: one column will do."""
        found: dict[str, set[int]] = {}
        for row in self.decision.verdicts:
            for score in row.scores:
                found.setdefault(score.plugin, set()).add(score.value)
        return frozenset(name for name, values in found.items() if len(values) == 1 and name not in _ALWAYS)

    def _compared(self, row: NodeVerdict) -> Sequence[Score]:
        return [score for score in row.scores if score.plugin not in self._alike]

    def _others(self, row: NodeVerdict) -> Sequence[Score]:
        return [score for score in row.scores if score.plugin in self._alike]

    # ---- as HTML

    def _html(self) -> str:
        rows = "".join(self._row(row) for row in self._shown)
        closing = "".join(f"<p>{_safe(words)}</p>" for words in (*self._more, *self._closing))
        return (
            f'<section class="k8s-placement"><style>{page_css(".k8s-placement", _RULES)}</style>'
            f'<div class="head">{_safe(self._head)}</div>'
            f"<table><thead>{self._columns()}</thead><tbody>{rows}</tbody></table>{closing}</section>"
        )

    @cached_property
    def _example(self) -> NodeVerdict | None:
        return next((row for row in self._shown if row.scores), None)

    def _columns(self) -> str:
        rest = len(self.decision.filters) - len(self._refusing)
        filters = [f'<th scope="col">{escape(name)}</th>' for name in self._refusing]
        if rest:
            named = [name for name in self.decision.filters if name not in self._refusing]
            many = msg_n("{n} more filter", "{n} more filters", n=rest) if filters else msg("all filters")
            filters.append(f'<th scope="col" title="{escape(", ".join(named))}">{_safe(many)}</th>')
        scores = []
        if self._example is not None:
            for score in self._compared(self._example):
                about = _ABOUT.get(score.plugin)
                small = f'<span class="small">{_safe(about.fill())}</span>' if about else ""
                scores.append(f'<th scope="col">{_breakable(score.plugin)} ×{score.weight}{small}</th>')
            if self._alike:
                alike = ", ".join(f"{one.plugin} {one.value} ×{one.weight}" for one in self._others(self._example))
                scores.append(f'<th scope="col" title="{escape(alike)}">{_safe(msg("alike everywhere"))}</th>')
            scores.append(f'<th scope="col">{_safe(msg("points"))}</th>')
        head = f'<th rowspan="2" scope="col">{_safe(msg("node"))}</th>'
        head += f'<th colspan="{len(filters)}" scope="colgroup">{_safe(msg("filters"))}</th>'
        head += f'<th colspan="{len(scores)}" scope="colgroup">{_safe(msg("scores"))}</th>' if scores else ""
        return f"<tr>{head}</tr><tr>{''.join((*filters, *scores))}</tr>"

    def _row(self, row: NodeVerdict) -> str:
        here = row.node == self.decision.node
        mark = f'<span class="small">{_safe(self._mark)}</span>' if here else ""
        cells = [*self._filter_cells(row), *self._score_cells(row)]
        css = ' class="chosen"' if here else ""
        return f'<tr{css}><th scope="row">{escape(row.node)}{mark}</th>{"".join(cells)}</tr>'

    @property
    def _mark(self) -> Message:
        return msg("➜ chosen") if self.recomputed is None else msg("➜ it is here")

    def _filter_cells(self, row: NodeVerdict) -> list[str]:
        order = self.decision.filters
        end = order.index(row.refusal.plugin) if row.refusal is not None else len(order)
        cells = [self._filter_cell(row, name, order.index(name) - end) for name in self._refusing]
        asked = [name for name in order[:end] if name not in self._refusing]
        if len(order) > len(self._refusing):
            cells.append(f'<td><span class="yes">✔</span> {len(asked)}</td>' if asked else _UNASKED)
        return cells

    def _filter_cell(self, row: NodeVerdict, name: str, past: int) -> str:
        if past < 0:
            return '<td><span class="yes">✔</span></td>'
        if past > 0 or row.refusal is None:
            return _UNASKED
        why = escape(", ".join(row.refusal.reasons))
        return f'<td><span class="no">✖</span> {why}</td>'

    def _score_cells(self, row: NodeVerdict) -> list[str]:
        if self._example is None:
            return []
        if not row.scores:
            return [_UNASKED] * (len(self._compared(self._example)) + bool(self._alike) + 1)
        cells = []
        for score in self._compared(row):
            shares = _shares(score)
            small = f'<span class="small">{_safe(shares).replace(" %", "&nbsp;%")}</span>' if shares else ""
            cells.append(f"<td>{score.value}{small}</td>")
        if self._alike:
            cells.append(f"<td>{_sum(self._others(row))}</td>")
        return [*cells, f"<td><b>{row.total}</b></td>"]


_UNASKED = '<td><span class="unasked">–</span></td>'


def _shares(score: Score) -> Message | None:
    if score.plugin not in _SHARES or len(score.shares) != 2:
        return None
    cpu, memory = score.shares
    return _SHARES[score.plugin].fill(cpu=cpu, memory=memory)


def _in_words(score: Score) -> Message:
    shares = _shares(score)
    weighed = f"{score.value} × {score.weight}" if score.weight > 1 else str(score.value)
    if shares is None:
        return msg("{plugin} {points}", plugin=score.plugin, points=weighed)
    return msg("{plugin} {points} ({shares})", plugin=score.plugin, points=weighed, shares=shares)


def _sum(scores: Sequence[Score]) -> int:
    return sum(score.value * score.weight for score in scores)


def _breakable(name: str) -> str:
    """`NodeResourcesFit`, which may break before its capitals: a column need not be as wide as its head."""
    return "".join(f"<wbr>{letter}" if letter.isupper() else letter for letter in name)


def _safe(words: Message) -> str:
    return escape(str(words))
