"""The picture of a rollout: the room it has as a band, its versions side by side with bars, Pods as small marks.

Colours and shapes are those of all pictures; what is drawn only here carries its style with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from k8s_tutor.graph.model import Node
from k8s_tutor.graph.rollout import Counts, Role, Rollout, Version
from k8s_tutor.language import Wording, join_words, msg, say
from k8s_tutor.render.alt_text import label, name_of
from k8s_tutor.render.cards import line, mark
from k8s_tutor.render.svg import Frame, document
from k8s_tutor.render.text import clipped, width, wrapped

__all__ = ["describe_rollout", "rollout"]

_MARGIN, _GAP, _PAD = 16, 16, 14
_PANEL = 376  # width of a version
_WIDE = 2 * _PANEL + _GAP  # of what goes across, where there is room for two versions side by side
_ROW, _FACT, _NAME, _INNER = 20, 11.5, 14.0, 12.0
_THICK = 10  # height of a bar
_CHIP, _CHIP_STEP = 24, 30  # height of a Pod's mark; from one row to the next
_HALF = (_PANEL - 2 * _PAD - 8) // 2  # width of a mark with another beside it
_BARS, _PODS = 84, 172  # where in a version its bars and its Pods begin
_AXIS, _COUNT = 96, 44  # room for a bar's name at its left, for its number at its right
_BAND = 124  # height of the part with the band
_OLD = "fill:var(--lane);stroke:var(--own);stroke-width:1.25"
_NEW = "fill:var(--flow);stroke:var(--flow);stroke-width:1.25"
_INK = "fill:var(--ink)"
_ROOM = "fill:var(--flow);opacity:.14"
_LIMIT = "stroke:var(--flow);stroke-width:1.5;stroke-dasharray:5 3"
_ROLES = {Role.OLD: msg("old"), Role.NEW: msg("new"), Role.ONLY: msg("in use")}
_TOTAL, _UP = msg("Pods"), msg("available")
_WANTED = "stroke:var(--own);stroke-width:1;stroke-dasharray:1.5 3"


def rollout(graph: Rollout, lang: str = "", *, styled: bool = True, room: int = 0) -> tuple[str, str]:
    """The picture of a Deployment's rollout, and its twin.

    Args:
        graph: What to draw.
        lang: Language of its words.
        styled: With its own style sheet (a picture that stands alone), or without (the page has one).
        room: The width there is, 0 for any: where it is little, versions stand one below the other.

    Returns:
        SVG and text.
    """
    across = 1 if room and room < _WIDE + 2 * _MARGIN else 2
    wide = _WIDE if across > 1 else _PANEL
    top, y = _deployment(graph.deployment, wide, lang)
    band, tall = _band(graph, y + _GAP, wide, lang)
    y += _GAP + tall
    nodes = [top]
    for pair in (graph.shown[at : at + across] for at in range(0, len(graph.shown), across)):
        y += _GAP
        height = max(_height(version, lang) for version in pair)
        for column, version in enumerate(pair):
            nodes += _version(version, graph, (_MARGIN + column * (_PANEL + _GAP), y), height, lang)
        y += height
    rows = list(enumerate(_notes(graph, lang), 1))
    notes = "".join(line(note, "note", (_MARGIN, y + _ROW * number + 8), _FACT, wide) for number, note in rows)
    y += _ROW * len(rows) + _MARGIN
    told = "\n".join(describe_rollout(graph, lang))
    body = f'<g class="lanes">{band}</g><g class="edges"></g><g class="nodes">{"".join(nodes)}</g>{notes}'
    title = say(msg("Rollout of Deployment {name}", name=graph.deployment.name), lang)
    return document(body, Frame(0, 0, wide + 2 * _MARGIN, y), title, told, styled=styled), told


# ---- In words


def describe_rollout(graph: Rollout, lang: str = "") -> Iterator[str]:
    """The rollout line by line; what the picture shows, and nothing else."""
    yield _sentence(graph.deployment, lang)
    yield from (f"  {say(fact, lang)}" for fact in graph.deployment.facts)
    for name, total, shares, limit in _gauges(graph, lang):
        said = msg("{what}: {said}", what=name, said=total)
        if len(graph.versions) > 1:
            said = msg("{said} ({more})", said=said, more=shares)
        yield f"  {say(msg('{before}; {part}', before=said, part=limit) if limit else said, lang)}"
    for version in graph.shown:
        said = msg("{what}: {said}", what=_head(version, lang), said=_counted(version.counts, lang))
        yield f"  {say(said, lang)}"
        yield from (f"    {_sentence(pod, lang)}" for pod in version.pods)
    yield from (f"  {note}" for note in _notes(graph, lang))


def _gauges(graph: Rollout, lang: str) -> Iterator[tuple[str, int, str, str]]:
    """The two numbers that have limits: name, number, whose Pods they are, limit."""
    limits = graph.limits
    most = msg(
        "at most {count} Pods: {wanted} wanted + {surge} surge",
        count=limits.maximum,
        wanted=limits.replicas,
        surge=limits.surge,
    )
    least = msg(
        "at least {count} available: {wanted} wanted − {unavailable} unavailable",
        count=limits.minimum_available,
        wanted=limits.replicas,
        unavailable=limits.unavailable,
    )
    total = [version.counts.current for version in graph.versions]
    up = [version.counts.available for version in graph.versions]
    for name, numbers, limit in ((_TOTAL, total, most), (_UP, up, least)):
        shares = join_words(
            f"{_role(version, lang)} {number}" for version, number in zip(graph.versions, numbers, strict=True)
        )
        yield say(name, lang), sum(numbers), say(shares, lang), say(limit, lang) if limits.rolling else ""


def _counted(counts: Counts, lang: str) -> str:
    return say(join_words(f"{name} {number}" for name, number in _bars(counts, lang)), lang)


def _bars(counts: Counts, lang: str) -> list[tuple[str, int]]:
    names = (msg("desired"), msg("current"), msg("ready"), _UP)
    numbers = (counts.desired, counts.current, counts.ready, counts.available)
    return [(say(name, lang), number) for name, number in zip(names, numbers, strict=True)]


def _sentence(node: Node, lang: str) -> str:
    said = msg("{what}: {said}", what=name_of(node, lang), said=node.health.word)
    if node.health.cause is not None:
        said = msg("{what}: {said}", what=said, said=node.health.cause)
    return say(said, lang)


def _head(version: Version, lang: str) -> str:
    facts = " · ".join(_facts(version, lang))
    revision = say(msg("revision {number}", number=version.revision), lang)
    more = join_words([_role(version, lang), revision, facts])
    return say(msg("{said} ({more})", said=name_of(version.node, lang), more=more), lang)


def _role(version: Version, lang: str) -> str:
    return say(_ROLES[version.role], lang)


def _facts(version: Version, lang: str) -> list[str]:
    said = [say(fact, lang) for fact in version.node.facts]
    if version.changed:
        said.append(say(msg("changed: {fields}", fields=", ".join(version.changed)), lang))
    return said


def _notes(graph: Rollout, lang: str) -> Iterator[str]:
    if beyond := len(graph.versions) - len(graph.shown):
        yield say(msg("older versions that still have Pods, not drawn: {count}", count=beyond), lang)
    if graph.kept:
        kept = (
            say(msg("revision {number} ({images})", number=revision, images=images), lang)
            for revision, images in graph.kept
        )
        yield say(msg("kept to go back to: {versions}", versions=join_words(kept)), lang)


# ---- The Deployment, across the top


def _deployment(node: Node, wide: int, lang: str) -> tuple[str, int]:
    """Its card and where it ends."""
    rows = [row for said in _reasons(node) for row in wrapped(say(said, lang), _FACT, wide - 2 * _PAD)]
    height = 56 + _ROW * len(rows)
    facts = "".join(line(row, "fact", (_PAD, 66 + _ROW * at), _FACT, wide) for at, row in enumerate(rows))
    inside = (
        f'<rect class="card" width="{wide}" height="{height}" rx="10"/>'
        + line(node.kind, "kind", (_PAD, 22), 11, 200)
        + _state(node, wide, lang)
        + line(node.name, "name", (_PAD, 45), _NAME, wide - 2 * _PAD, middle=True)
        + facts
    )
    return _node(node, (_MARGIN, _MARGIN), inside, lang), _MARGIN + height


def _reasons(node: Node) -> list[Wording]:
    return [said for said in (node.health.cause, *node.facts) if said is not None]


def _state(node: Node, room: int, lang: str) -> str:
    """Word and mark of a state at the right edge."""
    word = escape(say(node.health.word, lang))
    return f'<text class="word" x="{room - _PAD - 16}" y="22" text-anchor="end">{word}</text>' + mark(
        node.health.look.shape, room - _PAD - 5, 18
    )


def _node(node: Node, at: tuple[int, int], inside: str, lang: str, more: str = "") -> str:
    """One thing to walk to: known by its id, so that a live picture sees it move."""
    told = say(join_words([label(node, lang), more]), lang) if more else label(node, lang)
    named = f' data-name="{escape(f"{node.kind}/{node.name}", quote=True)}"' if node.name else ""
    return (
        f'<g class="node {node.health.state}" data-id="{escape(node.id, quote=True)}"{named} tabindex="0" role="img"'
        f' aria-label="{escape(told, quote=True)}" transform="translate({at[0]},{at[1]})">'
        f"<title>{escape(told)}</title>{inside}</g>"
    )


# ---- The band: between the fewest that have to be available and the most there may be


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a number of Pods to a place on a line."""

    left: float
    room: float
    most: int

    @property
    def right(self) -> float:
        """Where numbers end."""
        return self.left + self.room + _COUNT

    def at(self, number: int) -> float:
        return self.left + self.room * number / max(self.most, 1)


def _band(graph: Rollout, y: int, wide: int, lang: str) -> tuple[str, int]:
    """The band and its height; where it is narrow, its title has a line to itself."""
    limits = graph.limits
    down = 0 if wide == _WIDE else 20
    scale = _Scale(_MARGIN + _PAD + _AXIS, wide - 2 * _PAD - _AXIS - _COUNT, max(limits.maximum, graph.total))
    rows = enumerate(_shares(graph, lang))
    bars = "".join(_stacked(name, shares, scale, y + down + 44 + row * 26) for row, (name, shares) in rows)
    title = line(say(msg("how far the rollout may go"), lang).upper(), "head", (_MARGIN + _PAD, y + 24), 11, 300)
    lane = f'<rect class="lane" x="{_MARGIN}" y="{y}" width="{wide}" height="{_BAND + down}" rx="12"/>'
    return lane + (_limits(graph, scale, y + down, lang) if limits.rolling else "") + title + bars, _BAND + down


def _shares(graph: Rollout, lang: str) -> list[tuple[str, list[tuple[Role, int, str]]]]:
    """For each bar its name and its stretches: whose Pods, how many, and that in words."""

    def of(numbers: Sequence[int]) -> list[tuple[Role, int, str]]:
        return [
            (version.role, number, str(number) if version.role is Role.ONLY else f"{_role(version, lang)} {number}")
            for version, number in zip(graph.versions, numbers, strict=True)
        ]

    total = of([version.counts.current for version in graph.versions])
    up = of([version.counts.available for version in graph.versions])
    return [(say(_TOTAL, lang), total), (say(_UP, lang), up)]


def _stacked(name: str, shares: Sequence[tuple[Role, int, str]], scale: _Scale, y: int) -> str:
    """One bar of several stretches, old ones hollow; each says its number where it is long enough."""
    drawn, before = [], 0
    for role, number, said in shares:
        if not number:
            continue
        x, end = scale.at(before), scale.at(before + number)
        old = role is Role.OLD
        style = _OLD if old else _NEW
        drawn.append(f'<rect x="{x:.4g}" y="{y}" width="{end - x:.4g}" height="16" rx="3" style="{style}"/>')
        text = next((text for text in (said, str(number)) if width(text, 11) + 8 < end - x), "")
        colour = "ink" if old else "page"
        if text:
            drawn.append(
                f'<text x="{(x + end) / 2:.4g}" y="{y + 12}" text-anchor="middle" font-size="11"'
                f' style="fill:var(--{colour})">{escape(text)}</text>'
            )
        before += number
    return (
        line(name, "fact", (_MARGIN + _PAD, y + 12), _FACT, _AXIS - 8)
        + "".join(drawn)
        + f'<text class="count" x="{scale.right}" y="{y + 13}" text-anchor="end">{before}</text>'
    )


def _limits(graph: Rollout, scale: _Scale, y: int, lang: str) -> str:
    limits = graph.limits
    least, most, wanted = (scale.at(n) for n in (limits.minimum_available, limits.maximum, limits.replicas))
    above, below = y + 34, y + 98
    top, bottom = (limit for _name, _number, _shares, limit in _gauges(graph, lang))
    ends = "".join(f'<path d="M{x:.4g} {above}V{below}" fill="none" style="{_LIMIT}"/>' for x in (least, most))
    wide = width(bottom, _FACT)
    first = _MARGIN + _PAD
    anchor, x = ("end", least) if least - wide > first else ("start", max(min(least, scale.right - wide), first))
    tall = below - above
    drawn = (
        f'<rect x="{least:.4g}" y="{above}" width="{max(most - least, 0):.4g}" height="{tall}" style="{_ROOM}"/>{ends}'
        f'<text class="fact" x="{most:.4g}" y="{y + 24}" text-anchor="end">{escape(top)}</text>'
        f'<text class="fact" x="{x:.4g}" y="{y + 114}" text-anchor="{anchor}">{escape(bottom)}</text>'
    )
    tick = say(msg("wanted: {count}", count=limits.replicas), lang)
    free = x if anchor == "end" else x + wide + 8
    if least < wanted < most and wanted - width(tick, _FACT) / 2 > free:
        drawn += (
            f'<path d="M{wanted:.4g} {above}V{below}" fill="none" style="{_WANTED}"/>'
            f'<text class="fact" x="{wanted:.4g}" y="{y + 114}" text-anchor="middle">{escape(tick)}</text>'
        )
    return drawn


# ---- Versions, side by side: counts as bars, Pods as marks


def _height(version: Version, lang: str) -> int:
    return _PODS + _CHIP_STEP * max(len(_rows(version.pods, lang)), 1) + 4


def _rows(pods: Sequence[Node], lang: str) -> list[list[Node]]:
    """Marks in rows: two beside each other, but what has more to say alone."""
    rows: list[list[Node]] = []
    for pod in pods:
        beside = rows and len(rows[-1]) == 1 and not _alone(rows[-1][0], lang)
        if beside and not _alone(pod, lang):
            rows[-1].append(pod)
        else:
            rows.append([pod])
    return rows


def _alone(pod: Node, lang: str) -> bool:
    word = say(pod.health.word, lang)
    return pod.health.cause is not None or _word_at(_short(pod, lang)) + width(word, _FACT, bold=True) + 8 > _HALF


def _short(pod: Node, lang: str) -> str:
    """The end of its name, which tells it from its like."""
    return say(pod.title, lang) if pod.title is not None else pod.name.rpartition("-")[2]


def _word_at(name: str) -> float:
    """Where in a mark the word begins, after the name."""
    return 26 + width(name, _INNER, bold=True) + 8


def _version(version: Version, graph: Rollout, at: tuple[int, int], height: int, lang: str) -> list[str]:
    node = version.node
    most = max(graph.limits.maximum, *(max(other.counts.desired, other.counts.current) for other in graph.versions))
    role = _role(version, lang)
    wide = width(role, 11) + 16
    revision = say(msg("revision {number}", number=version.revision), lang)
    kind = f"{node.kind} · {revision}"
    pill = _NEW if version.role is not Role.OLD else _OLD
    ink = "page" if version.role is not Role.OLD else "ink"
    inside = (
        f'<rect class="card" width="{_PANEL}" height="{height}" rx="10"/>'
        + line(kind, "kind", (_PAD, 22), 11, 200)
        + _state(node, _PANEL, lang)
        + line(node.name, "name", (_PAD, 45), _NAME, _PANEL - 2 * _PAD - wide - 8, middle=True)
        + f'<rect x="{_PANEL - _PAD - wide:.4g}" y="32" width="{wide:.4g}" height="18" rx="9" style="{pill}"/>'
        f'<text x="{_PANEL - _PAD - wide / 2:.4g}" y="45" text-anchor="middle" font-size="11"'
        f' style="fill:var(--{ink})">{escape(role)}</text>'
        + line(" · ".join(_facts(version, lang)), "fact", (_PAD, 66), _FACT, _PANEL - 2 * _PAD)
        + "".join(
            _bar(name, number, most, _BARS + _ROW * row, hollow=version.role is Role.OLD)
            for row, (name, number) in enumerate(_bars(version.counts, lang))
        )
    )
    if not version.pods:
        inside += line(say(msg("no Pods"), lang), "fact", (_PAD, _PODS + 16), _FACT, _PANEL)
    panel = _node(node, at, inside, lang, _counted(version.counts, lang))
    return [panel, *_chips(version.pods, (at[0], at[1] + _PODS), lang)]


def _bar(name: str, number: int, most: int, y: int, *, hollow: bool) -> str:
    """One count: its name, its bar, its number."""
    room = _PANEL - 2 * _PAD - _AXIS + 8 - _COUNT
    drawn = max(room * number / max(most, 1), 3) if number else 0
    x = _PAD + _AXIS - 8
    size = f'width="{drawn:.4g}" height="{_THICK}"'
    bar = f'<rect x="{x}" y="{y}" {size} rx="3" style="{_OLD if hollow else _NEW}"/>' if drawn else ""
    return (
        line(name, "fact", (_PAD, y + 9), _FACT, _AXIS - 12)
        + f'<path d="M{x} {y + _THICK / 2:g}h{room}" stroke="var(--line)"/>{bar}'
        f'<text class="count" x="{_PANEL - _PAD}" y="{y + 10}" text-anchor="end">{number}</text>'
    )


def _chips(pods: Sequence[Node], at: tuple[int, int], lang: str) -> Iterator[str]:
    for row, chips in enumerate(_rows(pods, lang)):
        for column, pod in enumerate(chips):
            place = (at[0] + _PAD + column * (_HALF + 8), at[1] + row * _CHIP_STEP)
            yield _node(pod, place, _chip(pod, _PANEL - 2 * _PAD if _alone(pod, lang) else _HALF, lang), lang)


def _chip(pod: Node, room: int, lang: str) -> str:
    """A Pod: mark, short name, word, and why."""
    name = clipped(_short(pod, lang), _INNER, room / 2, bold=True)
    x = _word_at(name)
    word = clipped(say(pod.health.word, lang), _FACT, room - x - 8, bold=True)
    after = x + width(word, _FACT, bold=True) + 8
    cause = say(pod.health.cause, lang) if pod.health.cause is not None and room - after > 40 else ""
    return (
        f'<rect class="card" width="{room}" height="{_CHIP}" rx="6"/>'
        + mark(pod.health.look.shape, 14, _CHIP // 2)
        + f'<text x="26" y="16.5" font-size="{_INNER:g}" font-weight="600" style="{_INK}">{escape(name)}</text>'
        f'<text class="word" x="{x:.4g}" y="16.5">{escape(word)}</text>'
        + (line(cause, "fact", (after, 16.5), _FACT, room - after - 8, middle=True) if cause else "")
    )
