"""`k8s-tutor`: the learner's commands. Thin: each imports what it needs when it runs, and prints what a person needs.

argparse, because it is there: the commands are few and flat, and a library for them would cost a third of the time
that `k8s-tutor --help` takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.version import __version__

if TYPE_CHECKING:
    from k8s_tutor.exercises.progress import Progress

__all__ = ["main"]

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code (0 done, 1 failed with a message, 2 wrong usage, 130 Ctrl-C)."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except TutorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("\n✗ Stopped by Ctrl-C. The same command may be run again.", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="k8s-tutor",
        description="Learn Kubernetes in notebooks, on a cluster in this process or on kind.",
        epilog="Start with: k8s-tutor lab",
    )
    parser.add_argument("--version", action="version", version=f"k8s-tutor {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_lab(commands)
    _add(commands, "lessons", _lessons, "list the lessons and where they are")
    check = _add(commands, "check", _check, "say which exercises are solved, or check some on the running cluster")
    check.add_argument("exercise", nargs="*", help="such as pods-1; none: what was solved so far")
    use = _add(commands, "use", _use, "choose the cluster that connect() takes from now on")
    use.add_argument("cluster", help="embedded, kind or context:NAME; automatic: what is there, as at first")
    _add(commands, "up", _up, "make the kind cluster, or find the one that is there")
    _add(commands, "down", _down, "remove the kind cluster that k8s-tutor made, and nothing else")
    _add(commands, "status", _status, "say which clusters there are, and which one connect() would take")
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(
    commands: _Commands, name: str, run: Callable[[argparse.Namespace], int], says: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _add_lab(commands: _Commands) -> None:
    lab = _add(commands, "lab", _lab, "open the course in JupyterLab, on your own copies of the lessons")
    lab.add_argument("--port", type=int, default=0, help="port to listen on (default: 8888, or the next free one)")
    lab.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    lab.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="open a browser (default: if this machine has a screen)",
    )
    lab.add_argument("--folder", type=Path, help="where your copies are (default: k8s-tutor-lessons)")


def _lab(options: argparse.Namespace) -> int:
    from k8s_tutor.lab import LabOptions, run_lab  # noqa: PLC0415

    run_lab(LabOptions(options.port, options.host, options.browser, options.folder))
    return 0


def _lessons(_: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from k8s_tutor.lessons.workspace import originals  # noqa: PLC0415

    folder = originals()
    for notebook in sorted(folder.glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        lines = ("".join(cell["source"]).lstrip("# ").partition("\n")[0] for cell in cells)
        print(f"{notebook.name:28} {next(lines, '')}")
    print(f"\nin {folder}; `k8s-tutor lab` opens your own copies of them")
    return 0


def _check(options: argparse.Namespace) -> int:
    if not options.exercise:
        return _solved_so_far()
    from k8s_tutor.api.client import Client  # noqa: PLC0415
    from k8s_tutor.cluster.running import running_cluster  # noqa: PLC0415
    from k8s_tutor.exercises.catalog import exercise  # noqa: PLC0415
    from k8s_tutor.session.catalog import lesson  # noqa: PLC0415
    from k8s_tutor.session.exercising import Exercises  # noqa: PLC0415

    chosen = [exercise(name) for name in options.exercise]  # a misspelt one is told before a cluster is asked
    if inside := next((item.id for item in chosen if item.answer is not None), None):
        raise UsageError(
            f"{inside} is about a function in your notebook, which cannot be seen from here",
            next_step=f'check it in the notebook: t.check("{inside}")',
        )
    cluster = running_cluster()
    print(f"on {cluster.title}")
    exercises = Exercises(Client(cluster.api), cluster.clock, _progress())
    verdicts = [exercises.check(item.id, lesson(item.lesson).namespace, {}) for item in chosen]
    cluster.close()
    print("\n".join(str(verdict) for verdict in verdicts))
    return 0 if all(verdict.passed for verdict in verdicts) else EXIT_FAILED


def _solved_so_far() -> int:
    from k8s_tutor.exercises.catalog import LESSONS, exercises  # noqa: PLC0415

    progress = _progress()
    known = [item for lesson in LESSONS for item in exercises(lesson)]
    solved = progress.solved()
    for item in known:
        tries = progress.entry(item.id).get("attempts", 0)
        state = "✓ solved" if item.id in solved else f"✗ tried {tries} times" if tries else "○ not tried yet"
        print(f"{item.id:12} {state:16} {item.title}")
    print(f"\n{len(solved)} of {len(known)} solved")
    return 0


def _progress() -> Progress:
    from k8s_tutor.cluster.state import state_dir  # noqa: PLC0415
    from k8s_tutor.exercises.progress import Progress  # noqa: PLC0415

    return Progress(state_dir() / "progress.json")


def _use(options: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import choose, save_choice  # noqa: PLC0415

    save_choice(None if options.cluster == "automatic" else options.cluster)
    choice = choose()
    print(f"connect() takes: {choice.cluster}, because {choice.why}")
    return 0


def _up(_: argparse.Namespace) -> int:
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415

    cluster = KindCluster()
    print(f"Ready: {cluster.title}\nkubectl for it: kubectl --kubeconfig {cluster.kubeconfig}")
    cluster.close()
    return 0


def _down(_: argparse.Namespace) -> int:
    from k8s_tutor.cluster.kind_status import remove_kind_cluster  # noqa: PLC0415

    print("The kind cluster is removed." if remove_kind_cluster() else "There is no kind cluster of ours to remove.")
    return 0


def _status(_: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import choose  # noqa: PLC0415
    from k8s_tutor.cluster.kind_status import kind_status  # noqa: PLC0415
    from k8s_tutor.cluster.running import embedded_kubeconfigs  # noqa: PLC0415
    from k8s_tutor.cluster.state import state_dir  # noqa: PLC0415

    choice = choose()
    print(f"connect() takes: {choice.cluster}, because {choice.why}")
    print(f"kind:            {kind_status()}")
    running = embedded_kubeconfigs()
    print(f"embedded:        {len(running)} running, one in each notebook's kernel that has connected to it")
    for path in running:
        print(f"                 kubectl --kubeconfig {path}")
    print(f"files of ours:   {state_dir()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
