"""How a program ends itself from deep inside."""

from __future__ import annotations

__all__ = ["Exit"]


class Exit(Exception):
    """Ends the program from anywhere inside it, as `exit()` does."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
