"""`k8s-tutor`: the learner's commands. Thin: each imports what it needs when it runs, and prints what a person needs.

argparse, because it is there: the commands are few and flat, and a library for them would cost a third of the time
that `k8s-tutor --help` takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from k8s_tutor.errors import TutorError
from k8s_tutor.version import __version__

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


if __name__ == "__main__":
    sys.exit(main())
