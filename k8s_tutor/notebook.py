"""Magics for notebooks: `%%apply`, `%kubectl`, `%graph`, `%check`, on the session that was connected last.

Law: only words in, session calls out. Registered when `connect` is imported inside IPython; nothing here is needed
outside of it.
"""

from __future__ import annotations

import sys
from typing import Any

from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.session import require_session

__all__ = ["MAGICS", "register_magics"]


def _apply(line: str, cell: str | None = None) -> None:
    """`%%apply`: the cell is a manifest; `%apply FILE` takes a file."""
    if cell is None and not line.strip():
        raise UsageError(
            msg("%apply needs a file's name."), next_step=msg("Or write %%apply, and the manifest below it.")
        )
    require_session().apply(line.strip() if cell is None else cell)


def _kubectl(line: str, cell: str | None = None) -> Any:
    """`%kubectl get pods`; the cell of `%%kubectl apply -f -` is its standard input."""
    return require_session().kubectl(line, stdin=cell or "")


def _graph(line: str) -> Any:
    """`%graph`, `%graph pod/web`, `%graph pod/web traffic`."""
    focus, _, lens = line.strip().partition(" ")
    return require_session().graph(focus, lens.strip() or "default")


def _check(line: str) -> Any:
    """`%check pods-1`."""
    if not line.strip():
        raise UsageError(
            msg("%check needs the name of an exercise."),
            next_step=msg("For example {example}.", example="%check pods-1"),
        )
    return require_session().check(line.strip())


MAGICS = {"apply": _apply, "kubectl": _kubectl, "graph": _graph, "check": _check}
"""Every magic by name."""


def register_magics() -> None:
    """Makes the magics known to the running IPython; does nothing outside of one."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    for name, function in MAGICS.items():
        kind = "line_cell" if name in ("apply", "kubectl") else "line"
        shell.register_magic_function(function, magic_kind=kind, magic_name=name)
