"""Writes down what real Kubernetes prints in each chapter of the session.

    python -m tests.interop.session.record KUBECONFIG [CHAPTER ...]
    python -m tests.interop.session.record --embedded [CHAPTER ...]

The first takes the texts from the cluster of a kubeconfig (its current context). The second plays on the embedded
cluster and shows where it differs; with `--accept` it writes both texts into the chapter, for what is not simulated.
"""

from __future__ import annotations

import argparse
import difflib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.interop.session.playing import CHAPTERS, HERE, chapter, play
from tests.interop.session.transcript import Chapter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedded", action="store_true", help="play on the embedded cluster")
    parser.add_argument("--accept", action="store_true", help="with --embedded: write its texts beside the real ones")
    parser.add_argument("words", nargs="*", metavar="KUBECONFIG | CHAPTER")
    arguments = parser.parse_args()
    names = arguments.words if arguments.embedded else arguments.words[1:]
    chapters = [chapter(name) for name in names or CHAPTERS]
    if arguments.embedded:
        with tempfile.TemporaryDirectory() as home:
            os.environ["K8S_TUTOR_HOME"] = home
            for one in chapters:
                _embedded(one, accept=arguments.accept)
        return
    with tempfile.TemporaryDirectory() as cache, ThreadPoolExecutor(3) as pool:
        for _ in pool.map(lambda one: _record(one, Path(arguments.words[0]).resolve(), Path(cache)), chapters):
            pass


def _record(one: Chapter, kubeconfig: Path, cache: Path) -> None:
    for step, said in zip(one.steps, play(one, kubeconfig, cache), strict=True):
        step.real = said
        if step.embedded == said:
            step.embedded = None
    _write(one)


def _embedded(one: Chapter, *, accept: bool) -> None:
    from tests.interop.session.fresh import embedded_cluster  # noqa: PLC0415  heavy

    with embedded_cluster() as (kubeconfig, cache):
        outputs = play(one, kubeconfig, cache)
    for step, said in zip(one.steps, outputs, strict=True):
        expected = step.expected(embedded=True)
        if said != expected:
            print(f"--- {one.name}: $ {step.command}")
            print("\n".join(difflib.unified_diff(expected.split("\n"), said.split("\n"), lineterm="", n=2)))
        if accept:
            step.embedded = None if said == step.real else said
    if accept:
        _write(one)


def _write(one: Chapter) -> None:
    (HERE / "chapters" / f"{one.name}.txt").write_text(one.text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
