"""Running a notebook from fresh: a new kernel, a home of its own, a cluster chosen by name."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from k8s_tutor.lessons.notebooks import Notebook
from k8s_tutor.lessons.source import LessonError

__all__ = ["EMBEDDED", "Stage", "execute"]


_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Stage:
    """Where a notebook is run.

    Attributes:
        environment: Variables for the kernel, on top of this process's own.
        timeout: Real seconds a cell may take.
    """

    environment: Mapping[str, str]
    timeout: int = 120


EMBEDDED = Stage({"K8S_TUTOR_CLUSTER": "embedded", "K8S_TUTOR_PACE": "awaited", "K8S_TUTOR_KUBECTL": "builtin"})
"""What outputs are made on: the embedded cluster, where time moves only while a cell waits."""


def execute(built: Notebook, stage: Stage = EMBEDDED) -> Notebook:
    """The notebook with outputs, run in a fresh kernel with an empty state folder.

    Raises:
        LessonError: a cell failed, or took too long; names the cell.
    """
    import nbformat  # noqa: PLC0415  only those who build lessons have these
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: PLC0415

    node = nbformat.from_dict(built)  # type: ignore[no-untyped-call]
    with _home(stage.environment):
        client = NotebookClient(
            node, timeout=stage.timeout, kernel_name="python3", record_timing=False, coalesce_streams=True,
            store_widget_state=False,
        )  # fmt: skip
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failed(node, error) from error
    return dict(node)


def _failed(node: Any, error: Exception) -> LessonError:
    done = [cell for cell in node.cells if cell.cell_type == "code" and cell.execution_count]
    cell = done[-1] if done else node.cells[0]
    first = cell.source.partition("\n")[0]
    return LessonError(
        f"Cell {cell.id} ({first!r}) did not run through.", why=_ANSI.sub("", str(error)).strip()[-1500:]
    )


@contextmanager
def _home(variables: Mapping[str, str]) -> Iterator[None]:
    """Kernels inherit this process's environment; the state folder is new, so that no progress is left from before."""
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-lesson-", ignore_cleanup_errors=True) as home:
        wanted = {"K8S_TUTOR_HOME": home, **variables}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
