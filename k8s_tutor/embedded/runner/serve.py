"""Keeps a cluster up for terminals and other programs, until it is told to end.

Behind `python -m k8s_tutor.embedded` and `k8s-tutor serve`. Light to import: the cluster comes with the first start.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from k8s_tutor.language import msg

__all__ = ["add_options", "serve", "signals"]

_PACES = ("realtime", "awaited", "paused")
_NAP = 0.5  # seconds; Windows interrupts no longer wait
_INTERRUPTED = 130
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What may be said about the cluster."""
    parser.add_argument(
        "--port", type=int, default=0, help=str(msg("port of 127.0.0.1 it answers on (default: a free one)"))
    )
    parser.add_argument("--kubeconfig", type=Path, metavar="FILE", help=str(msg("write its kubeconfig here, too")))
    parser.add_argument(
        "--nodes", type=int, default=3, help=str(msg("how many nodes, the control plane included (default: 3)"))
    )
    parser.add_argument(
        "--seed", type=int, default=0, help=str(msg("names, uids and addresses follow from it (default: 0)"))
    )
    parser.add_argument(
        "--pace", choices=_PACES, help=str(msg("who moves its time (default: K8S_TUTOR_PACE, else realtime)"))
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help=str(msg("of its time, if realtime (default: 1)"))
    )


def serve(options: argparse.Namespace, say: Callable[[str], None], hint: str = "") -> int:
    """Starts a cluster, says how to reach it, and ends it when a signal comes.

    Args:
        options: See `add_options`.
        say: Shows a line.
        hint: One more line, about what else can be done with it.

    Returns:
        130 after Ctrl-C, else 0.

    Raises:
        UsageError: it cannot be started so.
    """
    with signals() as (ending, received):
        from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  # not needed for --help
        from k8s_tutor.embedded.runner.files import copy_to, remove_copy  # noqa: PLC0415
        from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415

        mode = PaceMode(options.pace) if options.pace else None
        cluster = EmbeddedCluster(mode, seed=options.seed, speed=options.speed, nodes=options.nodes, port=options.port)
        copy: Path | None = options.kubeconfig and options.kubeconfig.expanduser().absolute()
        try:
            if copy is not None:
                copy_to(copy, cluster.kubeconfig)
            pace, url = cluster.pace.mode, cluster.url
            say(str(msg("Ready: {cluster}, {pace} pace, at {url}", cluster=cluster.title, pace=pace, url=url)))
            say(f"kubeconfig: {copy or cluster.kubeconfig}")
            command = f"kubectl --kubeconfig {_quote(copy or cluster.kubeconfig)} get nodes"
            say(str(msg("kubectl for it: {command}", command=command)))
            if hint:
                say(hint)
            say(str(msg("Ctrl-C ends it; nothing of it is kept.")))
            while not ending.wait(_NAP):
                pass
        finally:
            if copy is not None:
                remove_copy(copy, cluster.kubeconfig)
            cluster.close()
    return _INTERRUPTED if signal.SIGINT in received else 0


@contextmanager
def signals() -> Iterator[tuple[threading.Event, list[int]]]:
    """An event that is set when the process is told to end, and the signals that came."""
    ending, received = threading.Event(), list[int]()

    def note(number: int, _: object) -> None:
        received.append(number)
        ending.set()

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    previous = {number: signal.signal(number, note) for number in numbers}
    try:
        yield ending, received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _quote(path: Path) -> str:
    if sys.platform == "win32":
        return f'"{path}"' if " " in str(path) else str(path)
    return shlex.quote(str(path))
