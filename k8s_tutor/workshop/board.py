"""Who is where in a workshop: lesson, exercises solved, who is stuck on what, what is broken in whose namespace.

Read from the cluster alone: the records that learners' sessions write, and one list of each kind that pictures know.
Nothing is ever changed. As a table for a terminal, as JSON, as HTML for a page and for a notebook, where it is alive.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from math import inf
from typing import TYPE_CHECKING

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, follow
from k8s_tutor.clock import clock_face, rfc3339
from k8s_tutor.cluster.progress import Lines
from k8s_tutor.course.catalog import find_lesson, list_exercises
from k8s_tutor.course.progress import RECORD, WORKSHOP, Attendance
from k8s_tutor.errors import TutorError
from k8s_tutor.graph.cards import health_of
from k8s_tutor.graph.model import LOOKS, State
from k8s_tutor.language import msg
from k8s_tutor.language.commandline import pad
from k8s_tutor.language.message import plain
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot, take_snapshot
from k8s_tutor.render.text import FONT, page_css
from k8s_tutor.workshop.classroom import Classroom
from k8s_tutor.workshop.seats import SEAT, Seat

if TYPE_CHECKING:
    from k8s_tutor.render.live import LivePage
    from k8s_tutor.render.picture import Picture
    from k8s_tutor.session.cluster_session import ClusterSession

__all__ = ["Board", "Presence", "Row", "board", "look", "read_board"]

STUCK = 600.0
"""Seconds on one exercise after which somebody may want help."""
_AWAY = 900.0  # seconds without a sign of life
_BEAT = 3.0  # seconds after which a live board looks again, also where no record has changed
_SHOWN = 3  # broken objects that are named
_KINDS = (
    "pods", "services", "endpointslices", "replicasets", "deployments", "statefulsets", "jobs",
    "persistentvolumeclaims", "events",
)  # fmt: skip


class Presence(StrEnum):
    """How a learner is getting on."""

    ABSENT = "not here yet"
    WORKING = "working"
    STUCK = "stuck"
    DONE = "lesson done"
    AWAY = "away"


_SAID = {
    Presence.ABSENT: ("○", msg("not here yet")),
    Presence.WORKING: ("●", msg("working")),
    Presence.STUCK: ("▲", msg("stuck")),
    Presence.DONE: ("✔", msg("lesson done")),
    Presence.AWAY: ("◌", msg("away")),
}
"""A glyph of a shape of its own, and a word: nobody needs the colour."""


@dataclass(frozen=True)
class Row:
    """One learner.

    Attributes:
        name: As people write them, or what stands for it where names are hidden.
        label: In names on the cluster; empty where names are hidden.
        presence: How they are getting on.
        lesson: The lesson they are in, by name; empty for none yet.
        solved: Exercises of it that they have solved.
        count: Exercises that it has.
        total: Exercises that they have solved in all lessons.
        exercise: The one they are at: begun last, and not solved.
        minutes: Since it began.
        seen: When they last did something, seconds since the epoch; 0 for never.
        broken: What is not well in their namespace, in words.
    """

    name: str
    label: str
    presence: Presence
    lesson: str = ""
    solved: int = 0
    count: int = 0
    total: int = 0
    exercise: str = ""
    minutes: int = 0
    seen: float = 0.0
    broken: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the columns, in the reader's language."""
        glyph, word = _SAID[self.presence]
        at = str(msg("{exercise}, {n} min", exercise=self.exercise, n=self.minutes)) if self.exercise else ""
        more = len(self.broken) - _SHOWN
        told = [*self.broken[:_SHOWN], *([str(msg("and {n} more", n=more))] if more > 0 else [])]
        done = f"{self.solved}/{self.count}" if self.lesson else ""
        return self.name, f"{glyph} {word}", self.lesson, done, str(self.total), at, "; ".join(told)


@dataclass(frozen=True)
class Board:
    """All learners of a workshop at one moment.

    Attributes:
        workshop: Its name.
        rows: One for each learner.
        time: The cluster's time, seconds since the epoch.
    """

    workshop: str
    rows: tuple[Row, ...]
    time: float

    @property
    def title(self) -> str:
        """One line that counts."""
        here = sum(row.presence is not Presence.ABSENT for row in self.rows)
        stuck = sum(row.presence is Presence.STUCK for row in self.rows)
        return str(
            msg(
                "Workshop {workshop}: {here} of {count} are here, {stuck} stuck for ten minutes or more; {time}",
                workshop=self.workshop, here=here, count=len(self.rows), stuck=stuck, time=clock_face(self.time),
            )
        )  # fmt: skip

    def __str__(self) -> str:
        lines = [_heads(), *(row.cells for row in self.rows)]
        widths = [max(_width(line[column]) for line in lines) for column in range(len(lines[0]))]
        table = ("  ".join(pad(cell, widths[index]) for index, cell in enumerate(line)).rstrip() for line in lines)
        return "\n".join([*table, self.title])

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": f"<div class='k8s-tutor-board'>{self.html()}</div>"}

    def to_json(self) -> str:
        """The same for programs; its keys and words stay English."""
        rows = [
            {
                "name": row.name, "label": row.label, "state": row.presence.value, "lesson": row.lesson,
                "solved": row.solved, "exercises": row.count, "solvedInAll": row.total, "exercise": row.exercise,
                "minutes": row.minutes, "seen": rfc3339(row.seen) if row.seen else "", "broken": list(row.broken),
            }
            for row in self.rows
        ]  # fmt: skip
        whole = {"workshop": self.workshop, "time": rfc3339(self.time), "learners": rows}
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def html(self, link: Callable[[Row], str] = lambda _: "") -> str:
        """A table, with its style.

        Args:
            link: Where a learner's name leads; empty for nowhere.
        """
        heads = "".join(f"<th scope='col'>{escape(head)}</th>" for head in _heads())
        rows = "".join(_html_row(row, link(row)) for row in self.rows)
        return (
            f"<style>{CSS}</style><table><caption>{escape(self.title)}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


CSS = page_css(
    ".k8s-tutor-board",
    f"""
{{font:15px/1.45 {FONT};color:var(--ink);background:var(--page);overflow-x:auto;padding:8px}}
 table{{border-collapse:collapse;width:100%;background:var(--card);color:var(--ink)}}
 caption{{text-align:left;font-weight:600;padding:6px 0;color:var(--ink)}}
 th{{text-align:left;vertical-align:top;padding:6px 10px;border:1px solid var(--line);font-weight:600}}
 td{{text-align:left;vertical-align:top;padding:6px 10px;border:1px solid var(--line);overflow-wrap:anywhere}}
 thead th{{background:var(--lane)}}
 a{{color:inherit}}
 tr.stuck td.state{{color:var(--warn);font-weight:600}}
 tr.done td.state{{color:var(--ok);font-weight:600}}
 tr.absent td{{color:var(--soft)}}
 tr.away td{{color:var(--soft)}}
""",
)


def _heads() -> tuple[str, ...]:
    heads = (
        msg("learner"), msg("state"), msg("lesson"), msg("solved"), msg("in all"), msg("at exercise"), msg("not well")
    )  # fmt: skip
    return tuple(str(head) for head in heads)


def _html_row(row: Row, address: str) -> str:
    name, *cells = (escape(cell) for cell in row.cells)
    shown = f"<a href='{escape(address, quote=True)}'>{name}</a>" if address else name
    kinds = ("state", "lesson", "solved", "total", "exercise", "broken")
    inside = "".join(f"<td class='{kind}'>{cell}</td>" for kind, cell in zip(kinds, cells, strict=True))
    return f"<tr class='{row.presence.name.lower()}'><th scope='row'>{shown}</th>{inside}</tr>"


def _width(text: str) -> int:
    return len(text) * 2 - len(pad(text, len(text) * 2)) + len(text)


# ---- Reading


def read_board(room: Classroom, *, hide_names: bool = False) -> Board:
    """All learners as they are now.

    Args:
        room: The workshop.
        hide_names: Say `learner 1` in place of names, for the wall of a room.

    Raises:
        UsageError: there is no such workshop.
    """
    seats, now = room.required(), room.clock.now()
    records = room.client.list("leases", labels=f"{WORKSHOP}={room.workshop},{SEAT}")
    attendance = {metadata.namespace(one): Attendance.of(one) for one in records if metadata.name(one) == RECORD}
    snapshots = _snapshots(room.client, [seat.namespace for seat in seats], now)
    rows = []
    for number, seat in enumerate(seats, 1):
        row = _row(seat, attendance.get(seat.namespace, Attendance()), now, snapshots[seat.namespace])
        rows.append(_anonymous(row, number) if hide_names else row)
    return Board(room.workshop, tuple(rows), now)


def _anonymous(row: Row, number: int) -> Row:
    return Row(**{**vars(row), "name": str(msg("learner {n}", n=number)), "label": ""})


def _snapshots(client: Client, namespaces: Sequence[str], now: float) -> dict[str, Snapshot]:
    """One list of each kind for all: a request a learner and kind would be two hundred."""
    everything: dict[str, list[Obj]] = defaultdict(list)
    for obj in take_snapshot(client, "", _KINDS, time=now).objects:
        everything[metadata.namespace(obj)].append(obj)
    return {name: Snapshot(everything[name], time=now, namespace=name) for name in namespaces}


def _row(seat: Seat, known: Attendance, now: float, snapshot: Snapshot) -> Row:
    ids = _exercises(known.lesson)
    open_ones = [name for name in ids if name in known.tries and not known.tries[name].solved]
    at = max(open_ones, key=lambda name: known.tries[name].begun, default="")
    minutes = max(0, int(now - known.tries[at].begun) // 60) if at and known.tries[at].begun else 0
    solved = sum(known.tries[name].solved for name in ids if name in known.tries)
    presence = Presence.WORKING
    if not known.seen:
        presence = Presence.ABSENT
    elif ids and solved == len(ids):
        presence = Presence.DONE
    elif now - known.seen > _AWAY:
        presence = Presence.AWAY
    elif minutes * 60 >= STUCK:
        presence = Presence.STUCK
    total = sum(one.solved for one in known.tries.values())
    return Row(
        plain(seat.name), seat.label, presence, plain(known.lesson), solved, len(ids), total, at, minutes, known.seen,
        tuple(_broken(snapshot)),
    )  # fmt: skip


def _exercises(lesson: str) -> list[str]:
    """The ids of a lesson's exercises; none of one that is not known here."""
    if not lesson:
        return []
    try:
        return [one.id for one in list_exercises(find_lesson(lesson))]
    except TutorError:
        return []


def _broken(snapshot: Snapshot) -> Iterator[str]:
    """What fails or is not ready; of what was made by something that fails only the last link, the Pod."""
    sick = {
        metadata.uid(obj): (obj, health)
        for obj in snapshot.objects
        if obj.get("kind") not in ("Event", "EndpointSlice")
        and (health := health_of(obj, snapshot)).state in (State.FAILING, State.UNREADY)
    }
    makers = {owner.get("uid") for obj, _ in sick.values() for owner in metadata.owners(obj)}
    makers |= {
        owner.get("uid")
        for uid in makers
        for maker in snapshot.objects
        if metadata.uid(maker) == uid
        for owner in metadata.owners(maker)
    }
    for uid, (obj, health) in sick.items():
        if uid not in makers:
            yield plain(f"{LOOKS[health.state].glyph} {obj.get('kind')} {metadata.name(obj)}: {health.word}")


# ---- In a notebook


def board(t: ClusterSession, name: str = "workshop", *, hide_names: bool = False) -> LivePage:
    """The board of a workshop, alive: it follows the cluster until it is closed or the notebook ends.

        t = connect("context:NAME")
        board(t)

    Args:
        t: A session on the workshop's cluster, with its instructor's rights.
        name: The workshop's.
        hide_names: Say `learner 1` in place of names.

    Raises:
        UsageError: there is no such workshop.
    """
    from k8s_tutor.render.live import LivePage  # noqa: PLC0415  brings anywidget

    room = _room(t, name)
    ended = threading.Event()
    page = LivePage(_shown(read_board(room, hide_names=hide_names)), str(msg("Board of the workshop")), ended.set)
    threading.Thread(target=_follow, args=(room, page.show, ended, hide_names), daemon=True, name="board").start()
    return page


def look(t: ClusterSession, learner: str, name: str = "workshop") -> Picture:
    """A learner's namespace as it is now, as a picture; nothing is changed.

    Args:
        t: A session on the workshop's cluster, with its instructor's rights.
        learner: Their name.
        name: The workshop's.

    Raises:
        UsageError: there is no such workshop, or nobody of that name.
    """
    return draw(_room(t, name), learner)


def draw(room: Classroom, learner: str) -> Picture:
    """A learner's picture."""
    from k8s_tutor.session.pictures import Pictures  # noqa: PLC0415  # the board itself draws none

    return Pictures(room.client, room.clock).draw(room.find(learner).namespace, "", "default")


def _room(t: ClusterSession, name: str) -> Classroom:
    return Classroom(t.client, t.cluster.clock, name, Lines())


def _shown(now: Board) -> dict[str, str]:
    return {"html": f"<div class='k8s-tutor-board'>{now.html()}</div>", "text": str(now)}


def _follow(room: Classroom, show: Callable[[dict[str, str]], None], ended: threading.Event, hide: bool) -> None:
    """Shows the board again when a record has changed, and now and then, until it is closed."""
    records = Selection("leases", labels=f"{WORKSHOP}={room.workshop},{SEAT}")
    while not ended.wait(_BEAT):  # after a server was gone, not at once
        with suppress(TutorError):
            for _ in follow(room.client, room.clock, records, inf, beat=_BEAT):
                if ended.is_set():
                    return
                show(_shown(read_board(room, hide_names=hide)))
