"""`k8s-tutor workshop`: create, status, board, help, reset, extend, remove for whoever teaches; join for who learns.

Each command works on one cluster that is named (`--context`), and prints what a person needs. What destroys something
asks first. Imports what it needs when it runs: the options alone are read with every command line.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from k8s_tutor.errors import Cancelled, ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, msg, msg_n

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.workshop.classroom import Classroom
    from k8s_tutor.workshop.handout import Handouts
    from k8s_tutor.workshop.seats import Seat

__all__ = ["add_options"]

_HOURS = 10.0
_FOLDER = Path("k8s-tutor-workshop")
_YES = ("y", "yes", "是")
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_Run: TypeAlias = Callable[[argparse.Namespace], int]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The commands of `k8s-tutor workshop`."""
    commands = parser.add_subparsers(title=str(msg("commands")), required=True, metavar="COMMAND")
    _add_create(commands)
    status = _add(commands, "status", _status, str(msg("say who is where, who is stuck, and what is broken")))
    status.add_argument("--json", action="store_true", help=str(msg("the same for programs")))
    page = _add(commands, "board", _board, str(msg("show the same on a page that follows the cluster, until Ctrl-C")))
    page.add_argument("--port", type=int, default=0, help=str(msg("port of 127.0.0.1 (default: a free one)")))
    for command in (status, page):
        command.add_argument("--hide-names", action="store_true", help=str(msg("say learner 1, 2 … in place of names")))
    look = _add(commands, "help", _look, str(msg("show a learner's namespace as a picture; nothing is changed")))
    empty = _add(commands, "reset", _reset, str(msg("empty a learner's namespace of what lessons have made")))
    for command in (look, empty):
        command.add_argument("learner", metavar="LEARNER", help=str(msg("their name, as the status has it")))
    longer = _add(commands, "extend", _extend, str(msg("give new kubeconfigs that work longer")))
    longer.add_argument("learner", nargs="*", metavar="LEARNER", help=str(msg("only theirs (default: everybody's)")))
    gone = _add(commands, "remove", _remove, str(msg("remove the workshop: nothing of it is left on the cluster")))
    for command in (empty, gone):
        command.add_argument("--yes", action="store_true", help=str(msg("do not ask")))
    for command in (longer, gone):
        command.add_argument("--folder", type=Path, default=_FOLDER, help=str(msg("where the kubeconfigs are")))
    _add_handing_out(longer)
    says = str(msg("for learners: open the lessons with the kubeconfig that you were given"))
    join = commands.add_parser("join", help=says, description=says)
    join.set_defaults(run=_join)
    join.add_argument("file", metavar="FILE", help=str(msg("the kubeconfig, or an https:// address of it")))
    join.add_argument("--no-lab", action="store_true", help=str(msg("only say whether it works")))


def _add(commands: _Commands, name: str, run: _Run, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=says)
    parser.set_defaults(run=run)
    parser.add_argument("--context", required=True, metavar="NAME", help=str(msg("context of your kubeconfig")))
    parser.add_argument("--name", default="workshop", help=str(msg("the workshop's name (default: workshop)")))
    return parser


def _add_create(commands: _Commands) -> None:
    create = _add(commands, "create", _create, str(msg("make a place for each learner, or what is missing of them")))
    create.add_argument("--learners", type=int, default=0, metavar="N", help=str(msg("how many come")))
    create.add_argument("--names", type=Path, metavar="FILE", help=str(msg("who comes: a name a line")))
    create.add_argument("--folder", type=Path, default=_FOLDER, help=str(msg("where to write the kubeconfigs")))
    create.add_argument(
        "--load-balancers", default="", metavar="FROM-TO", help=str(msg("install MetalLB with these addresses"))
    )
    _add_handing_out(create)


def _add_handing_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--server", default="", metavar="URL", help=str(msg("address by which learners reach the API server"))
    )
    parser.add_argument(
        "--url", default="", help=str(msg("https:// address of a folder that learners fetch their files from"))
    )
    says = str(msg("how long kubeconfigs work from now on (default: {hours:.0f})", hours=_HOURS))
    parser.add_argument("--hours", type=float, default=_HOURS, metavar="N", help=says)


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[tuple[Cluster, Classroom]]:
    from k8s_tutor.api.client import Client  # noqa: PLC0415
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415
    from k8s_tutor.cluster.progress import choose_report  # noqa: PLC0415
    from k8s_tutor.workshop.classroom import Classroom  # noqa: PLC0415

    cluster = ContextCluster(options.context.removeprefix("context:"))
    try:
        yield cluster, Classroom(Client(cluster.api), cluster.clock, options.name, choose_report())
    finally:
        cluster.close()


def _say(*words: Wording) -> None:
    for line in words:
        print(line, flush=True)


# ---- Making and extending


def _create(options: argparse.Namespace) -> int:
    from k8s_tutor.workshop.classroom import read_definitions  # noqa: PLC0415
    from k8s_tutor.workshop.seats import make_names  # noqa: PLC0415

    seats = make_names(options.name, _read_names(options.names), options.learners)
    with _opened(options) as (cluster, room):
        _say(msg("on {cluster}", cluster=cluster.title))
        notes = room.create(seats, read_definitions())
        if options.load_balancers:
            notes.append(room.bring_load_balancers(options.load_balancers))
        handouts = _handouts(cluster, options)
        everybody = room.seats()
        _hand_out(room, handouts, [one for one in everybody if _lacks(one, handouts, room)], options.hours)
        _tell_files(room, handouts)
    _say(*notes)
    where = f"--context {options.context}" + ("" if options.name == "workshop" else f" --name {options.name}")
    _say(msg("Who is where: {command}", command=f"k8s-tutor workshop board {where}"))
    _say(msg("At the end: {command}", command=f"k8s-tutor workshop remove {where}"))
    return 0


def _read_names(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(
            msg("The names cannot be read: {path}", path=path),
            why=str(error),
            next_step=msg("A text file in UTF-8, a learner's name a line."),
        ) from error


def _lacks(seat: Seat, handouts: Handouts, room: Classroom) -> bool:
    """Whether there is no kubeconfig yet that works: none was given, it has ended, or its file is not here."""
    from k8s_tutor.clock import from_rfc3339  # noqa: PLC0415

    return not (handouts.has(seat) and seat.until and from_rfc3339(seat.until) > room.clock.now())


def _handouts(cluster: Cluster, options: argparse.Namespace) -> Handouts:
    from k8s_tutor import kubeconfig  # noqa: PLC0415
    from k8s_tutor.workshop.handout import Handouts, is_local, reachable_cluster  # noqa: PLC0415

    entry = kubeconfig.entry(cluster.context, [cluster.kubeconfig])
    reachable = reachable_cluster(entry, options.server)
    if is_local(reachable):
        _say(
            msg(
                "This cluster answers at {server}: only learners on this machine reach it. --server URL names another "
                "address.",
                server=reachable.get("server"),
            )
        )
    return Handouts(options.folder, reachable, options.url)


def _hand_out(room: Classroom, handouts: Handouts, seats: Sequence[Seat], hours: float) -> None:
    if not seats:
        return
    from k8s_tutor.cluster.progress import reported  # noqa: PLC0415

    with reported(room.report, msg("Kubeconfigs"), len(seats)) as report:
        for seat in seats:
            report.step(seat.name)
            handouts.write(seat, room.issue(seat, hours))


def _tell_files(room: Classroom, handouts: Handouts) -> None:
    """Where the files are, and when they end."""
    from k8s_tutor.clock import from_rfc3339  # noqa: PLC0415
    from k8s_tutor.workshop.handout import describe_files, write_when  # noqa: PLC0415

    seats = room.seats()
    until = {seat.label: from_rfc3339(seat.until) for seat in seats if seat.until}
    handouts.write_all(seats, until)
    _say(describe_files(handouts.folder, len(seats)))
    if until:
        _say(msg("They work until {when}.", when=write_when(min(until.values()))))


def _extend(options: argparse.Namespace) -> int:
    with _opened(options) as (cluster, room):
        seats = [room.find(name) for name in options.learner] or room.required()
        handouts = _handouts(cluster, options)
        _hand_out(room, handouts, seats, options.hours)
        _tell_files(room, handouts)
    _say(msg("Hand the new files out: a token that was given cannot be made longer, and ends when it said."))
    return 0


# ---- Looking


def _status(options: argparse.Namespace) -> int:
    from k8s_tutor.workshop.board import read_board  # noqa: PLC0415

    with _opened(options) as (_, room):
        now = read_board(room, hide_names=options.hide_names)
    print(now.to_json() if options.json else now)
    return 0


def _look(options: argparse.Namespace) -> int:
    from k8s_tutor.lab import is_headless  # noqa: PLC0415
    from k8s_tutor.render.picture import html  # noqa: PLC0415
    from k8s_tutor.workshop.board import draw  # noqa: PLC0415

    with _opened(options) as (_, room):
        seat, drawn = room.find(options.learner), draw(room, options.learner)
    folder = Path(tempfile.mkdtemp(prefix="k8s-tutor-"))  # 0700, as what is in a namespace is not for everybody
    page = folder / f"{seat.label}.html"
    head = f"<!doctype html><meta charset='utf-8'><title>{escape(seat.name)}</title>"
    page.write_text(f"{head}<h1>{escape(seat.name)}</h1>{html(drawn.svg, drawn.alt_text)}", encoding="utf-8")
    _say(drawn.alt_text, msg("As a picture: {page}", page=page))
    if not is_headless(os.environ, sys.platform):
        webbrowser.open(page.as_uri())
    return 0


def _board(options: argparse.Namespace) -> int:
    from k8s_tutor.embedded.runner.serve import signals  # noqa: PLC0415
    from k8s_tutor.workshop.board import read_board  # noqa: PLC0415
    from k8s_tutor.workshop.pages import BoardPages, LocalPages  # noqa: PLC0415

    with _opened(options) as (_, room), signals() as (ending, _received):
        read = partial(read_board, room, hide_names=options.hide_names)
        read()  # an error is told here, not on the page
        with LocalPages(BoardPages(room, read).answer, options.port) as server:
            _say(msg("The board: {url}", url=server.url), msg("Ctrl-C ends it."))
            while not ending.wait(0.5):  # Windows interrupts no longer wait
                pass
    return 0


# ---- Emptying and removing


def _reset(options: argparse.Namespace) -> int:
    with _opened(options) as (_, room):
        seat = room.find(options.learner)
        _ask(msg("Everything that lessons have made in namespace {name} goes.", name=seat.namespace), yes=options.yes)
        gone = room.reset(seat)
    _say(
        msg_n("{n} object removed.", "{n} objects removed.", gone),
        msg("What {name} has made by hand, without a lesson's label, stays.", name=seat.name),
        msg("To go on, {name} runs the first cell of the lesson again.", name=seat.name),
    )
    return 0


def _remove(options: argparse.Namespace) -> int:
    from k8s_tutor.workshop.handout import Handouts  # noqa: PLC0415

    with _opened(options) as (_, room):
        seats = room.seats()
        names = ", ".join(seat.namespace for seat in seats)
        _ask(
            msg(
                "All of workshop {workshop} goes, with everything in its {n} namespaces: {names}",
                workshop=options.name, n=len(seats), names=names or msg("none are left"),
            ),
            yes=options.yes,
        )  # fmt: skip
        notes = room.remove()
        Handouts(options.folder, {}).remove(seats)
    _say(*notes, msg("Workshop {workshop} is removed.", workshop=options.name))
    return 0


def _ask(what: Wording, *, yes: bool) -> None:
    """Goes on only after a yes.

    Raises:
        UsageError: nobody is there to say it.
        Cancelled: it was a no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            what, why=msg("Nobody is here who could be asked."), next_step=msg("Say that you mean it: --yes")
        )
    if input(f"{what}\n{msg('Go on? [y/N] ')}").strip().lower() not in _YES:
        raise Cancelled(msg("Nothing was changed."))


# ---- At the learner's


def _join(options: argparse.Namespace) -> int:
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415
    from k8s_tutor.lab import LabOptions, run_lab  # noqa: PLC0415
    from k8s_tutor.workshop.handout import read_handout, welcome  # noqa: PLC0415

    path, entry = read_handout(options.file)
    try:
        cluster = ContextCluster(entry.context, [path])
    except ClusterUnavailable as error:
        error.next_step = msg(
            "Ask whoever runs the workshop: perhaps your kubeconfig has ended, and there is a new one."
        )
        raise
    name, words = welcome(cluster)
    cluster.close()
    _say(words)
    os.environ.update(KUBECONFIG=str(path), K8S_TUTOR_CLUSTER=f"context:{entry.context}", K8S_TUTOR_LEARNER=name)
    if not options.no_lab:
        run_lab(LabOptions())
    return 0
