"""What a kernel of `k8s-tutor lab` says when it is new and somebody goes on in the middle of a notebook.

Law: light, as each kernel begins with it. A learner whose kernel was restarted would else read `NameError: name 't' is
not defined`, with a traceback.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg

__all__ = ["explain_missing_session"]


def explain_missing_session() -> None:
    """From now on a cell that needs `t` before there is one is told which cells to run. Only inside of a kernel."""
    shell = sys.modules["IPython"].get_ipython() if "ipykernel" in sys.modules else None
    if shell is not None:
        shell.set_custom_exc((NameError,), _explained)


def _explained(
    shell: Any, kind: type[NameError], error: NameError, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """What stands below the cell: our sentence, or IPython's own traceback for every other name."""
    if error.name != "t" or "t" in shell.user_ns:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    told = UsageError(
        msg("This kernel is new: it has run none of the cells above."),
        next_step=msg("Choose Run → Run All Above Selected Cell, then run this cell again."),
    )
    shell.showtraceback((UsageError, told, None))
