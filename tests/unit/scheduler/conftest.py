"""The playground of the controllers' tests."""

from __future__ import annotations

from tests.unit.controllers.conftest import play

__all__ = ["play"]
