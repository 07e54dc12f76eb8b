"""How a command leaves a loop or a function from within."""

from __future__ import annotations

__all__ = ["Break", "Return"]


class Break(Exception):
    """`break` (or `continue`) out of so many loops."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Return(Exception):
    """`return` from a function."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
